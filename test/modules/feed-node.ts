import Fastify from 'fastify'
import { buildSchema, type ValidationRule } from 'graphql'
import { Redis } from 'ioredis'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import postgres from 'postgres'
import { openPool, type Sql } from '../../server/db/client.ts'
import { DomainEvents } from '../../server/db/domain-events.ts'
import { Scopes } from '../../server/db/scope.ts'
import { registerGraphqlSocket } from '../../server/http/graphql-ws.ts'
import type { Clock } from '../../server/kit/clock.ts'
import { createLogger } from '../../server/kit/log.ts'
import type { Producer } from '../../server/queue/producer.ts'
import { Hub } from '../../server/realtime/hub.ts'
import { Stamper } from '../../server/realtime/stamper.ts'
import type { FeedSession, LogEntry, Tuning, Viewer } from '../../server/realtime/types.ts'
import { FeedClient } from './feed-client.ts'

const schema = buildSchema(`
  scalar JSON
  type Query { version: String }
  type Subscription { accountEvents(accountId: ID!, after: String): AccountEvent! }
  type AccountEvent { cursor: String!, type: String!, data: JSON, message: Message, secret: String }
  type Message { id: ID!, content: String }
`)

export interface NodeOptions {
  databaseUrl: string
  redisUrl: string
  tuning?: Partial<Tuning>
  validationRules?: ValidationRule[]
  clock?: Clock
  /** Runs before each load; may throw. */
  onHydrate?: (entries: readonly LogEntry[]) => Promise<void> | void
}

export type FeedNode = Awaited<ReturnType<typeof startNode>>

const PADDING = 'x'.repeat(8_000)

function hydrateFor(options: NodeOptions, counts: { hydrated: number }) {
  return async (_accountId: string, entries: readonly LogEntry[]) => {
    counts.hydrated += 1
    await options.onHydrate?.(entries)
    return entries.map(({ cursor, type, data, messageId }) => ({
      event: {
        cursor,
        type,
        data,
        message: messageId && { id: messageId, content: data?.padded ? PADDING : 'hello' },
        secret: () => {
          throw new Error('select secret from a_table failed')
        },
      },
      shared: {},
    }))
  }
}

/** What a web process runs of the feed, on the test's database. */
export async function startNode(options: NodeOptions) {
  const log = createLogger({ nodeEnv: 'test', logLevel: 'silent' })
  const clock = options.clock ?? { now: () => new Date() }
  const app = openPool(options.databaseUrl, { role: 'parley_app', max: 10 })
  const system = openPool(options.databaseUrl, { role: 'parley_system', max: 4 })
  const redis = new Redis(options.redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 1 })
  redis.on('error', () => {})
  const stamper = new Stamper({ system, redis, channel: 'test:feed', log })
  const producer = { hint: () => {} } as unknown as Producer
  const scopes = new Scopes({ app, clock, producer, events: new DomainEvents(), onPublished: () => stamper.soon() })
  const counts = { hydrated: 0 }
  const hub = new Hub({
    ...{ scopes, system: { sql: system }, stamper, redisUrl: options.redisUrl, clock, log, tuning: options.tuning },
    hydrate: hydrateFor(options, counts),
    findViewer: (accountId, userId) => findViewer(system, accountId, userId),
    schema: () => schema,
  })
  const server = Fastify()
  await registerGraphqlSocket(server, {
    deps: { config: { publicUrl: 'https://parley.test' }, log },
    hub,
    auth: { authenticate: (token) => authenticate(system, token) },
    validationRules: options.validationRules,
    initsPerMinute: 2_000,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  stamper.start()
  const url = `ws://127.0.0.1:${(server.server.address() as AddressInfo).port}/graphql/ws`
  return {
    ...{ scopes, system, stamper, redis, hub, url, counts },
    /** A connected client of this member. */
    connect: (member: Member, headers?: Record<string, string>) => FeedClient.connect(url, member.token, headers),
    publish: (account: Account, entry: Partial<LogEntry> = {}) => publish(scopes, account.id, entry),
    close: async () => {
      await server.close()
      await stamper.close()
      redis.disconnect()
      await Promise.allSettled([app.end({ timeout: 1 }), system.end({ timeout: 1 })])
    },
  }
}

export const publish = (scopes: Scopes, accountId: string, entry: Partial<LogEntry>) =>
  scopes.system(accountId).tx(async (tx) => {
    const messageId = entry.messageId ?? randomUUID()
    const { inboxId, userId, data } = entry
    tx.publish({
      ...{ type: entry.type ?? 'message.created', messageId, data: data ?? {} },
      ...(inboxId ? { inboxId } : {}),
      ...(userId ? { userId } : {}),
    })
    return messageId
  })

async function authenticate(system: Sql, token: string): Promise<FeedSession | undefined> {
  const [sessionId = '', expiry = ''] = token.split('|')
  const [row] = await system<{ user_id: string }[]>`
    select user_id from sessions where id = ${sessionId} and ended_at is null`
  return row && { sessionId, userId: row.user_id, expiresAt: new Date(Number(expiry)) }
}

async function findViewer(system: Sql, accountId: string, userId: string): Promise<Viewer | undefined> {
  const [row] = await system<{ role: Viewer['role']; inbox_ids: string[] }[]>`
    select m.role, array(select inbox_id::text from inbox_members i
        where i.account_id = m.account_id and i.user_id = m.user_id) as inbox_ids
    from memberships m join accounts a on a.id = m.account_id
    where m.account_id = ${accountId} and m.user_id = ${userId} and m.removed_at is null and a.status = 'active'`
  return row && { userId, role: row.role, inboxIds: new Set(row.inbox_ids) }
}

export interface Account {
  id: string
  inboxIds: string[]
}

export interface Member {
  userId: string
  sessionId: string
  token: string
  /** When the token ends, in ms. */
  expiresAt: number
}

/** Writes what the tests start from, as a superuser. */
export class Seeds {
  readonly admin: Sql

  constructor(databaseUrl: string) {
    this.admin = postgres(databaseUrl, { max: 4, onnotice: () => {} })
  }

  async account(inboxes = 2): Promise<Account> {
    const id = randomUUID()
    await this.admin`insert into accounts (id, name) values (${id}, 'An account')`
    const inboxIds = Array.from({ length: inboxes }, () => randomUUID())
    for (const inboxId of inboxIds)
      await this.admin`insert into inboxes (account_id, id, name, channel_type, external_id)
        values (${id}, ${inboxId}, 'An inbox', 'tiktok', ${inboxId})`
    return { id, inboxIds }
  }

  async member(
    account: Account,
    role: Viewer['role'],
    inboxIds: string[] = [],
    expiresInMs = 3_600_000,
  ): Promise<Member> {
    const userId = randomUUID()
    await this.admin`insert into users (id, name, email, password_hash) values (${userId}, 'A', ${userId}, '')`
    await this.admin`insert into memberships (account_id, user_id, role) values (${account.id}, ${userId}, ${role})`
    for (const inboxId of inboxIds)
      await this.admin`insert into inbox_members (account_id, inbox_id, user_id)
        values (${account.id}, ${inboxId}, ${userId})`
    return this.session(userId, expiresInMs)
  }

  async session(userId: string, expiresInMs = 3_600_000): Promise<Member> {
    const sessionId = randomUUID()
    await this.admin`insert into sessions (id, user_id, token_hash, expires_at)
      values (${sessionId}, ${userId}, ${sessionId}, now() + interval '1 day')`
    const expiresAt = Date.now() + expiresInMs
    return { userId, sessionId, token: `${sessionId}|${expiresAt}`, expiresAt }
  }

  announce(change: { kind: string; sessionId?: string; userId?: string; accountId?: string }) {
    const { kind, sessionId = null, userId = null, accountId = null } = change
    return this.admin`insert into access_changes (kind, session_id, user_id, account_id)
      values (${kind}, ${sessionId}, ${userId}, ${accountId})`
  }
}
