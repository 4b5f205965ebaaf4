import { describe, expect, it } from 'vitest'
import {
  listEvery,
  mannerOf,
  nextAbsentLook,
  nextLooks,
  overlapOf,
  reachOf,
  type Known,
  type Manner,
} from '../../server/modules/polling/tiers.ts'

const now = new Date('2026-01-05T12:00:00Z')
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
const ago = (ms: number) => new Date(now.getTime() - ms)
const awake: Manner = { byWebhook: false, narrows: false, awake: true }
const nobody: Known = { activeAt: null, bumpedAt: null, unsettledAt: null }

/** In how many ms somebody is read, and looked at: the soonest and the latest. */
function looks(known: Partial<Known>, manner: Partial<Manner> = {}) {
  const [low, high] = [0, 1].map((random) =>
    nextLooks({ ...nobody, ...known }, { ...awake, ...manner }, now, () => random),
  )
  const until = (time: Date | null | undefined) => (time ? time.getTime() - now.getTime() : null)
  return {
    read: [until(low?.readDueAt), until(high?.readDueAt)],
    check: [until(low?.checkDueAt), until(high?.checkDueAt)],
  }
}
const NONE = [null, null]

describe('when somebody is looked at next', () => {
  it('goes by how long ago something happened', () => {
    expect(looks({ activeAt: ago(4 * MINUTE) }).read).toEqual([2 * SECOND, 3 * SECOND])
    expect(looks({ activeAt: ago(6 * MINUTE) })).toEqual({ read: NONE, check: [13 * SECOND, 17 * SECOND] })
    expect(looks({ activeAt: ago(2 * HOUR) })).toEqual({ read: NONE, check: [MINUTE, 2 * MINUTE] })
    expect(looks({ activeAt: ago(50 * HOUR) })).toEqual({ read: NONE, check: [10 * MINUTE, 30 * MINUTE] })
    expect(looks({})).toEqual({ read: NONE, check: [10 * MINUTE, 30 * MINUTE] })
  })

  it('takes it for a message when somebody here sent, or opened the conversation', () => {
    expect(looks({ activeAt: ago(50 * HOUR), bumpedAt: ago(MINUTE) }).read).toEqual([2 * SECOND, 3 * SECOND])
  })

  it('follows what was sent until it is read, less and less often', () => {
    const sent = (ms: number) => looks({ activeAt: ago(ms), unsettledAt: ago(ms) }).read
    expect(sent(4 * MINUTE)).toEqual([2 * SECOND, 3 * SECOND])
    expect(sent(10 * MINUTE)).toEqual([50 * SECOND, 70 * SECOND])
    expect(sent(2 * HOUR)).toEqual([9 * MINUTE, 11 * MINUTE])
    expect(sent(49 * HOUR)).toEqual(NONE)
  })

  it('only makes sure where deliveries come, and follows what was sent, which they do not tell', () => {
    const byWebhook = true
    expect(looks({ activeAt: ago(MINUTE) }, { byWebhook })).toEqual({ read: NONE, check: [5 * MINUTE, 15 * MINUTE] })
    const sent = looks({ activeAt: ago(MINUTE), unsettledAt: ago(MINUTE) }, { byWebhook }).read
    expect(sent).toEqual([15 * SECOND, 25 * SECOND])
  })

  it('leaves the quiet ones alone where the list tells of them', () => {
    expect(looks({ activeAt: ago(2 * HOUR) }, { narrows: true }).check).toEqual([10 * MINUTE, 30 * MINUTE])
  })

  it('is soon for whoever is not there, once more after a while, and then hardly ever', () => {
    const again = (present: boolean | null, checkedAt: Date | null) =>
      [0, 1].map((random) => nextAbsentLook({ present, checkedAt }, now, () => random).getTime() - now.getTime())
    for (const present of [null, true]) expect(again(present, ago(SECOND))).toEqual([50 * SECOND, 70 * SECOND])
    expect(again(false, ago(MINUTE))).toEqual([9 * MINUTE, 11 * MINUTE])
    expect(again(false, ago(10 * MINUTE))).toEqual([10 * HOUR, 14 * HOUR])
    expect(again(false, null)).toEqual([10 * HOUR, 14 * HOUR])
  })
})

describe('how an inbox is read', () => {
  const inbox = { webhookKeys: 'sealed', lastEventAt: ago(HOUR) }
  const poll = { activeAt: ago(HOUR / 2), missedAt: null, narrows: null }

  it('goes by deliveries once they come, and not for half an hour after one was missed', () => {
    expect(mannerOf(poll, inbox, now)).toEqual({ byWebhook: true, narrows: false, awake: true })
    expect(mannerOf(poll, { ...inbox, webhookKeys: null }, now).byWebhook).toBe(false)
    expect(mannerOf(poll, { ...inbox, lastEventAt: null }, now).byWebhook).toBe(false)
    expect(mannerOf({ ...poll, missedAt: ago(29 * MINUTE) }, inbox, now).byWebhook).toBe(false)
    const heard = { ...inbox, lastEventAt: ago(20 * MINUTE) }
    expect(mannerOf({ ...poll, missedAt: ago(31 * MINUTE) }, heard, now).byWebhook).toBe(true)
  })

  it('does not go by deliveries again before one has come', () => {
    expect(mannerOf({ ...poll, missedAt: ago(31 * MINUTE) }, inbox, now).byWebhook).toBe(false)
  })

  it('costs next to nothing while it sleeps', () => {
    expect(mannerOf({ ...poll, activeAt: ago(2 * HOUR) }, inbox, now).awake).toBe(false)
    expect(listEvery(awake, 1).next).toBe(5 * SECOND)
    expect(listEvery(awake, 5).next).toBe(10 * SECOND)
    expect(listEvery(awake, 100).next, 'many pages').toBe(200 * SECOND)
    expect(listEvery({ ...awake, awake: false }, 5).next).toBe(MINUTE)
    expect(listEvery({ ...awake, narrows: true }, 5)).toEqual({ next: 3 * SECOND, everybody: 10 * MINUTE })
  })
})

describe('how far back a read goes', () => {
  const since = ago(24 * HOUR)
  const reach = { readUpTo: ago(2 * SECOND), overlappedAt: ago(2 * MINUTE), activeAt: ago(2 * SECOND), bumpedAt: null }

  it('is by five minutes behind what was known, and for the first time behind the beginning', () => {
    expect(overlapOf({ overlappedAt: ago(2 * MINUTE) }, since)).toEqual(ago(8 * MINUTE))
    expect(overlapOf({ overlappedAt: null }, since)).toEqual(ago(24 * HOUR + 5 * MINUTE))
    expect(reachOf({ ...reach, readUpTo: null, overlappedAt: null }, since, now)).toEqual(ago(24 * HOUR + 5 * MINUTE))
  })

  it('is to what is known while somebody writes without a pause, and further afterwards, or now and then', () => {
    expect(reachOf(reach, since, now)).toEqual(ago(2 * SECOND))
    const paused = { ...reach, activeAt: ago(70 * SECOND) }
    expect(reachOf(paused, since, now), 'a pause').toEqual(ago(8 * MINUTE))
    const upTo = { ...paused, overlappedAt: ago(5 * SECOND) }
    expect(reachOf(upTo, since, now), 'once in it').toEqual(ago(2 * SECOND))
    expect(reachOf({ ...reach, activeAt: ago(6 * MINUTE) }, since, now)).toEqual(ago(8 * MINUTE))
    expect(reachOf({ ...reach, overlappedAt: ago(16 * MINUTE) }, since, now)).toEqual(ago(22 * MINUTE))
  })
})
