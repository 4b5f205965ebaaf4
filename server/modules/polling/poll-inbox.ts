import { setTimeout as pause } from 'node:timers/promises'
import { rateOf } from '../../channels/rates.ts'
import type { Channel, ChannelPolling, Credentials } from '../../channels/contract.ts'
import type { ReadTx, Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { findInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { findObstacle, type Obstacle } from '../inboxes/obstacle.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import { checkLane } from './check-lane.ts'
import { listLane } from './list-lane.ts'
import type { Lane, Poll } from './lane.ts'
import type { PollLane } from './polling.jobs.ts'
import { findPoll, updatePoll, type Agenda, type PollRow } from './polling.queries.ts'
import { readLane } from './read-lane.ts'
import { mannerOf, type Manner } from './tiers.ts'

/** While it may not be asked: a suspension, a flag, a lost connection. */
const WAITING_MS = 60_000
/** At most so many questions of one inbox and kind are on their way. */
const ABREAST = 8
/** Then the next job goes on, which looks at everything anew. */
const ROUND = 32
/** What is due later than that comes by a job of its own, or by the sweeper. */
const LONGEST_WAIT_MS = 30_000
const NAP_MS = 1_000

const lanes: Record<PollLane, Lane> = { list: listLane, check: checkLane, read: readLane }

interface Found {
  poll: PollRow
  inbox: InboxRow
  channel: Channel & { polling: ChannelPolling }
  manner: Manner
  /** Why nothing is asked, or what is due. */
  next: Obstacle | 'LATER' | Agenda
}

/**
 * Asks an inbox's provider what is due there: as much as its limit allows now, several questions at a time, each answer
 * written down at once. Safe to be done twice at the same time, and to be killed: what is asked about is claimed for a
 * while. Answers when to come again; undefined while the inbox may not be asked.
 */
export async function pollOnce(
  deps: Deps,
  scope: Scope,
  { inboxId, lane }: { inboxId: string; lane: PollLane },
  isClosing: () => boolean,
): Promise<number | undefined> {
  const found = await scope.read((tx) => find(deps, tx, inboxId, lanes[lane]))
  if (!found || found.next === 'LATER') return undefined
  const { poll, inbox, channel, manner, next } = found
  if (typeof next === 'string') {
    const nextAttemptAt = new Date(deps.clock.now().getTime() + WAITING_MS)
    await scope.tx((tx) => updatePoll(tx, inboxId, { nextAttemptAt }))
    return undefined
  }
  const rate = rateOf(channel, inbox, lane)
  // Once a round is often enough: it only makes the next pause a short one.
  let isAccepted = false
  const ask = async <Answer>(question: (polling: ChannelPolling, credentials: Credentials) => Promise<Answer>) => {
    const answer = await withCredentials(deps, scope, inbox, (credentials) => question(channel.polling, credentials))
    const isFirst = !isAccepted
    isAccepted = true
    if (isFirst) await deps.buckets.accepted(rate).catch(() => {})
    return answer
  }
  const work = { deps, scope, inbox, poll, ask, manner, stopped: false }
  return new Round(work, lanes[lane], rate, isClosing).run(next)
}

async function find(deps: Deps, tx: ReadTx, inboxId: string, lane: Lane): Promise<Found | undefined> {
  const [poll, inbox] = await Promise.all([findPoll(tx, inboxId), findInbox(tx, inboxId)])
  const channel = inbox && deps.channels.get(inbox.channelType)
  if (!poll || !inbox || !channel?.polling || inbox.disconnectedAt) return undefined
  const now = deps.clock.now()
  const found = { poll, inbox, channel: { ...channel, polling: channel.polling }, manner: mannerOf(poll, inbox, now) }
  if (poll.nextAttemptAt && poll.nextAttemptAt > now) return { ...found, next: 'LATER' }
  const agenda = lane.agenda(tx, { deps, ...found }, ABREAST)
  const [obstacle, due] = await Promise.all([findObstacle(tx, deps.channels, inbox), agenda])
  return { ...found, next: obstacle ?? due }
}

/** What a job does: it never waits for a token alone, yet while an answer is on its way the next question may begin. */
class Round {
  readonly #poll: Poll
  readonly #lane: Lane
  readonly #rate: ReturnType<typeof rateOf>
  readonly #isClosing: () => boolean
  readonly #asking = new Set<Promise<void>>()
  #asked = 0
  #failure: Error | undefined
  /** When there is a token again; undefined: nothing was due. */
  #tokenAt: number | undefined

  constructor(poll: Poll, lane: Lane, rate: ReturnType<typeof rateOf>, isClosing: () => boolean) {
    this.#poll = poll
    this.#lane = lane
    this.#rate = rate
    this.#isClosing = isClosing
  }

  async run(first: Agenda): Promise<number | undefined> {
    await this.#launch(first)
    while (this.#asking.size) {
      const nap = pause(Math.min(this.#waitMs(), NAP_MS), undefined, { ref: false })
      const isRested = await Promise.race([Promise.race(this.#asking).then(() => false), nap.then(() => true)])
      if (isRested) await this.#launch()
    }
    if (this.#failure) throw this.#failure
    if (this.#poll.stopped) return undefined
    if (this.#isFull()) return 1
    if (this.#tokenAt !== undefined) return Math.max(this.#waitMs(), 1)
    return this.#until(await this.#agenda(1))
  }

  #isFull(): boolean {
    return this.#asked >= ROUND || this.#isClosing()
  }

  #now(): number {
    return this.#poll.deps.clock.now().getTime()
  }

  #waitMs(): number {
    return this.#tokenAt === undefined ? NAP_MS : this.#tokenAt - this.#now()
  }

  #until({ due, nextAt }: Agenda): number | undefined {
    if (due > 0) return 1
    const wait = nextAt ? nextAt.getTime() - this.#now() : LONGEST_WAIT_MS
    return wait > LONGEST_WAIT_MS ? undefined : Math.max(wait, 1)
  }

  #agenda(most: number): Promise<Agenda> {
    return this.#poll.scope.read((tx) => this.#lane.agenda(tx, this.#poll, most))
  }

  /** Begins as many questions as are due, are allowed, and fit beside those that are on their way. */
  async #launch(known?: Agenda): Promise<void> {
    const { deps, scope, inbox } = this.#poll
    const room = Math.min(ABREAST - this.#asking.size, ROUND - this.#asked)
    if (room <= 0 || this.#isClosing() || this.#poll.stopped || this.#failure) return
    this.#tokenAt = undefined
    const { due } = known ?? (await this.#agenda(room))
    if (!due) return
    const taker = { accountId: scope.accountId, waiter: `poll-inbox-${inbox.id}-${this.#lane.name}` }
    const { granted, waitMs } = await deps.buckets.takeSpares(this.#rate, taker, due)
    const questions = granted ? await this.#lane.claim(this.#poll, granted) : []
    this.#asked += questions.length
    if (granted < due || due === room) this.#tokenAt = this.#now() + waitMs
    for (const question of questions) this.#begin(question)
  }

  #begin(question: () => Promise<void>): void {
    const asking = question()
      .catch((error: unknown) => void (this.#failure ??= error instanceof Error ? error : new Error(String(error))))
      .finally(() => this.#asking.delete(asking))
    this.#asking.add(asking)
  }
}
