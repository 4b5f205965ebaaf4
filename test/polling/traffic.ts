import { createPrng } from '../standin/prng.ts'

/** One message that a customer writes. */
export interface Writing {
  /** When it shows up at the provider, in ms from the beginning. */
  at: number
  /** When it was written: earlier than that for one that comes late. */
  writtenAt: number
  contact: number
  text: string
  active: boolean
}

export interface People {
  contacts: number
  active: number
}

export interface TrafficOptions extends People {
  durationMs: number
  /** Until then those who are quiet write now and then: so long from one to the next, of all of them together. */
  quietUntilMs: number
  quietEveryMs: number
  seed: number
}

const SECOND = 1_000
/** Of those who are active: from one group of messages to the next, and how many are in one. */
const GROUP_EVERY_MS = 8 * SECOND
const GROUP = [5, 23] as const
const BURST = 120
/** Each of those who are active has so many bursts. */
const BURSTS = 0.5
const LATE = { share: 0.04, mostMs: 20 * SECOND }

/** Those who write all the time are spread among the others. */
export function isActive({ contacts, active }: People, contact: number): boolean {
  const every = Math.floor(contacts / active)
  return contact % every === 0 && contact / every < active
}

/**
 * What customers write: `active` of them in groups, some in bursts of more than a page, everybody else now and then. Some
 * messages come late, with an id that is lower than those before it, and some have the same id as somebody else's.
 */
export function createTraffic({ contacts, active, durationMs, quietUntilMs, quietEveryMs, seed }: TrafficOptions) {
  const [random, quiet] = [createPrng(seed), createPrng(seed, 1)]
  const gap = (mean: number, from = random) => -Math.log(1 - from.next()) * mean
  const writings: Writing[] = []
  let texts = 0
  const write = (contact: number, writtenAt: number, active: boolean) => {
    const at = Math.floor(writtenAt)
    const mostLate = Math.min(LATE.mostMs, durationMs - at)
    const late = active && mostLate > SECOND && random.chance(LATE.share) ? random.int(SECOND, mostLate) : 0
    writings.push({ at: at + late, writtenAt: at, contact, text: `message ${++texts}`, active })
  }
  const every = Math.floor(contacts / active)
  for (let one = 0; one < active; one++) {
    for (let at = gap(GROUP_EVERY_MS); at < durationMs; at += gap(GROUP_EVERY_MS)) {
      const size = random.int(...GROUP)
      // In the same millisecond as somebody else: the two have the same id.
      const twin = random.chance(0.05) ? ((one + 1) % active) * every : undefined
      for (let place = 0; place < size; place++) {
        write(one * every, at + place * 150, true)
        if (place === 0 && twin !== undefined) write(twin, at, true)
      }
    }
    if (random.chance(BURSTS)) {
      const at = random.next() * durationMs * 0.8
      for (let place = 0; place < BURST; place++) write(one * every, at + place * 20, true)
    }
  }
  for (let at = gap(quietEveryMs, quiet); at < quietUntilMs; at += gap(quietEveryMs, quiet)) {
    let contact = quiet.int(0, contacts - 1)
    while (isActive({ contacts, active }, contact)) contact = quiet.int(0, contacts - 1)
    write(contact, at, false)
  }
  return writings.sort((a, b) => a.at - b.at || a.contact - b.contact)
}
