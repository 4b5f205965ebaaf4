import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  AccountEventsDocument,
  ConversationsDocument,
  MarkConversationReadDocument,
  MessagesDocument,
  SendMessageDocument,
  SetConversationStatusDocument,
  type ConversationStatus,
} from '../../client/api/generated.ts'
import { startJobs } from '../../jobs/main.ts'
import { ingestDeliveries } from '../../server/modules/intake/intake.service.ts'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import type { Actor } from '../support/actor.ts'
import { AssignConversationDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { StatementCounter } from '../support/statements.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'
import { FeedClient } from './feed-client.ts'

const counter = new StatementCounter()
let world: World
let sql: postgres.Sql
let admin: Actor
let agent: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld({ jobs: false, through: (url) => counter.through(url) })
  sql = openSql(world)
  admin = await world.business()
  ;({ business, inboxId } = await admin.connect())
  const jobs = startJobs(world.deps)
  agent = await admin.invite('AGENT', [inboxId])
  await jobs.close()
  await converse(60)
})

afterAll(async () => {
  await sql.end()
  await world.close()
  counter.close()
})

const person = (name: string) => world.standin.tiktok.addPerson({ username: name, displayName: name })
const REQUEST = ['parley_app', 'parley_system']

/** Works off what waits, as the worker would. */
async function workOff() {
  await world.standin.tiktok.settled()
  const waiting = await sql<{ channelType: string; accountRef: string; threadKey: string }[]>`
    select distinct channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"
    from webhook_events where state = 0`
  for (const delivery of waiting) await ingestDeliveries(world.deps, delivery)
}

/** Conversations of every kind: of customers, answered ones, assigned ones. */
async function converse(count: number) {
  for (let place = 0; place < count; place++) {
    world.standin.tiktok.customerWrites({ business, person: person(`customer.${place}`), text: `Hello ${place}` })
  }
  await workOff()
  for (const [place, row] of (await admin.conversations()).entries()) {
    const { accountId } = admin
    const assigneeId = place % 2 ? agent.userId : admin.userId
    if (place % 3) {
      await admin.gql(AssignConversationDocument, { input: { accountId, conversationId: row.id, assigneeId } })
    }
    if (place % 2) await (place % 4 ? agent : admin).send(row.id, `Answer ${place}`)
  }
}

describe('statements on the hot paths, begin, settings and commit apart', () => {
  it('a page of conversations as the client asks for it takes at most 4, for 5 rows and for 50 alike', async () => {
    for (const actor of [admin, agent]) {
      for (const filter of [
        {},
        { status: 'OPEN' },
        { inboxId },
        { assigneeId: agent.userId },
        { query: 'customer' },
      ] as const) {
        const page = (first: number) => () =>
          asClient(actor, ConversationsDocument, { accountId: actor.accountId, filter, first })
        const [few, many] = [await counter.least(page(5), REQUEST), await counter.least(page(50), REQUEST)]
        expect(few.length, few.join('\n')).toBeLessThanOrEqual(3)
        expect(many.length, many.join('\n')).toBe(few.length)
      }
    }
  })

  it('and a deep page no more', async () => {
    const variables = { accountId: admin.accountId, first: 20 }
    const first = await asClient(admin, ConversationsDocument, variables)
    const after = (first as { conversations: { pageInfo: { endCursor: string } } }).conversations.pageInfo.endCursor
    const texts = await counter.least(() => asClient(admin, ConversationsDocument, { ...variables, after }), REQUEST)
    expect(texts.length, texts.join('\n')).toBeLessThanOrEqual(3)
  })

  it('a conversation with a page of its messages takes 4', async () => {
    const [row] = await admin.conversations({ assigneeId: agent.userId })
    for (let place = 0; place < 5; place++) await admin.send(row?.id ?? '', `note ${place}`, { private: true })
    const variables = { accountId: agent.accountId, id: row?.id ?? '', last: 50 }
    const texts = await counter.least(() => asClient(agent, MessagesDocument, variables), REQUEST)
    expect(texts.length, texts.join('\n')).toBeLessThanOrEqual(4)
  })

  it('taking a reply in takes a fixed number', async () => {
    const rows = await admin.conversations({ status: 'OPEN' })
    const sends = rows.map((row) => row.id)
    const send = () => {
      const conversationId = sends.pop() ?? ''
      const input = { accountId: admin.accountId, conversationId, clientMessageId: randomUUID(), content: 'Hello' }
      return asClient(admin, SendMessageDocument, { input })
    }
    const texts = await counter.least(send, REQUEST)
    expect(texts.length, texts.join('\n')).toBeLessThanOrEqual(14)
  })

  it('reading and resolving take a fixed number', async () => {
    const [row] = await admin.conversations({ status: 'OPEN' })
    const ids = { accountId: agent.accountId, conversationId: row?.id ?? '' }
    const read = await counter.least(() => asClient(agent, MarkConversationReadDocument, { input: ids }), REQUEST)
    expect(read.length, read.join('\n')).toBeLessThanOrEqual(5)
    let status: ConversationStatus = 'OPEN'
    const resolve = await counter.least(() => {
      status = status === 'OPEN' ? 'PENDING' : 'OPEN'
      return asClient(agent, SetConversationStatusDocument, { input: { ...ids, status } })
    }, REQUEST)
    expect(resolve.length, resolve.join('\n')).toBeLessThanOrEqual(11)
  })
})

describe('statements behind the scenes', () => {
  it('a webhook is stored with 1, and reads nothing (I1)', async () => {
    const { tiktok } = world.standin
    const texts = await counter.least(async () => {
      tiktok.customerWrites({ business, person: person(`hook.${randomUUID()}`), text: 'Hello' })
      await tiktok.settled()
    }, ['parley_app', 'parley_system', 'parley_intake'])
    expect(texts).toHaveLength(1)
    expect(texts[0]).toMatch(/^insert into webhook_events/)
    await workOff()
  })

  /** The statements of working off `count` new messages of one thread that is known already. */
  async function ingest(count: number) {
    const { tiktok } = world.standin
    const customer = person(`burst.${randomUUID()}`)
    tiktok.customerWrites({ business, person: customer, text: 'first' })
    await workOff()
    for (let place = 0; place < count; place++) tiktok.customerWrites({ business, person: customer, text: `${place}` })
    await tiktok.settled()
    const [delivery] = await sql<{ channelType: string; accountRef: string; threadKey: string }[]>`
      select channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"
      from webhook_events where state = 0 limit 1`
    if (!delivery) throw new Error('nothing to work off')
    return counter.during(() => ingestDeliveries(world.deps, delivery), REQUEST)
  }

  it('a burst of 20 in one thread is worked off with as many as a single message', async () => {
    const [one, twenty] = [await ingest(1), await ingest(20)]
    expect(one.length, one.join('\n')).toBeLessThanOrEqual(9)
    expect(twenty.length, twenty.join('\n')).toBe(one.length)
  })

  it('an event that goes live is loaded with 2, whatever stands in it, for any number of listeners', async () => {
    const listeners = await Promise.all(
      [admin, agent, agent].map(async (actor) => {
        const client = await FeedClient.connect(`${world.url.replace(/^http/, 'ws')}/graphql/ws`, actor.token)
        await client.subscribe(actor.accountId, undefined, 'feed', AccountEventsDocument.toString())
        return client
      }),
    )
    for (const type of ['message.created', 'conversation.updated'] as const) {
      const [row] = await sql<{ id: string; inbox_id: string; last_message_id: string }[]>`
        select id, inbox_id, last_message_id from conversations where account_id = ${admin.accountId}
          and assignee_id is not null and last_message_id in (select id from messages where sender_id is not null)
        limit 1`
      const before = listeners.map((client) => client.ofType(type).length)
      const texts = await counter.during(async () => {
        await sql`insert into account_events (account_id, type, inbox_id, conversation_id, message_id)
          values (${admin.accountId}, ${type}, ${row?.inbox_id ?? ''}, ${row?.id ?? ''},
            ${type === 'message.created' ? (row?.last_message_id ?? null) : null})`
        await until(
          () => listeners.every((client, place) => client.ofType(type).length > (before[place] ?? 0)),
          'everybody has it',
        )
      }, ['parley_app'])
      expect(texts.length, `${type}\n${texts.join('\n')}`).toBeLessThanOrEqual(2)
    }
    for (const client of listeners) client.close()
  })

  it('a reply goes out with a fixed number', async () => {
    const scope = world.deps.scopes.system(admin.accountId)
    const texts = await counter.least(async () => {
      const [row] = await sql<{ thread_id: string }[]>`
        select thread_id from messages where status = 'queued' group by thread_id having count(*) = 1 limit 1`
      expect(row).toBeDefined()
      await drainQueuedMessages(world.deps, scope, row?.thread_id ?? '', () => false)
    }, REQUEST)
    expect(texts.length, texts.join('\n')).toBeLessThanOrEqual(14)
  })
})

async function asClient<Variables>(
  actor: Actor,
  document: { toString(): string; __apiType?: (variables: Variables) => unknown },
  variables: Variables,
): Promise<unknown> {
  const { data, errors } = await actor.raw(document.toString(), variables)
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}
