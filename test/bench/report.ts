/** One line of the table. */
export interface Figure {
  figure: string
  measured: string
  bare?: string
  ratio?: number
  target: string
  /** Undefined: reported only. */
  ok?: boolean
}

export const median = (values: readonly number[]): number => percentile(values, 50)

/** The value that `share` percent of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(Math.ceil((sorted.length * share) / 100) - 1, 0)] ?? Number.NaN
}

export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`

/** p50, p95 and p99 in one cell. */
export const spread = (values: readonly number[]): string =>
  [50, 95, 99].map((share) => percentile(values, share).toFixed(1)).join(' / ')

/** "1,234/s (1,180–1,301)": the median of the rounds and how far they lie apart. */
export const rounds = (values: readonly number[]): string =>
  `${perSecond(median(values))} (${values.map((value) => Math.round(value)).join(', ')})`

/** The table as text, one line a figure. */
export function tableOf(figures: readonly Figure[]): string {
  const head = ['figure', 'measured', 'bare limit', 'ratio', 'target', '']
  const lines = figures.map(({ figure, measured, bare, ratio, target, ok }) => [
    figure,
    measured,
    bare ?? '–',
    ratio === undefined ? '–' : ratio.toFixed(2),
    target,
    ok === undefined ? '' : ok ? 'ok' : 'SHORT',
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)))
  const show = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return [show(head), widths.map((width) => '-'.repeat(width)).join('  '), ...lines.map(show)].join('\n')
}
