import { beforeAll, describe, expect, it } from 'vitest'
import { tableOf, type Figures } from './figures.ts'
import { ParleyReader, runSeedLoop } from './simulation.ts'

const SEED = 20260105
const PEOPLE = { contacts: 500, active: 20 }
const MINUTE = 60_000

const trafficOf = (perSecond: number, minutes: number, quietMinutes: number) => ({
  ...PEOPLE,
  ...{ durationMs: minutes * MINUTE, quietUntilMs: quietMinutes * MINUTE },
  // Where more is allowed more of them write in the same time, so that as many are measured.
  ...{ quietEveryMs: perSecond === 5 ? 6_000 : 3_000, seed: SEED + perSecond },
})

const figures: Figures[] = []
const of = (name: string, perSecond: number): Figures => {
  const found = figures.find((one) => one.name === name && one.perSecond === perSecond)
  return found ?? expect.unreachable(`${name} at ${perSecond}/s was not run`)
}

beforeAll(async () => {
  for (const [perSecond, minutes, quietMinutes] of [
    [5, 2.5, 1],
    [20, 1.25, 1],
  ] as const) {
    const reader = await ParleyReader.start(perSecond, SEED)
    await reader.connect(PEOPLE)
    figures.push(await reader.run(trafficOf(perSecond, minutes, quietMinutes)))
    await reader.close()
  }
  for (const perSecond of [5, 20]) figures.push(await runSeedLoop(perSecond, trafficOf(perSecond, 0.5, 0.5)))
  console.log(`\n${tableOf(figures)}\n`)
}, 600_000)

describe('reading by polling, 500 people of whom 20 write all the time', () => {
  it('loses nothing and doubles nothing, in bursts, late and with equal ids', () => {
    const ours = [of('Parley', 5), of('Parley', 20)]
    expect(ours.map(({ lost, doubled }) => [lost, doubled])).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(ours.reduce((sum, { messages }) => sum + messages, 0)).toBeGreaterThanOrEqual(10_000)
  })

  it.each([5, 20])(
    'shows who is active within seconds, and who is quiet within minutes, at %i calls a second',
    (rate) => {
      const { activeMedian, activeP95, quietMedian, refusals } = of('Parley', rate)
      expect(activeMedian).toBeLessThanOrEqual(3_000)
      expect(activeP95).toBeLessThanOrEqual(8_000)
      expect(quietMedian).toBeLessThanOrEqual(90_000)
      expect(refusals).toBeLessThanOrEqual(1)
    },
  )

  it('is faster where more is allowed', () => {
    const [slow, fast] = [of('Parley', 5), of('Parley', 20)]
    expect(fast.activeMedian).toBeLessThanOrEqual(slow.activeMedian * 0.55)
    expect(fast.quietMedian).toBeLessThanOrEqual(slow.quietMedian * 0.55)
  })

  it('is what the seed’s loop is not', () => {
    for (const rate of [5, 20]) {
      const [ours, theirs] = [of('Parley', rate), of('the seed’s loop', rate)]
      expect(theirs.lost / theirs.messages).toBeGreaterThan(0.5)
      expect(theirs.refusals).toBeGreaterThan(100 * Math.max(1, ours.refusals))
    }
  })
})
