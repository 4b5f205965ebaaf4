import { expect, it } from 'vitest'
import type { ThreadPage } from '../../server/channels/contract.ts'
import { failureOf, sending, webhookOf } from './contract-support.ts'
import type { Current } from './contract-support.ts'
import type { ChannelHarness } from './harness.ts'

const MANY = 70

/** All pages, as the core asks for them. Channels that list nothing are let off. */
async function listAll({ channel, connect }: ChannelHarness): Promise<ThreadPage['threads']> {
  const { credentials } = await connect()
  const threads: ThreadPage['threads'] = []
  let page: string | undefined
  for (let pages = 0; pages < 20; pages++) {
    const listed = await channel.listThreads?.(credentials, page)
    threads.push(...(listed?.threads ?? []))
    page = listed?.next
    if (page === undefined) return threads
  }
  return expect.unreachable('the list has no end')
}

/** What a channel says of the threads that the provider holds; a channel that lists none has nothing to show. */
export function describeListing(current: Current) {
  it('lists what the provider holds, answered or not, each once, over any number of pages', async () => {
    const harness = current()
    if (!harness.channel.listThreads) return
    expect(await listAll(harness)).toEqual([])
    const { threadRef, send } = await sending(harness)
    await send()
    const strangers = harness.strangersWrite(MANY)
    const listed = await listAll(harness)
    expect(listed.map((thread) => thread.threadRef).sort()).toEqual([threadRef, ...strangers].sort())
    for (const { updatedAt } of listed) {
      expect(Math.abs(updatedAt.getTime() - harness.now().getTime())).toBeLessThan(60_000)
    }
  })

  it('gives a listed thread the key of its deliveries', async () => {
    const harness = current()
    if (!harness.channel.listThreads) return
    const { body } = harness.customerWrites('Hello')
    const [thread] = await listAll(harness)
    expect(thread?.threadKey).toBe(webhookOf(harness).route(body).threadKey)
  })

  it('fails to list as unavailable, whatever went wrong on the way', async () => {
    const harness = current()
    const { listThreads } = harness.channel
    if (!listThreads) return
    const { credentials } = await harness.connect()
    for (const fault of ['truncated_answer', 'server_error', 'not_json', 'reset'] as const) {
      harness.fault(fault, 'list')
      expect(await failureOf(listThreads(credentials)), fault).toMatchObject({ kind: 'unavailable' })
    }
  })
}
