import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Response } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../server/kit/paths.ts'
import { useStage } from './browser.ts'
import { message, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
const LIMIT = 150_000

/** What a script weighs as it travels, whatever the server does. */
function gzipped(address: string): number {
  const file = path.join(packageRoot, 'dist/client', new URL(address).pathname)
  return gzipSync(readFileSync(file), { level: 6 }).byteLength
}

describe('the first route', () => {
  it.each(['the log-in', 'a conversation'])('of %s loads at most 150 kB of script, gzipped', async (name) => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const scripts = new Set<string>()
    const take = (response: Response) => {
      if (/javascript/.test(response.headers()['content-type'] ?? '')) scripts.add(response.url())
    }
    const anonymous = name === 'the log-in'
    // A page without scripts, so that the first of ours are heard.
    const tab = await stage.open({ path: '/icon.svg', ...(anonymous ? {} : { as: shop.admin }) })
    tab.page.on('response', take)
    await tab.page.goto(anonymous ? '/' : shop.path(id))
    await seen(anonymous ? tab.page.getByRole('heading', { name: 'Log in' }) : message(tab, 'Hello?'))
    const weight = [...scripts].reduce((sum, address) => sum + gzipped(address), 0)
    expect(scripts.size).toBeGreaterThan(2)
    expect(weight).toBeLessThanOrEqual(LIMIT)
  })
})
