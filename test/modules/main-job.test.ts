import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

describe('the main job', () => {
  let world: World
  let admin: Actor
  beforeAll(async () => {
    world = await startWorld()
    admin = await world.business('Baan Cosmetics')
  })
  afterAll(() => world.close())

  it('brings a message from the customer to the agent and the answer back, with its ticks', async () => {
    const { tiktok } = world.standin
    const { business } = await admin.connect('baan.beauty')
    const feed = await admin.subscribe()
    const { conversation, person, threadRef } = await admin.customerWrites(business, 'ส่งของวันนี้ทันไหมคะ')
    const arrived = await feed.until((event) => event.type === 'message.created', 'the message arrives live')
    expect(arrived.message).toMatchObject({ content: 'ส่งของวันนี้ทันไหมคะ', type: 'INCOMING', status: null })
    const sent = await admin.send(conversation.id, 'ทันค่ะ')
    expect(sent.status).toBe('QUEUED')
    await until(async () => (await admin.messages(conversation.id)).at(-1)?.status === 'SENT', 'it is sent')
    expect(tiktok.messages(threadRef)).toHaveLength(2)
    tiktok.customerReads({ business, person })
    await until(async () => (await admin.messages(conversation.id)).at(-1)?.status === 'READ', 'it is read')
    const shown = await admin.conversation(conversation.id)
    expect(shown.replyWindow).toMatchObject({ open: true, remaining: 9, limit: 10, reason: null })
    expect(shown.messages.nodes).toHaveLength(2)
    feed.close()
  })
})
