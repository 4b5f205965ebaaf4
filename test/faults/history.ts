import { randomUUID } from 'node:crypto'
import type { Business, Person } from '../standin/tiktok/types.ts'
import { GraphqlFailure, type Actor, type Connected } from '../support/actor.ts'
import {
  AssignConversationDocument,
  ImportHistoryDocument,
  InboxHistoryDocument,
  MarkConversationReadDocument,
  RetryMessageDocument,
  SetConversationStatusDocument,
} from '../support/generated.ts'
import { until } from '../support/until.ts'
import type { Cluster } from './cluster.ts'
import type { ServerNode } from './node.ts'
import { Recorder } from './recorder.ts'
import { byTikTok, type Side } from './sides.ts'

/** One customer and the thread that they share with the business. */
export interface Thread {
  person: Person
  /** The provider's id. */
  ref: string
  conversationId: string
}

/** What an agent asked for. `info`: no answer that says whether it was taken. */
export interface Sent {
  thread: Thread
  clientMessageId: string
  text: string
  outcome: 'ok' | 'fail' | 'info'
  messageId?: string
  code?: string
  /** The agent pressed "send anyway" after DELIVERY_UNKNOWN: the customer may get it twice. */
  forced: number
}

/** Longer than a process takes to start. */
const ATTEMPTS = 1_000

/**
 * Does what people do and writes down what they were told. What the provider's side was told stands in the stand-in's
 * ledger. Texts are unique, so that a message is known by its text on both sides.
 */
export class History {
  readonly cluster: Cluster
  readonly admin: Actor
  readonly business: Business
  readonly inboxId: string
  readonly side: Side
  readonly threads: Thread[] = []
  readonly sends: Sent[] = []
  readonly recorders: Recorder[] = []
  /** What the dialect's wire keeps of a time. */
  precisionMs = 1
  #texts = 0

  private constructor(cluster: Cluster, admin: Actor, { business, inboxId }: Connected, side: Side) {
    this.cluster = cluster
    this.side = side
    this.admin = admin
    this.business = business
    this.inboxId = inboxId
  }

  /** A business with a connected inbox, one client that listens, and so many threads that a customer has begun. */
  static async begin(cluster: Cluster, threads: number, listeners = 1, side = byTikTok(cluster)): Promise<History> {
    const admin = await cluster.business()
    const history = new History(cluster, admin, await side.connect(admin), side)
    for (let count = 0; count < listeners; count++) history.recorders.push(await Recorder.start(admin))
    for (let count = 0; count < threads; count++) history.#newThread()
    await until(() => history.#findConversations(), 'every thread has its conversation', 120_000)
    return history
  }

  text(who: string): string {
    return `${who} ${++this.#texts} ${randomUUID().slice(0, 8)}`
  }

  #newThread(): void {
    const { tiktok } = this.cluster.standin
    const username = `alice.${randomUUID().slice(0, 8)}`
    const person = tiktok.addPerson({ username, displayName: username })
    const { conversationId } = tiktok.customerWrites({ business: this.business, person, text: this.text('hello') })
    this.threads.push({ person, ref: conversationId, conversationId: '' })
  }

  async #findConversations(): Promise<boolean> {
    const rows = await this.cluster.sql<{ conversation_id: string; external_id: string }[]>`
      select c.id as conversation_id, a.external_id from conversations c
      join thread_aliases a on a.account_id = c.account_id and a.thread_id = c.thread_id
      where c.account_id = ${this.admin.accountId}`
    for (const thread of this.threads)
      thread.conversationId = rows.find((row) => row.external_id === this.side.aliasOf(thread))?.conversation_id ?? ''
    return this.threads.every((thread) => thread.conversationId)
  }

  customerWrites(thread: Thread, at = Date.now()): string {
    const { business, cluster } = this
    const text = this.text('in')
    return cluster.standin.tiktok.customerWrites({ business, person: thread.person, text, at }).messageId
  }

  /** In every thread several at once, each in a millisecond of its own. */
  customersWriteMuch(): void {
    const since = Date.now() - 10
    for (const thread of this.threads)
      for (let later = 0; later < 6; later++) this.customerWrites(thread, since + later)
  }

  /** Somebody of the business writes in the provider's own app. */
  businessWrites(thread: Thread): void {
    const { business, cluster } = this
    cluster.standin.tiktok.businessWritesInApp({ business, person: thread.person, text: this.text('app') })
  }

  /**
   * An agent sends. As the client does, it repeats the same request until somebody says what became of it; how long,
   * the caller decides.
   */
  async send(thread: Thread, options: { attempts?: number; text?: string } = {}): Promise<Sent> {
    const sent: Sent = {
      thread,
      clientMessageId: randomUUID(),
      text: options.text ?? this.text('out'),
      outcome: 'info',
      forced: 0,
    }
    this.sends.push(sent)
    for (let attempt = 0; attempt < (options.attempts ?? ATTEMPTS) && sent.outcome === 'info'; attempt++) {
      if (attempt) await new Promise((done) => setTimeout(done, 100))
      await this.#ask(sent)
    }
    return sent
  }

  async #ask(sent: Sent): Promise<void> {
    const { thread, clientMessageId, text } = sent
    try {
      const row = await this.admin.send(thread.conversationId, text, { clientMessageId })
      Object.assign(sent, { outcome: 'ok', messageId: row.id })
    } catch (error) {
      if (!(error instanceof GraphqlFailure)) return
      sent.code = error.code
      if (error.code !== 'INTERNAL') sent.outcome = 'fail'
    }
  }

  /** "Send anyway", after it was told that the message may have arrived. */
  async sendAnyway(sent: Sent): Promise<void> {
    sent.forced += 1
    const { accountId } = this.admin
    await this.admin.gql(RetryMessageDocument, { input: { accountId, messageId: sent.messageId ?? '' } })
  }

  /** A mixed load, in turn over all threads: the customer writes, the agent answers. Resolves when all is asked for. */
  async load(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        this.threads.map(async (thread) => {
          this.customerWrites(thread)
          await this.send(thread)
        }),
      )
      await this.tend(round)
    }
  }

  /** An agent reads one thread, takes it on or gives it back, and closes it: the next message opens it again. */
  async tend(round: number): Promise<void> {
    const thread = this.threads[round % this.threads.length]
    if (!thread) throw new Error('no thread')
    const { accountId, userId } = this.admin
    const input = { accountId, conversationId: thread.conversationId }
    const assigneeId = round % 2 ? null : userId
    await this.#insist(() => this.admin.gql(MarkConversationReadDocument, { input }))
    await this.#insist(() => this.admin.gql(AssignConversationDocument, { input: { ...input, assigneeId } }))
    await this.#insist(() => this.admin.gql(SetConversationStatusDocument, { input: { ...input, status: 'RESOLVED' } }))
  }

  /** Does what may be done twice until somebody answers. */
  async #insist(work: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return void (await work())
      } catch (error) {
        if (error instanceof GraphqlFailure && error.code !== 'INTERNAL') throw error
        await new Promise((done) => setTimeout(done, 100))
      }
    }
    throw new Error('nobody answers')
  }

  /** Waits until nothing is on its way any more, on either side. */
  async quiet(timeoutMs = 100_000): Promise<void> {
    const { sql } = this.cluster
    const { accountId } = this.admin
    await until(
      async () => {
        await this.side.settled()
        if ((await this.#unread()).length) return false
        const [row] = await sql<{ events: number; messages: number; unstamped: number; head: number }[]>`
          select (select count(*)::int from webhook_events
              where state = 0 and account_ref in (${this.business.openId}, '')) as events,
            (select count(*)::int from messages
              where status in ('queued', 'sending', 'unconfirmed') and account_id = ${accountId}) as messages,
            (select count(*)::int from account_events where seq is null and account_id = ${accountId}) as unstamped,
            (select coalesce(max(seq), 0)::int from feed_heads where account_id = ${accountId}) as head`
        if (!row || row.events || row.messages || row.unstamped) return false
        return this.recorders.every((recorder) => recorder.position >= row.head)
      },
      'everything has come to rest',
      timeoutMs,
    ).catch(async (error: unknown) => {
      throw new Error(`${(error as Error).message}\n${await this.#whatIsLeft()}`)
    })
  }

  /** Where the provider is asked for what there is: what stands on TikTok's side and is not here under TikTok's own name. */
  async #unread() {
    if (!this.side.isPolled) return []
    const rows = await this.cluster.sql<{ id: string }[]>`
      select coalesce(alternate_external_id, external_id) as id from messages where account_id = ${this.admin.accountId}`
    const here = new Set(rows.map(({ id }) => id))
    const there = this.threads.flatMap(({ ref }) => this.cluster.standin.tiktok.messages(ref))
    return there.filter(({ id }) => !here.has(id))
  }

  /**
   * Moves the lease of every message in SENDING to now, instead of 15 s ahead. Only while no worker runs: whoever held
   * it is dead.
   */
  async endLeases(): Promise<number> {
    if (this.cluster.workers.some((worker) => worker.running)) throw new Error('somebody may still be sending')
    const rows = await this.cluster.sql`
      update messages set deadline_at = now() where status = 'sending' and account_id = ${this.admin.accountId}
      returning id`
    return rows.length
  }

  async endLeasesOf(dead: ServerNode): Promise<void> {
    if (dead.role === 'worker') await this.endLeases()
  }

  /** Reads the provider's lists, which know also what no delivery tells. */
  async readPast(): Promise<void> {
    const { accountId } = this.admin
    const input = { accountId, inboxId: this.inboxId }
    await until(() => this.admin.gql(ImportHistoryDocument, { input }), 'no other run is open', 60_000)
    const state = async () =>
      (await this.admin.gql(InboxHistoryDocument, { accountId, id: this.inboxId })).inbox.history?.state
    await until(async () => (await state()) === 'DONE', 'the past is read', 60_000)
  }

  /** Ends the wait for the provider's word, 120 s in production, as soon as its list was asked and did not help. */
  async endUnconfirmed(): Promise<void> {
    const { sql } = this.cluster
    await until(
      async () => {
        const rows = await sql<{ id: string; status: string; external_id: string; claimed_at: Date }[]>`
          select m.id, m.status, a.external_id, m.claimed_at from messages m
          join thread_aliases a on a.account_id = m.account_id and a.thread_id = m.thread_id
          where m.status in ('queued', 'sending', 'unconfirmed') and m.account_id = ${this.admin.accountId}`
        for (const row of rows.filter(({ status }) => status === 'unconfirmed')) {
          const thread = this.threads.find((one) => this.side.aliasOf(one) === row.external_id)
          if (thread && this.side.wasAsked(thread, Number(row.claimed_at)))
            await sql`update messages set deadline_at = now() where id = ${row.id} and status = 'unconfirmed'`
        }
        return rows.length === 0
      },
      'the outcome of every message is known',
      60_000,
    )
  }

  async #whatIsLeft(): Promise<string> {
    const { sql, nodes } = this.cluster
    const events = await sql`
      select id, state, code, attempts, next_attempt_at, thread_key from webhook_events where state = 0 limit 5`
    const messages = await sql`
      select id, status, attempts, claimed_at, next_attempt_at, deadline_at, content, now() from messages
      where status in ('queued', 'sending', 'unconfirmed') limit 5`
    const sessions = await sql`
      select application_name, state, wait_event_type, now() - state_change as since, left(query, 100) as query
      from pg_stat_activity where application_name like 'parley_%' and state <> 'idle'`
    const [jobs, unread] = await Promise.all([this.cluster.activeJobs(), this.#unread()])
    const positions = this.recorders.map((recorder) => recorder.position)
    const running = nodes.map((node) => `${node.role}: ${node.running ? 'runs' : 'does not run'}\n${node.log}`)
    return JSON.stringify({ events, messages, sessions, jobs, positions, unread }, null, 1) + running.join('\n')
  }

  async end(): Promise<void> {
    await Promise.all(this.recorders.map((recorder) => recorder.stop()))
  }
}
