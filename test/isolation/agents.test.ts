import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import {
  AssignConversationDocument,
  ConversationCountsDocument,
  InboxesDocument,
  RemoveMemberDocument,
  UpdateMemberDocument,
} from '../support/generated.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { buildTenant, type Tenant } from './tenants.ts'

let world: World
let tenant: Tenant
let agent: Actor

beforeAll(async () => {
  world = await startWorld({ loopback: true })
  tenant = await buildTenant(world, 'ours')
  agent = tenant.agent
})

afterAll(() => world.close())

const counts = async (actor: Actor) =>
  (await actor.gql(ConversationCountsDocument, { accountId: actor.accountId })).conversationCounts

describe('an agent sees their inboxes and no other (I11)', () => {
  it('in the list, whatever the filter, and in its pages', async () => {
    const { one, two } = tenant
    expect((await agent.conversations()).map((row) => row.id)).toEqual([one.conversationId])
    expect(await agent.conversations({ inboxId: two.inboxId })).toEqual([])
    expect(await agent.conversations({ assigneeId: two.agentId })).toEqual([])
    expect(await agent.conversations({ status: 'OPEN', inboxId: two.inboxId })).toEqual([])
    expect((await tenant.admin.conversations()).map((row) => row.id).sort()).toEqual(
      [one.conversationId, two.conversationId].sort(),
    )
  })

  it('in search, by name, username and number', async () => {
    const hidden = await tenant.admin.conversation(tenant.two.conversationId)
    for (const query of ['Customer of', 'customer.ours', `#${hidden.displayId}`, String(hidden.displayId), '%', '_']) {
      const found = await agent.conversations({ query })
      expect(
        found.map((row) => row.id),
        query,
      ).not.toContain(hidden.id)
    }
    expect((await agent.conversations({ query: 'ours-one' })).length).toBe(1)
    expect((await tenant.admin.conversations({ query: 'ours-two' })).length).toBe(1)
  })

  it('in the counts', async () => {
    expect(await counts(agent)).toEqual({
      ...{ all: 1, mine: 1, unassigned: 0 },
      inboxes: [{ inboxId: tenant.one.inboxId, open: 1 }],
    })
    expect(await counts(tenant.admin)).toMatchObject({ all: 2, mine: 0 })
  })

  it('in the list of inboxes, whose agents they are not told', async () => {
    const { inboxes } = await agent.gql(InboxesDocument, { accountId: agent.accountId })
    expect(inboxes.map((inbox) => inbox.id)).toEqual([tenant.one.inboxId])
    expect(inboxes[0]?.memberIds).toEqual([])
  })

  it('also what is assigned to them is gone with its inbox', async () => {
    const other = await tenant.admin.invite('AGENT', [tenant.one.inboxId])
    const { accountId } = tenant.admin
    const { conversationId } = tenant.one
    await tenant.admin.gql(AssignConversationDocument, {
      input: { accountId, conversationId, assigneeId: other.userId },
    })
    expect((await other.conversations({ assigneeId: other.userId })).length).toBe(1)
    await tenant.admin.gql(UpdateMemberDocument, { input: { accountId, userId: other.userId, inboxIds: [] } })
    expect(await other.conversations({ assigneeId: other.userId })).toEqual([])
    await expect(other.conversation(conversationId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await counts(other)).toMatchObject({ all: 0, mine: 0, inboxes: [] })
    await tenant.admin.gql(AssignConversationDocument, {
      input: { accountId, conversationId, assigneeId: tenant.agent.userId },
    })
  })

  it('in live events, and hears of the others nothing', async () => {
    const feed = await agent.subscribe()
    const all = await tenant.admin.subscribe()
    const secret = `hidden ${randomUUID()}`
    const seen = `seen ${randomUUID()}`
    await tenant.admin.send(tenant.two.conversationId, secret, { private: true })
    await tenant.admin.send(tenant.one.conversationId, seen, { private: true })
    await all.until((event) => event.message?.content === secret, 'the administrator hears of both')
    await feed.until((event) => event.message?.content === seen, 'the agent hears of theirs')
    expect(feed.events.filter((event) => event.message?.content === secret)).toEqual([])
    const replayed = await agent.subscribe(feed.events[0]?.cursor)
    await replayed.until((event) => event.message?.content === seen, 'the log is read again')
    expect(JSON.stringify(replayed.events)).not.toContain(secret)
    for (const open of [feed, all, replayed]) open.close()
  })

  it('until they are given another inbox, at once', async () => {
    const feed = await agent.subscribe()
    const { accountId, userId } = agent
    const inboxIds = [tenant.one.inboxId, tenant.two.inboxId]
    await tenant.admin.gql(UpdateMemberDocument, { input: { accountId, userId, inboxIds } })
    expect((await agent.conversations()).length).toBe(2)
    await feed.until((event) => event.type === 'access.changed', 'a live screen is told')
    const text = `visible now ${randomUUID()}`
    await until(async () => {
      await tenant.admin.send(tenant.two.conversationId, text, { private: true })
      return feed.events.some((event) => event.message?.content === text)
    }, 'the feed shows the new inbox')
    await tenant.admin.gql(UpdateMemberDocument, { input: { accountId, userId, inboxIds: [tenant.one.inboxId] } })
    expect((await agent.conversations()).length).toBe(1)
    feed.close()
  })

  it('and nothing once they are removed: the API refuses and the socket closes', async () => {
    const leaving = await tenant.admin.invite('AGENT', [tenant.one.inboxId])
    const feed = await leaving.subscribe()
    const { accountId, userId } = leaving
    await tenant.admin.gql(RemoveMemberDocument, { input: { accountId, userId } })
    await expect(leaving.conversations()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const text = `after the end ${randomUUID()}`
    await until(() => feed.closed ?? (feed.completed || feed.errors.length > 0), 'the feed ends', 3_000)
    await tenant.admin.send(tenant.one.conversationId, text, { private: true })
    await never(() => feed.events.some((event) => event.message?.content === text), 'it hears more', 300)
    feed.close()
  })
})
