import type { Deps, System } from '../../deps.ts'

const FLUSH_MS = 2_000
const HOUR_MS = 3_600_000

interface Rejections {
  channelType: string
  reason: string
  hour: Date
  count: number
}

/** Counts refused deliveries, which anybody may send in any number: in memory, written together every few seconds. */
export class RejectionCounts {
  readonly #deps: Pick<Deps, 'system' | 'log'>
  readonly #counts = new Map<string, Rejections>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(deps: Pick<Deps, 'system' | 'log'>) {
    this.#deps = deps
  }

  add(channelType: string, reason: string, at: Date, count = 1): void {
    const hour = new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)
    const key = `${channelType} ${reason} ${hour.getTime()}`
    const known = this.#counts.get(key)
    if (known) known.count += count
    else this.#counts.set(key, { channelType, reason, hour, count })
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS).unref()
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flush()
    clearTimeout(this.#timer)
  }

  async #flush(): Promise<void> {
    this.#timer = undefined
    const rows = [...this.#counts.values()]
    this.#counts.clear()
    if (!rows.length) return
    try {
      await unsafeAddRejections(this.#deps.system, rows)
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'refused deliveries could not be counted yet')
      for (const row of rows) this.add(row.channelType, row.reason, row.hour, row.count)
    }
  }
}

async function unsafeAddRejections({ sql }: System, rows: readonly Rejections[]): Promise<void> {
  await sql`
    insert into webhook_rejections as r (channel_type, reason, hour, count)
    select * from unnest(${rows.map((row) => row.channelType)}::text[], ${rows.map((row) => row.reason)}::text[],
      ${rows.map((row) => row.hour.toISOString())}::timestamptz[], ${rows.map((row) => row.count)}::int[])
    on conflict (channel_type, hour, reason) do update set count = r.count + excluded.count`
}
