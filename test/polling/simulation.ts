import type postgres from 'postgres'
import type { JobDefinition } from '../../server/queue/job.ts'
import { POLL_LANES, pollInbox, type PollLane } from '../../server/modules/polling/polling.jobs.ts'
import { Polling, connectRespondIo } from '../modules/polling-kit.ts'
import { createPrng } from '../standin/prng.ts'
import type { Contact } from '../standin/respondio/types.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { figuresOf, type Figures, type Seen } from './figures.ts'
import { SeedLoop, showIn } from './seed-loop.ts'
import { createTraffic, isActive, type People, type TrafficOptions, type Writing } from './traffic.ts'

const [SECOND, HOUR] = [1_000, 3_600_000]
/** When the sweeper comes. */
const SWEEP_MS = 5 * SECOND
/** Everything is read from the beginning on; how fast is measured once it is going. */
const GOING_AFTER_MS = 30 * SECOND
/**
 * After the last message everything goes on for a while. Then nothing runs for some minutes, as when all processes are
 * away, and then what came late is found that lay under too much else.
 */
const AFTERWARDS = { goingOn: 140 * SECOND, away: 301 * SECOND, reading: 300 * SECOND }
const START = Date.UTC(2026, 0, 5, 9)

/** Everything's time: it goes on when nothing is left to do at this moment. */
class VirtualTime {
  ms = START
  readonly now = () => this.ms
  readonly date = () => new Date(this.ms)
}

const seenOf = (traffic: readonly Writing[]) =>
  new Map<string, Seen>(traffic.map((writing) => [writing.text, { writing, times: 0, at: NaN }]))

/** The people: some write just now, the others did long ago, a third of them within the last two days. */
function populate({ respondio }: Standin, channel: number, { contacts, active }: People): Contact[] {
  return Array.from({ length: contacts }, (_, place) => {
    const quiet = place % 3 === 1 ? 12 + (place % 30) : 60 + place
    const at = START - (isActive({ contacts, active }, place) ? 600 * SECOND : quiet * HOUR)
    const { contactId } = respondio.customerWrites({
      channel,
      contact: { firstName: `C${place}` },
      text: 'long ago',
      at,
    })
    return respondio.world.contact(contactId)
  })
}

const refusalsOf = ({ respondio }: Standin, from: number) =>
  respondio.ledger.entries.flatMap((entry) =>
    entry.kind === 'call' && entry.httpStatus === 429 && entry.at >= from ? [entry.at - from] : [],
  )

const callsSince = ({ respondio }: Standin, from: number) =>
  respondio.ledger.entries.filter((entry) => entry.kind === 'call' && entry.at >= from).length

const standinOptions = (time: VirtualTime, perSecond: number) => ({
  clock: { now: time.now },
  respondio: { knobs: { rateLimit: perSecond, windowPolicy: 'off' as const }, limiterNow: time.now },
})

/** Parley itself, its three lanes driven by hand through virtual time, on a real Postgres and Redis. */
export class ParleyReader {
  readonly #time: VirtualTime
  readonly #world: World
  readonly #sql: postgres.Sql
  readonly #perSecond: number
  readonly #due = new Map<PollLane, number>(POLL_LANES.map((lane) => [lane, START]))
  #polling: Polling | undefined
  #people: Contact[] = []
  #arrival = 0
  get w() {
    return this.#world
  }
  get t() {
    return this.#time
  }

  private constructor(time: VirtualTime, world: World, perSecond: number) {
    this.#time = time
    this.#world = world
    this.#sql = openSql(world)
    this.#perSecond = perSecond
  }

  static async start(perSecond: number, seed: number): Promise<ParleyReader> {
    const time = new VirtualTime()
    const random = createPrng(seed, 7)
    const world = await startWorld({
      ...{ jobs: false, clock: { now: time.date }, standin: standinOptions(time, perSecond) },
      buckets: { now: time.now, random: () => random.next() },
    })
    return new ParleyReader(time, world, perSecond)
  }

  /** Everybody is there, was listed and looked at once. */
  async connect(people: People): Promise<void> {
    const { standin, deps } = this.#world
    deps.producer.hint = <Payload>({ name }: JobDefinition<Payload>, payload: Payload) => {
      const { lane } = payload as { lane?: PollLane }
      if (name === pollInbox.name && lane) this.#due.set(lane, Math.min(this.#due.get(lane) ?? Infinity, this.#time.ms))
    }
    const admin = await this.#world.business()
    const space = standin.respondio.addSpace({ name: 'Acme' })
    const shop = await connectRespondIo(this.#world, admin, space)
    this.#people = populate(standin, shop.channel.id, people)
    this.#polling = new Polling(this.#world, this.#sql, shop)
    for (;;) {
      await this.#runUntil(this.#time.ms + 5 * SECOND)
      const [row] = await this.#sql<{ n: number }[]>`select count(*)::int as n from polled_threads where present`
      if (row?.n === people.contacts) return
    }
  }

  async run(options: TrafficOptions): Promise<Figures> {
    const from = this.#time.ms
    const traffic = createTraffic(options)
    const seen = seenOf(traffic)
    for (const writing of traffic) {
      await this.#runUntil(from + writing.at, seen, from)
      this.#write(writing, from)
    }
    const measured = { refusals: refusalsOf(this.#world.standin, from), calls: callsSince(this.#world.standin, from) }
    const isMissing = () => [...seen.values()].some(({ at }) => Number.isNaN(at))
    const goOn = async (ms: number) => {
      for (const until = this.#time.ms + ms; isMissing() && this.#time.ms < until;)
        await this.#runUntil(this.#time.ms + 5 * SECOND, seen, from)
    }
    await goOn(AFTERWARDS.goingOn)
    this.#time.ms += AFTERWARDS.away
    await goOn(AFTERWARDS.reading)
    const rows = await this.#sql<{ content: string; n: number }[]>`
      select content, count(*)::int as n from messages group by content`
    for (const { content, n } of rows) {
      const one = seen.get(content)
      if (one) one.times = n
    }
    return figuresOf('Parley', this.#perSecond, [...seen.values()], { ...measured, goingAfterMs: GOING_AFTER_MS })
  }

  #write({ contact, writtenAt, text }: Writing, from: number): void {
    const person = this.#people[contact]
    if (person) this.#polling?.writes(person, text, from + writtenAt)
  }

  /** Does what is due until then, in the order of its time. */
  async #runUntil(until: number, seen?: Map<string, Seen>, from = 0): Promise<void> {
    for (;;) {
      const [lane, at] = [...this.#due].reduce((first, one) => (one[1] < first[1] ? one : first))
      if (at >= until) break
      this.#time.ms = Math.max(this.#time.ms, at)
      this.#due.set(lane, Infinity)
      const wait = (await this.#polling?.step(lane)) ?? SWEEP_MS
      this.#due.set(lane, Math.min(this.#due.get(lane) ?? Infinity, this.#time.ms + Math.max(1, Math.ceil(wait))))
      if (lane === 'read' && seen) await this.#look(seen, from)
    }
    this.#time.ms = Math.max(this.#time.ms, until)
  }

  /** What has come in since the last look is on the screens now. */
  async #look(seen: Map<string, Seen>, from: number): Promise<void> {
    const rows = await this.#sql<{ content: string; arrival: string }[]>`
      select content, arrival from messages where arrival > ${this.#arrival} order by arrival`
    for (const { content } of rows) {
      const one = seen.get(content)
      if (one && Number.isNaN(one.at)) one.at = this.#time.ms - from
    }
    this.#arrival = Number(rows.at(-1)?.arrival ?? this.#arrival)
  }

  async close(): Promise<void> {
    await this.#sql.end()
    await this.#world.close()
  }
}

/** The seed's loop on the same people, the same traffic and the same stand-in. */
export async function runSeedLoop(perSecond: number, options: TrafficOptions): Promise<Figures> {
  const time = new VirtualTime()
  const standin = await startStandin(standinOptions(time, perSecond))
  try {
    const { respondio } = standin
    const space = respondio.addSpace({ name: 'Acme' })
    const channel = respondio.addChannel({ space })
    const people = populate(standin, channel.id, options)
    const traffic = createTraffic(options)
    const seen = seenOf(traffic)
    const show = showIn(seen, () => time.ms - START)
    const loop = new SeedLoop({ apiUrl: respondio.apiUrl, token: space.tokens[0] ?? '', show })
    let next = 0
    const move = (to: number) => {
      for (let writing = traffic[next]; writing && START + writing.at <= to; writing = traffic[++next]) {
        time.ms = START + writing.at
        const contact = people[writing.contact]
        if (contact) respondio.customerWrites({ channel, contact, text: writing.text, at: START + writing.writtenAt })
      }
      time.ms = Math.max(time.ms, to)
    }
    for (let second = START; second < START + options.durationMs; second += SECOND) {
      move(second)
      await loop.round((share) => move(second + Math.floor(share * SECOND)))
    }
    const written = [...seen.values()].filter(({ writing }) => START + writing.at <= time.ms)
    const measured = { refusals: refusalsOf(standin, START), calls: callsSince(standin, START) }
    return figuresOf('the seed’s loop', perSecond, written, { ...measured, goingAfterMs: 0 })
  } finally {
    await standin.close()
  }
}
