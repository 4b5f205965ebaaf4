import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Person } from '../standin/tiktok/types.ts'
import { createPrng } from '../standin/prng.ts'
import { GraphqlFailure, type Actor } from '../support/actor.ts'
import { addBothSides, connectRespondIo, connectTikTok, readSwap, type TwoSides } from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { Cluster } from './cluster.ts'

const MINUTE = 60_000
const CONTACTS = 300
/** Few names and few texts, so that many contacts are alike. */
const NAMES = ['Somchai', 'Malee', 'Alice Demo', 'Nok', 'Ploy']
const TEXTS = ['Hello', 'Is this still available?', 'How much is it?', 'Thank you', 'Can you deliver to Chiang Mai?']
/** So many pairs of contacts have written the very same at the very same times. */
const TWINS = 10
/** How far the second of a pair is from the first, which has the same name. */
const APART = 100

let cluster: Cluster

beforeAll(async () => {
  cluster = await Cluster.start({ workers: 2, environment: { TIKTOK_QPS: '50' } })
  cluster.standin.respondio.setKnobs({ rateLimit: 500, channelMessageIds: 'even_contacts' })
}, 120_000)

afterAll(() => cluster.close())

interface Message {
  conversation: string
  text: string
}

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

  /** Customers write and agents answer, everywhere, until `stop`. */
  async load(): Promise<void> {
    const conversations = await this.admin.conversations({ inboxId: this.inboxId })
    while (this.#loading) {
      this.#writes(this.people[Math.floor(this.random.next() * CONTACTS)], `Is this still available? ${this.#count++}`)
      const chosen = conversations[this.#count % conversations.length]
      if (this.#count % 3 === 0 && chosen) this.#asked.push(this.#answer(chosen.id, `Yes it is ${this.#count}`))
      await new Promise((done) => setTimeout(done, 40))
    }
  }

  readonly sent: string[] = []

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

interface Row {
  thread_id: string
  content: string
  /** Why it did not go out. */
  failure: string | null
  names: string[]
}

const rowsOf = ({ admin }: Shop) => cluster.sql<Row[]>`
  select m.thread_id, m.content, case when m.status = 'failed' then coalesce(m.failure_code, '?') end as failure, array(select a.external_id from thread_aliases a
    where a.account_id = m.account_id and a.thread_id = m.thread_id) as names
  from messages m where m.account_id = ${admin.accountId} and m.type <> 'activity' order by m.at`

/** Which TikTok conversation a name of a thread stands for, on either side. */
function conversationsBehind(shop: Shop): Map<string, string> {
  const { tiktok, respondio } = cluster.standin
  const behind = new Map<string, string>()
  const byPerson = new Map<string, string>()
  for (const { id, personId, businessId } of tiktok.conversations()) {
    if (businessId !== shop.sides.business.openId) continue
    behind.set(id, id)
    byPerson.set(personId, id)
  }
  for (const contact of respondio.world.contactsOf(shop.sides.channel.spaceId)) {
    const person = contact.presences.find(({ channelId }) => channelId === shop.sides.channel.id)?.personId
    behind.set(String(contact.id), byPerson.get(person ?? '') ?? '')
  }
  return behind
}

/** Each breach is a line. */
async function findBreaches(shop: Shop): Promise<string[]> {
  const rows = await rowsOf(shop)
  const behind = conversationsBehind(shop)
  const breaches: string[] = []
  const undecided = new Set<string>()
  for (const row of await cluster.sql<{ thread_id: string; candidates: { threadId: string }[] }[]>`
    select thread_id, candidates from swap_matches where account_id = ${shop.admin.accountId}`) {
    for (const id of [row.thread_id, ...row.candidates.map(({ threadId }) => threadId)]) undecided.add(id)
  }
  const here = new Map<string, number>()
  for (const { thread_id, content, failure, names } of rows) {
    // It may have gone out as its worker was killed, and nobody has heard of it.
    if (failure === 'DELIVERY_UNKNOWN') continue
    if (failure) breaches.push(`${content} has failed: ${failure}`)
    const conversations = new Set(names.map((name) => behind.get(name)))
    if (conversations.size !== 1) breaches.push(`${thread_id} is of ${conversations.size} customers`)
    const key = `${[...conversations][0]} ${content}`
    // Of somebody about whom a person has to decide both sides show what they have.
    if (!undecided.has(thread_id) || !here.has(key)) here.set(key, (here.get(key) ?? 0) + 1)
  }
  const there = new Map<string, number>()
  for (const { conversation, text } of shop.truth()) {
    const key = `${conversation} ${text}`
    there.set(key, (there.get(key) ?? 0) + 1)
  }
  for (const [key, count] of there) {
    const found = here.get(key) ?? 0
    if (found < Math.min(count, 1)) breaches.push(`lost: ${key}`)
    if (found > count) breaches.push(`doubled: ${key}: ${found} of ${count}`)
  }
  for (const key of here.keys()) if (!there.has(key)) breaches.push(`made up: ${key}`)
  return breaches
}

/** How many threads have a name of one side only. */
async function countSingle({ admin }: Shop): Promise<number> {
  const rows = await cluster.sql`
    select thread_id from thread_aliases where account_id = ${admin.accountId}
    group by thread_id having count(distinct channel_type) = 1`
  return rows.length
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
      await until(async () => (await rowsOf(shop)).length >= shop.truth().length, 'everybody has written', 60_000)
      await shop.quiet()
      const load = shop.load()
      await new Promise((done) => setTimeout(done, 500))
      expect(await shop.connect(to)).toBe(shop.inboxId)
      const [worker] = cluster.workers
      await new Promise((done) => setTimeout(done, 1_000))
      await worker?.kill()
      await worker?.start()
      await new Promise((done) => setTimeout(done, 3_000))
      await shop.stop()
      await load
      await shop.quiet()
      expect(await findBreaches(shop)).toEqual([])
      // Whoever wrote the very same as another one may have to be told apart by a person, and nobody else.
      const { swap } = await readSwap(shop.admin, shop.inboxId)
      expect(swap?.openDecisions).toBeLessThanOrEqual(TWINS * 2)
      expect(await countSingle(shop)).toBeLessThanOrEqual(to === 'respondio' ? TWINS * 2 : CONTACTS)
      const texts = new Set((await rowsOf(shop)).map(({ content }) => content))
      expect(shop.sent.length).toBeGreaterThan(0)
      expect(shop.sent.filter((text) => !texts.has(text))).toEqual([])
    },
    240_000,
  )
})
