const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

/** A conversation that is going on. */
export const HOT_MS = 5 * MINUTE
/** As long as somebody may be answered, by the rules of most channels. */
const OPEN_MS = 48 * HOUR
/** An inbox in which something happened within that time is awake. */
const AWAKE_MS = HOUR
/** After something was missed that a delivery ought to have brought, deliveries are not trusted for so long at least. */
export const DISTRUST_MS = 30 * MINUTE

/** How an inbox is read. */
export interface Manner {
  /** Deliveries come: reading only makes sure. */
  byWebhook: boolean
  /** The list tells with whom something happened. */
  narrows: boolean
  awake: boolean
}

/** What is known of somebody, as far as it decides when they are looked at. */
export interface Known {
  activeAt: Date | null
  bumpedAt: Date | null
  unsettledAt: Date | null
}

export interface Looks {
  /** Null: there is no reason to read. */
  readDueAt: Date | null
  checkDueAt: Date
}

type Random = () => number

/** Spreads people evenly, and the same one otherwise each time, without any chance in it. */
export const spreadOf =
  (threadRef: string, now: Date): Random =>
  () => {
    const mixed = [...`${threadRef} ${now.getTime()}`].reduce(
      (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193),
      0x811c9dc5,
    )
    return (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32
  }

/** Between so and so many ms from now, so that not everybody's turn is at once. */
const within = (now: Date, [low, high]: readonly [number, number], random: Random): Date =>
  new Date(now.getTime() + Math.round(low + random() * (high - low)))

const agoOf = (time: Date | null, now: Date): number => (time ? now.getTime() - time.getTime() : Infinity)

/** How long ago something happened with somebody, in ms. */
export const quietFor = ({ activeAt, bumpedAt }: Pick<Known, 'activeAt' | 'bumpedAt'>, now: Date): number =>
  Math.min(agoOf(activeAt, now), agoOf(bumpedAt, now))

const isWithin = (time: Date | null, ms: number, now: Date): boolean => agoOf(time, now) < ms

export function mannerOf(
  { activeAt, missedAt, narrows }: { activeAt: Date | null; missedAt: Date | null; narrows: boolean | null },
  { webhookKeys, lastEventAt }: { webhookKeys: string | null; lastEventAt: Date | null },
  now: Date,
): Manner {
  // Time alone does not bring back one that has died.
  const delivers = webhookKeys !== null && lastEventAt !== null && (missedAt === null || lastEventAt > missedAt)
  return {
    byWebhook: delivers && !isWithin(missedAt, DISTRUST_MS, now),
    narrows: narrows === true,
    awake: isWithin(activeAt, AWAKE_MS, now),
  }
}

/** What goes on being read for its status alone, and how often: reads cost more than they tell by then. */
function statusEvery(unsettledAt: Date | null, byWebhook: boolean, now: Date): readonly [number, number] | undefined {
  const age = agoOf(unsettledAt, now)
  if (age >= OPEN_MS) return undefined
  if (age >= HOUR) return [9 * MINUTE, 11 * MINUTE]
  if (age >= HOT_MS || !byWebhook) return byWebhook ? [100 * SECOND, 140 * SECOND] : [50 * SECOND, 70 * SECOND]
  return [15 * SECOND, 25 * SECOND]
}

function checkEvery(known: Known, { byWebhook, narrows }: Manner, now: Date): readonly [number, number] {
  const quiet = quietFor(known, now)
  if (byWebhook) return quiet < OPEN_MS ? [5 * MINUTE, 15 * MINUTE] : [20 * MINUTE, 40 * MINUTE]
  if (quiet >= OPEN_MS || narrows) return [10 * MINUTE, 30 * MINUTE]
  return quiet < HOUR ? [13 * SECOND, 17 * SECOND] : [MINUTE, 2 * MINUTE]
}

/** When somebody is looked at next, by how long ago something happened. */
export function nextLooks(known: Known, manner: Manner, now: Date, random: Random): Looks {
  const checkDueAt = within(now, checkEvery(known, manner, now), random)
  const isHot = quietFor(known, now) < HOT_MS && !manner.byWebhook
  const readEvery = isHot ? ([2 * SECOND, 3 * SECOND] as const) : statusEvery(known.unsettledAt, manner.byWebhook, now)
  return { readDueAt: readEvery ? within(now, readEvery, random) : null, checkDueAt }
}

/**
 * When somebody is looked at next who is not in the channel: they may be on their way into it, and the answer may be wrong
 * for once, so it is soon, then a while later, and only then hardly ever.
 */
export function nextAbsentLook(
  { present, checkedAt }: { present: boolean | null; checkedAt: Date | null },
  now: Date,
  random: Random,
): Date {
  if (present !== false) return within(now, [50 * SECOND, 70 * SECOND], random)
  const isSecond = isWithin(checkedAt, HOT_MS, now)
  return within(now, isSecond ? [9 * MINUTE, 11 * MINUTE] : [10 * HOUR, 14 * HOUR], random)
}

/** When the list is read next: in how many ms from its last beginning, and everybody's, in how many. */
export function listEvery({ byWebhook, narrows, awake }: Manner, pages: number): { next: number; everybody: number } {
  if (narrows) {
    const next = byWebhook ? MINUTE : awake ? 3 * SECOND : 30 * SECOND
    return { next, everybody: Math.max(10 * MINUTE, pages * 3 * SECOND) }
  }
  // Somebody new is seen by the list alone.
  const soonest = byWebhook ? 5 * MINUTE : awake ? 5 * SECOND : MINUTE
  const next = Math.max(soonest, pages * 2 * SECOND)
  return { next, everybody: next }
}

/** So late may be told what was written: reads go back so far behind what they know. */
export const LATE_MS = 5 * MINUTE
/** By how much the provider's clock may be behind ours. */
const SKEW_MS = MINUTE
/** Where a page is full of what was said in minutes, going back costs reads that what is said now needs. */
const OVERLAP_EVERY_MS = 15 * MINUTE

export interface Reach {
  readUpTo: Date | null
  overlappedAt: Date | null
  activeAt: Date | null
  bumpedAt: Date | null
}

/** How far back a read has to go to find what came late, too. */
export const overlapOf = ({ overlappedAt }: Pick<Reach, 'overlappedAt'>, since: Date): Date =>
  overlappedAt
    ? new Date(Math.max(overlappedAt.getTime() - SKEW_MS, since.getTime()) - LATE_MS)
    : new Date(since.getTime() - LATE_MS)

/** After a pause of that length it is made up for, once. */
const PAUSED_MS = 60_000

/**
 * How far back a read goes that begins now: behind what is known by as much as may be told late. While somebody writes so
 * much that this takes more than a page, only as far as what is known; further once there is a pause, once it is quiet, or
 * after a while.
 */
export function reachOf(reach: Reach, since: Date, now: Date): Date {
  const overlap = overlapOf(reach, since)
  const { readUpTo, overlappedAt } = reach
  if (!readUpTo || !overlappedAt) return overlap
  const quiet = quietFor(reach, now)
  const isPaused = quiet >= PAUSED_MS && overlappedAt.getTime() < now.getTime() - quiet + PAUSED_MS
  const isBusy = quiet < HOT_MS && !isPaused && agoOf(overlappedAt, now) < OVERLAP_EVERY_MS
  return isBusy && readUpTo > overlap ? readUpTo : overlap
}
