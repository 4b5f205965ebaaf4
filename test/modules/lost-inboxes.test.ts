import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { AssignConversationDocument, UpdateInboxDocument, UpdateMemberDocument } from '../support/generated.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let admin: Actor
let agent: Actor
let inboxIds: string[]
let conversationIds: string[]

beforeAll(async () => {
  world = await startWorld()
  admin = await world.business()
  const here = await admin.connect()
  const elsewhere = await admin.connect()
  inboxIds = [here.inboxId, elsewhere.inboxId]
  agent = await admin.invite('AGENT', inboxIds)
  const written = [await admin.customerWrites(here.business), await admin.customerWrites(elsewhere.business)]
  conversationIds = written.map(({ conversation }) => conversation.id)
})

afterAll(() => world.close())

const updateMember = (change: { role?: 'ADMINISTRATOR' | 'AGENT'; inboxIds?: string[] }) =>
  admin.gql(UpdateMemberDocument, { input: { accountId: admin.accountId, userId: agent.userId, ...change } as never })

const setMembers = (memberIds: string[]) =>
  admin.gql(UpdateInboxDocument, {
    input: { accountId: admin.accountId, inboxId: inboxIds[0] ?? '', memberIds } as never,
  })

/** The assignees of the conversations here and elsewhere. */
async function assignees(): Promise<(string | undefined)[]> {
  const rows = await Promise.all(conversationIds.map((id) => admin.conversation(id)))
  return rows.map((row) => row.assignee?.id)
}

beforeEach(async () => {
  await updateMember({ role: 'AGENT', inboxIds })
  for (const conversationId of conversationIds) {
    const input = { accountId: admin.accountId, conversationId, assigneeId: agent.userId }
    await admin.gql(AssignConversationDocument, { input })
  }
})

describe('who loses sight of an inbox', () => {
  it('loses what is assigned to them there, and nothing elsewhere, live', async () => {
    const feed = await admin.subscribe()
    await setMembers([])
    expect(await assignees()).toEqual([undefined, agent.userId])
    await feed.until(
      (event) => event.type === 'conversation.updated' && event.conversation?.id === conversationIds[0],
      'it is announced',
    )
    feed.close()
  })

  it('loses it also when the member is changed, or is no administrator any more', async () => {
    await updateMember({ inboxIds: inboxIds.slice(0, 1) })
    expect(await assignees()).toEqual([agent.userId, undefined])
    await updateMember({ role: 'ADMINISTRATOR', inboxIds: [] })
    expect(await assignees()).toEqual([agent.userId, undefined])
    await updateMember({ role: 'AGENT' })
    expect(await assignees()).toEqual([undefined, undefined])
  })

  it('keeps it as an administrator, or when nothing changes for them', async () => {
    await setMembers([agent.userId])
    expect(await assignees()).toEqual([agent.userId, agent.userId])
    await updateMember({ role: 'ADMINISTRATOR' })
    await setMembers([])
    expect(await assignees()).toEqual([agent.userId, agent.userId])
  })
})
