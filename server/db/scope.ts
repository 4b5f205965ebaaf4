import { AppError } from '../kit/errors.ts'
import type { Clock } from '../kit/clock.ts'
import type { EnqueueOptions, Producer } from '../queue/producer.ts'
import type { JobDefinition } from '../queue/job.ts'
import { orm, type Orm, type OrmTransaction, type Sql, type TransactionSql } from './client.ts'
import type { DomainEventMap, DomainEventName, DomainEvents } from './domain-events.ts'
import type { Role } from './schema/index.ts'

/**
 * Who acts. A member carries what they may see, read with the session: agents their inboxes, administrators all. A program
 * with an API token of the account sees all of them, and administrates nothing.
 */
export type Actor =
  | { kind: 'system' }
  | { kind: 'token'; tokenId: string }
  | { kind: 'member'; userId: string; name: string; role: Role; inboxIds: readonly string[] }

export const SYSTEM: Actor = { kind: 'system' }

/** An entry of the account's feed; ids only, the rows are loaded when it is read. */
export interface FeedEntry {
  type: string
  inboxId?: string
  conversationId?: string
  messageId?: string
  /** Only this user gets it. */
  userId?: string
  data?: Record<string, unknown>
}

/** A transaction of one account. `sql` for hot statements (prepared), `orm` for the rest; both are the same one. */
export interface ReadTx {
  readonly accountId: string
  readonly sql: TransactionSql
  readonly orm: OrmTransaction
}

export interface Tx extends ReadTx {
  readonly clock: Clock
  readonly actor: Actor
  /** Announces to the account's feed, once committed. */
  publish(entry: FeedEntry): void
  /** A statement of this transaction has written feed entries itself. */
  announced(): void
  /** Hints the queue, once committed. */
  enqueue<Payload>(job: JobDefinition<Payload>, payload: Payload, options?: EnqueueOptions): void
  /** What follows from this within the same transaction. */
  emit<Name extends DomainEventName>(name: Name, event: DomainEventMap[Name]): Promise<void>
}

/** The only door to a tenant's data. Made at the edges: GraphQL context, worker, feed, uploads, callbacks. */
export interface Scope {
  readonly accountId: string
  readonly actor: Actor
  readonly clock: Clock
  /** Reads in a transaction; within one GraphQL operation all reads share it. No HTTP inside. */
  read<T>(work: (tx: ReadTx) => Promise<T>): Promise<T>
  /** Writes in a transaction of its own; what it publishes and enqueues waits for the commit. No HTTP inside. */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

export interface ScopeDeps {
  app: Sql
  clock: Clock
  producer: Producer
  events: DomainEvents
  /** Called after a commit that wrote feed entries. */
  onPublished: () => void
}

export class Scopes {
  readonly #deps: ScopeDeps
  readonly #orm: Orm

  constructor(deps: ScopeDeps) {
    this.#deps = deps
    this.#orm = orm(deps.app)
  }

  /** `reads` shares one connection among the reads of a request; without it each read has a short transaction. */
  of(accountId: string, actor: Actor, reads?: RequestReads): Scope {
    const { clock } = this.#deps
    return {
      accountId,
      actor,
      clock,
      read: (work) => (reads ? reads.read(accountId, work) : this.readOnly(accountId, work)),
      tx: async (work) => {
        await reads?.release()
        return this.#write(accountId, actor, work)
      },
    }
  }

  system(accountId: string): Scope {
    return this.of(accountId, SYSTEM)
  }

  readOnly<T>(accountId: string, work: (tx: ReadTx) => Promise<T>): Promise<T> {
    return this.#orm.transaction(async (tx) => work(enter(tx, accountId, 'read only')))
  }

  async #write<T>(accountId: string, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { clock, producer, events, onPublished } = this.#deps
    const feed: FeedEntry[] = []
    const hints: (() => void)[] = []
    let announced = false
    const result = await this.#orm.transaction(async (ormTx) => {
      const tx: Tx = {
        ...enter(ormTx, accountId),
        clock,
        actor,
        publish: (entry) => void feed.push(entry),
        announced: () => void (announced = true),
        enqueue: (job, payload, options) => void hints.push(() => producer.hint(job, payload, options)),
        emit: (name, event) => events.emit(tx, name, event),
      }
      const value = await work(tx)
      await insertFeed(tx, feed)
      return value
    })
    if (feed.length || announced) onPublished()
    for (const hint of hints) hint()
    return result
  }
}

/** One parameter for all of them: a member may leave a hundred thousand conversations behind. */
async function insertFeed({ sql, accountId }: ReadTx, feed: readonly FeedEntry[]): Promise<void> {
  if (!feed.length) return
  await sql`
    insert into account_events (account_id, type, inbox_id, conversation_id, message_id, user_id, data)
    select ${accountId}, e.type, e."inboxId", e."conversationId", e."messageId", e."userId", e.data
    from rows from (jsonb_to_recordset(${JSON.stringify(feed)}::jsonb)
      as (type text, "inboxId" uuid, "conversationId" uuid, "messageId" uuid, "userId" uuid, data jsonb))
      with ordinality as e(type, "inboxId", "conversationId", "messageId", "userId", data, place)
    order by e.place`
}

/**
 * Names the account for row-level security in the first wave: sent at once, awaited by whatever follows it. The access
 * mode is set by the same statement, since Drizzle's would be a round trip of its own.
 */
function enter(ormTx: OrmTransaction, accountId: string, access: 'read only' | 'read write' = 'read write'): ReadTx {
  const { client: sql } = ormTx._.session as unknown as { client: TransactionSql }
  const readOnly = access === 'read only' ? sql`, set_config('transaction_read_only', 'on', true)` : sql``
  sql`select set_config('app.account_id', ${accountId}, true) ${readOnly}`.catch(() => {})
  return { accountId, sql, orm: ormTx }
}

interface OpenSession {
  accountId: string
  tx: ReadTx
  running: Set<Promise<unknown>>
  end(): Promise<void>
}

/**
 * The reads of one request on one connection, opened by the first of them. A document that names two accounts switches
 * the transaction between them: it never holds one connection while it waits for another, and never reads one account's
 * fields in the other's scope.
 */
export class RequestReads {
  readonly #scopes: Scopes
  #session: OpenSession | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(scopes: Scopes) {
    this.#scopes = scopes
  }

  async read<T>(accountId: string, work: (tx: ReadTx) => Promise<T>): Promise<T> {
    const opened = this.#turn.then(() => this.#start(accountId, work))
    this.#turn = opened.catch(() => {})
    return (await opened).result
  }

  /** Ends the transaction, so that a write can take a connection; the next read opens a new one. */
  async release(): Promise<void> {
    const released = this.#turn.then(() => this.#end())
    this.#turn = released.catch(() => {})
    await released
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.release()
  }

  // Wrapped, so that waiting for one's turn does not wait for the work itself: reads of one account run side by side.
  async #start<T>(accountId: string, work: (tx: ReadTx) => Promise<T>): Promise<{ result: Promise<T> }> {
    if (this.#closed) throw new AppError('INTERNAL', 'Read after the end of the request')
    if (this.#session && this.#session.accountId !== accountId) await this.#end()
    this.#session ??= await this.#open(accountId)
    const session = this.#session
    // A query of Drizzle's runs again for each `then`: a promise of our own runs it once.
    const result = Promise.resolve(work(session.tx))
    const forget = () => void session.running.delete(settled)
    const settled: Promise<void> = result.then(forget, forget)
    session.running.add(settled)
    return { result }
  }

  #open(accountId: string): Promise<OpenSession> {
    return new Promise((resolve, reject) => {
      let finish = () => {}
      const finished = new Promise<void>((done) => (finish = done))
      const closed = this.#scopes.readOnly(accountId, async (tx) => {
        resolve({
          accountId,
          tx,
          running: new Set(),
          end: async () => {
            finish()
            await closed.catch(() => {})
          },
        })
        await finished
      })
      closed.catch(reject)
    })
  }

  async #end(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    if (!session) return
    await Promise.all(session.running)
    await session.end()
  }
}
