// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRouter, createWebHistory } from 'vue-router'
import { recoverMissingParts } from '../../client/kit/missing-part.ts'

const fetched = vi.fn<() => Promise<Response>>()
const assign = vi.fn()
const gone = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module: /assets/x.js'))
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
const tell = vi.fn()
const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/gone', component: gone },
    { path: '/here', component: { template: '' } },
  ],
})
recoverMissingParts(router, tell)

async function visit(path: string) {
  await router.push(path).catch(() => undefined)
  await settled()
}

beforeEach(() => {
  sessionStorage.clear()
  assign.mockReset()
  tell.mockReset()
  fetched.mockReset().mockResolvedValue(new Response('{"status":"ok"}'))
  vi.stubGlobal('fetch', fetched)
  vi.spyOn(location, 'assign').mockImplementation(assign)
})
afterEach(async () => {
  await visit('/here')
  vi.restoreAllMocks()
})

describe('a page of an older build', () => {
  it('is loaded anew once, and not again when that did not help', async () => {
    await visit('/gone')
    expect(assign.mock.calls).toEqual([['/gone']])
    await visit('/gone')
    expect(assign).toHaveBeenCalledTimes(1)
    expect(tell.mock.calls).toEqual([['INTERNAL']])
  })

  it('is loaded anew again after the next deployment', async () => {
    await visit('/gone')
    await visit('/here?next')
    await visit('/gone')
    expect(assign).toHaveBeenCalledTimes(2)
  })

  it('stays away without a server, and what is on screen stays', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    await visit('/gone')
    expect(assign).not.toHaveBeenCalled()
    expect(tell.mock.calls).toEqual([['NETWORK']])
  })

  it('is not what another failure on the way to a page means', async () => {
    const remove = router.beforeEach(() => {
      throw new TypeError('Failed to fetch')
    })
    await visit('/gone')
    remove()
    expect(assign).not.toHaveBeenCalled()
    expect(fetched).not.toHaveBeenCalled()
  })
})
