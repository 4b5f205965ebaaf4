import type { Writing } from './traffic.ts'

/** What came of a reader, as the table shows it. */
export interface Figures {
  name: string
  perSecond: number
  messages: number
  activeMedian: number
  activeP95: number
  quietMedian: number
  quietP95: number
  /** Answers of 429 in the worst minute. */
  refusals: number
  calls: number
  lost: number
  doubled: number
}

export interface Seen {
  writing: Writing
  /** How often, and when for the first time, in ms from the beginning. */
  times: number
  at: number
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? NaN

/** Of what was never seen the time is not known; it counts as lost. */
export function figuresOf(
  name: string,
  perSecond: number,
  seen: readonly Seen[],
  { refusals, calls, goingAfterMs }: { refusals: readonly number[]; calls: number; goingAfterMs: number },
): Figures {
  const delays = (active: boolean) =>
    seen
      .filter(
        ({ writing, times }) => writing.active === active && writing.at >= (active ? goingAfterMs : 0) && times > 0,
      )
      .map(({ writing, at }) => at - writing.at)
  const [active, quiet] = [delays(true), delays(false)]
  const minutes = new Map<number, number>()
  for (const at of refusals) minutes.set(Math.floor(at / 60_000), (minutes.get(Math.floor(at / 60_000)) ?? 0) + 1)
  return {
    ...{ name, perSecond, messages: seen.length, calls },
    ...{ activeMedian: quantile(active, 0.5), activeP95: quantile(active, 0.95) },
    ...{ quietMedian: quantile(quiet, 0.5), quietP95: quantile(quiet, 0.95) },
    refusals: Math.max(0, ...minutes.values()),
    lost: seen.filter(({ times }) => times === 0).length,
    doubled: seen.filter(({ times }) => times > 1).length,
  }
}

const seconds = (ms: number): string => (Number.isNaN(ms) ? 'never' : `${(ms / 1_000).toFixed(1)} s`)

/** As a table of Markdown. */
export function tableOf(all: readonly Figures[]): string {
  const head = [
    'reader',
    'allowed',
    'active: median',
    '95 %',
    'quiet: median',
    '95 %',
    '429s in the worst minute',
    'messages',
    'lost',
    'doubled',
  ]
  const rows = all.map((one) => [
    one.name,
    `${one.perSecond}/s`,
    ...[one.activeMedian, one.activeP95, one.quietMedian, one.quietP95].map(seconds),
    ...[one.refusals, one.messages, one.lost, one.doubled].map(String),
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
