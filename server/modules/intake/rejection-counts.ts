import type { Deps, System } from '../../deps.ts'
import { Collector } from '../../kit/collector.ts'

const HOUR_MS = 3_600_000

interface Rejections {
  channelType: string
  reason: string
  hour: Date
  count: number
}

/** Counts refused deliveries, which anybody may send in any number: written together every few seconds. */
export class RejectionCounts {
  readonly #counts: Collector<Rejections>

  constructor({ system, log }: Pick<Deps, 'system' | 'log'>) {
    const sum = (known: Rejections, { count }: Rejections) => ({ ...known, count: known.count + count })
    this.#counts = new Collector(sum, async (rows) => {
      try {
        await unsafeAddRejections(system, [...rows.values()])
        return new Map()
      } catch (error) {
        log.warn({ err: error }, 'refused deliveries could not be counted yet')
        return rows
      }
    })
  }

  add(channelType: string, reason: string, at: Date): void {
    const hour = new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)
    this.#counts.add(`${channelType} ${reason} ${hour.getTime()}`, { channelType, reason, hour, count: 1 })
  }

  close(): Promise<void> {
    return this.#counts.close()
  }
}

async function unsafeAddRejections({ sql }: System, rows: readonly Rejections[]): Promise<void> {
  await sql`
    insert into webhook_rejections as r (channel_type, reason, hour, count)
    select * from unnest(${rows.map((row) => row.channelType)}::text[], ${rows.map((row) => row.reason)}::text[],
      ${rows.map((row) => row.hour.toISOString())}::timestamptz[], ${rows.map((row) => row.count)}::int[])
    on conflict (channel_type, hour, reason) do update set count = r.count + excluded.count`
}
