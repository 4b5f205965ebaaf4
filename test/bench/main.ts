import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { loadConfig } from '../../server/config.ts'
import { openContext, type BenchContext } from './context.ts'
import { benchFeed } from './feed.ts'
import { benchFootprint } from './footprint.ts'
import { benchIngest } from './ingest.ts'
import { benchList } from './list.ts'
import { benchLive } from './live.ts'
import { tableOf, type Figure } from './report.ts'
import { startStack } from './stack.ts'
import { benchWebhookAck } from './webhook-ack.ts'

const benches: Record<string, (context: BenchContext) => Promise<Figure[]>> = {
  'webhook-ack': benchWebhookAck,
  ingest: benchIngest,
  live: benchLive,
  list: benchList,
  'fan-out': benchFeed,
  footprint: benchFootprint,
}

/** `npm run bench [name…]`: all of them, or those that are named; one table at the end. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in benches))
  if (unknown.length) throw new Error(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
  const { dataDir } = loadConfig({ DATA_DIR: process.env.DATA_DIR })
  const stack = await startStack(dataDir)
  const figures: Figure[] = []
  const notes: string[] = []
  const stop = async () => {
    await stack.close()
    process.exit(130)
  }
  process.once('SIGINT', () => void stop())
  try {
    const context = await openContext(stack)
    for (const [name, bench] of Object.entries(benches)) {
      if (names.length && !names.includes(name)) continue
      context.say(`${name} …`)
      const noise = watchNoise()
      figures.push(...(await bench(context).catch((error: unknown) => [unfinished(name, error)])))
      notes.push(`${name}: ${noise()}`)
      context.say(notes.at(-1) ?? '')
    }
  } finally {
    await stack.close()
  }
  console.log([tableOf(figures), 'How busy the machine was with other things:', ...notes].join('\n'))
  writeFileSync(path.join(stack.folder, 'results.json'), JSON.stringify({ figures, notes }, null, 2))
}

/** One bench that breaks off does not take the others' figures with it. */
function unfinished(name: string, error: unknown): Figure {
  console.error(error)
  process.exitCode = 1
  return { figure: name, measured: `broke off: ${String(error).slice(0, 80)}`, target: 'to finish', ok: false }
}

/** Duration, load of the machine before and after, and how late a 5 ms timer of this waiting process came. */
function watchNoise(): () => string {
  const before = loadavg()[0] ?? 0
  const started = Date.now()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  return () => {
    delay.disable()
    const late = (share: number) => `${Math.max(delay.percentile(share) / 1e6 - 5, 0).toFixed(1)} ms`
    const load = `load ${before.toFixed(1)} to ${loadavg()[0]?.toFixed(1)}`
    return `${Math.round((Date.now() - started) / 1_000)} s, ${load}, timers late by p95 ${late(95)}, p99 ${late(99)}`
  }
}

await main(process.argv.slice(2))
