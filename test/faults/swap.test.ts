import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Person } from '../standin/tiktok/types.ts'
import { createPrng } from '../standin/prng.ts'
import { GraphqlFailure, type Actor } from '../support/actor.ts'
import { addBothSides, connectRespondIo, connectTikTok, readSwap, type TwoSides } from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { Cluster } from './cluster.ts'
import { countSingle, countUnknown, findBreaches, rowsOf, type Message } from './swap-check.ts'

const MINUTE = 60_000
const CONTACTS = 300
/** Few names and few texts, so that many contacts are alike. */
const NAMES = ['Somchai', 'Malee', 'Alice Demo', 'Nok', 'Ploy']
const TEXTS = ['Hello', 'Is this still available?', 'How much is it?', 'Thank you', 'Can you deliver to Chiang Mai?']
/** So many pairs of contacts have written the very same at the very same times. */
const TWINS = 10
/** How far the second of a pair is from the first, which has the same name. */
const APART = 100
/** Before the swap, after it and after the kill at least so many messages arrive and so many answers go out. */
const ARRIVE = 40
const ANSWERS = 12

let cluster: Cluster

beforeAll(async () => {
  cluster = await Cluster.start({ workers: 2, environment: { TIKTOK_QPS: '50' } })
  cluster.standin.respondio.setKnobs({ rateLimit: 500, channelMessageIds: 'even_contacts', sentDelayMs: 2_500 })
}, 120_000)

afterAll(() => cluster.close())

/** A business with 300 customers, on both sides, of which an inbox knows one. */
class Shop {
  readonly admin: Actor
  readonly sides: TwoSides
  readonly people: Person[] = []
  readonly random = createPrng(17, 1)
  inboxId = ''
  #loading = true
  #count = 0
  readonly #asked: Promise<unknown>[] = []

  constructor(admin: Actor, name: string) {
    this.admin = admin
    this.sides = addBothSides(cluster.standin, name)
  }

  /** Everybody has written a few times within the last hour. */
  begin(): void {
    for (let place = 0; place < CONTACTS; place++) {
      const displayName = NAMES[place % NAMES.length] ?? ''
      const { tiktok } = cluster.standin
      this.people.push(tiktok.addPerson({ username: `user.${place}.${this.sides.business.username}`, displayName }))
    }
    for (let place = 0; place < CONTACTS; place++) {
      const twin = place < TWINS ? this.people[place + APART] : undefined
      // Every other one of them has written nothing else.
      if (place >= APART && place < APART + TWINS && place % 2) continue
      for (let wrote = 0; wrote < 3; wrote++) {
        const at = Date.now() - 2 * MINUTE - Math.floor(this.random.next() * 60 * MINUTE)
        const text = TEXTS[Math.floor(this.random.next() * TEXTS.length)] ?? ''
        this.#writes(this.people[place], text, at)
        if (twin) this.#writes(twin, text, at)
      }
    }
  }

  #writes(person: Person | undefined, text: string, at = Date.now()): void {
    if (person) cluster.standin.tiktok.customerWrites({ business: this.sides.business, person, text, at })
  }

  connect(side: 'tiktok' | 'respondio'): Promise<string> {
    const again = this.inboxId || undefined
    return side === 'tiktok'
      ? connectTikTok(this.admin, this.sides, again)
      : connectRespondIo(this.admin, this.sides, again)
  }

  /** Customers write, and agents answer whoever has just written, until `stop`. */
  async load(): Promise<void> {
    while (this.#loading) {
      this.#writes(this.people[Math.floor(this.random.next() * CONTACTS)], `Is this still available? ${this.#count++}`)
      if (this.#count % 3 === 0) await this.#answerOne(`Yes it is ${this.#count}`)
      await new Promise((done) => setTimeout(done, 40))
    }
  }

  async #answerOne(text: string): Promise<void> {
    const latest = await cluster.sql<{ conversation_id: string }[]>`
      select conversation_id from messages where account_id = ${this.admin.accountId} and type = 'incoming'
      order by arrival desc limit 10`
    const chosen = latest[Math.floor(this.random.next() * latest.length)]
    if (chosen) this.#asked.push(this.#answer(chosen.conversation_id, text))
  }

  /** What is acknowledged. */
  readonly sent: string[] = []

  /** Under load: so many messages that are written from now on are here, and so many answers have gone out by `side`. */
  async goesOn(side: 'tiktok' | 'respondio', what: string): Promise<void> {
    const [from, acknowledged] = [this.#count, this.sent.length]
    await until(
      async () => {
        const [row] = await cluster.sql<{ arrived: number; out: number }[]>`
          select count(distinct content) filter (where type = 'incoming')::int as arrived,
            count(*) filter (where source = 'agent' and status in ('sent', 'delivered', 'read')
              and coalesce(channel_type, ${side}) = ${side})::int as out
          from messages where account_id = ${this.admin.accountId}
            and substring(content from ' ([0-9]+)$')::int >= ${from}`
        return row && row.arrived >= ARRIVE && row.out >= ANSWERS && this.sent.length - acknowledged >= ANSWERS
      },
      `messages arrive and answers go out ${what}`,
      60_000,
    )
  }

  /** Answers of which a kill now may leave nobody knowing whether they went out. */
  async inHand(): Promise<number> {
    const rows = await cluster.sql`
      select 1 from messages where account_id = ${this.admin.accountId} and status in ('sending', 'unconfirmed')`
    return rows.length
  }

  async #answer(conversationId: string, text: string): Promise<void> {
    const clientMessageId = `answer-${text.replaceAll(' ', '-')}`
    for (;;) {
      try {
        await this.admin.send(conversationId, text, { clientMessageId })
        this.sent.push(text)
        return
      } catch (error) {
        if (error instanceof GraphqlFailure && error.code !== 'INTERNAL') return
        await new Promise((done) => setTimeout(done, 100))
      }
    }
  }

  async stop(): Promise<void> {
    this.#loading = false
    await Promise.all(this.#asked)
  }

  /** What TikTok has of it: the truth of both sides. */
  truth(): Message[] {
    const { tiktok } = cluster.standin
    return tiktok
      .conversations()
      .flatMap(({ id, businessId, messages }) =>
        businessId === this.sides.business.openId
          ? messages.flatMap(({ content }) =>
              content.type === 'text' ? [{ conversation: id, text: content.body }] : [],
            )
          : [],
      )
  }

  /** Nothing is on its way on either side, nor here. */
  async quiet(): Promise<void> {
    const { sql, standin } = cluster
    const { accountId } = this.admin
    const { business, channel } = this.sides
    await until(
      async () => {
        await standin.tiktok.settled()
        await standin.respondio.settled()
        // What nobody has heard of by now nobody will: its time need not be waited for.
        await sql`
          update messages set deadline_at = now() where account_id = ${accountId} and status = 'unconfirmed'
            and claimed_at < now() - interval '20 seconds'`
        const [row] = await sql<{ events: number; open: number; certain: number; history: number; unknown: number }[]>`
          select (select count(*)::int from webhook_events where state = 0
              and account_ref in (${business.openId}, ${String(channel.id)})) as events,
            (select count(*)::int from messages where account_id = ${accountId}
              and status in ('queued', 'sending', 'unconfirmed')) as open,
            (select count(*)::int from swap_matches where account_id = ${accountId} and state = 'certain') as certain,
            (select count(*)::int from history_runs where account_id = ${accountId}
              and state in ('listing', 'reading')) as history,
            (select count(*)::int from contacts where account_id = ${accountId} and profile_synced_at is null) as unknown`
        return row && row.events + row.open + row.certain + row.history + row.unknown === 0
      },
      'all is quiet',
      120_000,
    )
  }
}

describe('a swap under load', () => {
  it.each([
    ['tiktok', 'respondio'],
    ['respondio', 'tiktok'],
  ] as const)(
    'from %s to %s, with a kill in the middle: nothing is lost, doubled or merged wrongly',
    async (from, to) => {
      const shop = new Shop(await cluster.business(), `shop.${from}`)
      shop.inboxId = await shop.connect(from)
      shop.begin()
      await until(
        async () => (await rowsOf(cluster, shop)).length >= shop.truth().length,
        'everybody has written',
        60_000,
      )
      await shop.quiet()
      const load = shop.load()
      await shop.goesOn(from, 'before the swap')
      expect(await shop.connect(to)).toBe(shop.inboxId)
      await shop.goesOn(to, 'after the swap')
      await cluster.worker.kill()
      const inHand = await shop.inHand()
      await cluster.worker.start()
      await shop.goesOn(to, 'after the kill')
      await shop.stop()
      await load
      await shop.quiet()
      expect(await findBreaches(cluster, shop)).toEqual([])
      expect(await countUnknown(cluster, shop)).toBeLessThanOrEqual(inHand)
      // Whoever wrote the very same as another one may have to be told apart by a person, and nobody else.
      const { swap } = await readSwap(shop.admin, shop.inboxId)
      expect(swap?.openDecisions).toBeLessThanOrEqual(TWINS * 2)
      expect(await countSingle(cluster, shop)).toBeLessThanOrEqual(to === 'respondio' ? TWINS * 2 : CONTACTS)
      const texts = new Set((await rowsOf(cluster, shop)).map(({ content }) => content))
      expect(shop.sent.filter((text) => !texts.has(text))).toEqual([])
    },
    240_000,
  )
})
