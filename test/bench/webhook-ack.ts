import postgres, { type Sql } from 'postgres'
import type { BenchContext } from './context.ts'
import { LoadGenerator, type LoadResult } from './load.ts'
import { median, milliseconds, perSecond, rounds, type Figure } from './report.ts'
import { seedAccounts } from './seed.ts'

const CONNECTIONS = 64
const ROUNDS = 3

/**
 * Acknowledging webhooks: the web process as it is in production, and a bare route that checks the HMAC and commits one
 * row a request into a table of the same shape. Saturated by 64 connections, then 300 requests a second.
 */
export async function benchWebhookAck(context: BenchContext): Promise<Figure[]> {
  const sql = postgres(context.databaseUrl, { max: 2, onnotice: () => {} })
  await sql`create table if not exists bare_webhook_events (like webhook_events including all)`
  const accounts = await seedAccounts(sql, 10, 40)
  const targets = accounts.flatMap(({ business, threads }) => threads.map((thread) => ({ business, ...thread })))
  const bare = await context.stack.script('bare', 'test/bench/bare-server.ts', { DATABASE_URL: context.databaseUrl })
  const web = await context.web()
  const load = new LoadGenerator()
  const run = async (kind: 'parley' | 'bare', label: string, how: { durationMs: number; perSecond?: number }) => {
    const table = kind === 'bare' ? 'bare_webhook_events' : 'webhook_events'
    await sql`truncate ${sql(table)}`
    const port = Number(new URL(kind === 'bare' ? bare.url : web.url).port)
    const result = await load.run({ port, targets, label: `${label}-${kind}`, connections: CONNECTIONS, ...how })
    await checkRows(sql, table, result)
    return result
  }
  try {
    for (const kind of ['bare', 'parley'] as const) await run(kind, 'warm', { durationMs: 2_000 })
    const rates = { parley: [] as number[], bare: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const kind of round % 2 ? (['parley', 'bare'] as const) : (['bare', 'parley'] as const)) {
        const { answered, elapsedMs } = await run(kind, `round-${round}`, { durationMs: 5_000 })
        rates[kind].push((answered / elapsedMs) * 1_000)
      }
    }
    const calm = { parley: [] as LoadResult[], bare: [] as LoadResult[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const kind of ['bare', 'parley'] as const) {
        calm[kind].push(await run(kind, `calm-${round}`, { durationMs: 5_000, perSecond: 300 }))
      }
    }
    return figuresOf(rates, calm)
  } finally {
    load.close()
    await bare.stop()
    await sql`truncate webhook_events`
    await sql.end()
    await context.emptyRedis()
  }
}

function figuresOf(
  rates: Record<'parley' | 'bare', number[]>,
  calm: Record<'parley' | 'bare', LoadResult[]>,
): Figure[] {
  const ratio = median(rates.parley) / median(rates.bare)
  const p99 = (kind: 'parley' | 'bare') => median(calm[kind].map((result) => result.p99))
  const p50 = (kind: 'parley' | 'bare') => median(calm[kind].map((result) => result.p50))
  const slowest = Math.max(...calm.parley.map(({ max }) => max))
  return [
    {
      figure: 'webhook acknowledge, 64 connections',
      measured: rounds(rates.parley),
      bare: perSecond(median(rates.bare)),
      ratio,
      target: '≥ 0.90 of bare',
      ok: ratio >= 0.9,
    },
    {
      figure: 'webhook acknowledge at 300/s: p50 / p99 / max',
      measured: `${p50('parley').toFixed(1)} / ${p99('parley').toFixed(1)} / ${milliseconds(slowest)}`,
      bare: `${p50('bare').toFixed(1)} / ${milliseconds(p99('bare'))}`,
      target: 'p99 < 20 ms',
      ok: p99('parley') < 20,
    },
  ]
}

async function checkRows(sql: Sql, table: string, { answered }: LoadResult): Promise<void> {
  const [row] = await sql<{ rows: number }[]>`select count(*)::int as rows from ${sql(table)}`
  if (row?.rows !== answered) throw new Error(`${answered} webhooks were acknowledged, ${row?.rows} are stored`)
}
