import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { packageRoot } from '../../server/kit/paths.ts'
import { ensureClientBuilt } from '../support/builds.ts'
import type { BenchContext } from './context.ts'
import { median, type Figure } from './report.ts'

const STARTS = 3

/** What Parley weighs: memory after the other benches, the time until it answers, the script of its first page. */
export async function benchFootprint(context: BenchContext): Promise<Figure[]> {
  const [web, worker] = await Promise.all([context.web(), context.worker()])
  const memory = [web.memory(), worker.memory()].map(Math.round) as [number, number]
  const starts: number[] = []
  for (let place = 0; place < STARTS; place += 1) {
    const begun = performance.now()
    const whole = await context.stack.parley('cold-start', 'all', context.database)
    starts.push(performance.now() - begun)
    await whole.stop()
  }
  ensureClientBuilt()
  const [logIn, inbox] = ['features/session/LogInPage.vue', 'features/conversations/ConversationsPage.vue'].map(
    scriptOf,
  )
  return [
    {
      figure: 'memory of web + worker after all that',
      measured: `${memory[0]} + ${memory[1]} = ${memory[0] + memory[1]} MB (${context.entry})`,
      target: 'reported',
    },
    {
      figure: 'cold start to ready, web and worker in one process',
      measured: `${(median(starts) / 1_000).toFixed(2)} s (${context.entry})`,
      target: 'reported',
    },
    {
      figure: 'client script, gzipped: log-in page / inbox',
      measured: `${kilobytes(logIn)} / ${kilobytes(inbox)}`,
      target: '≤ 150 kB',
      ok: Math.max(logIn ?? Infinity, inbox ?? Infinity) <= 150_000,
    },
  ]
}

const kilobytes = (bytes = Number.NaN) => `${(bytes / 1_000).toFixed(0)} kB`

interface Chunk {
  file: string
  imports?: string[]
}

/** Every script that the browser needs to show a page when it opens the app there: entry, shell, page, what they import. */
function scriptOf(page: string): number {
  const root = path.join(packageRoot, 'dist/client')
  const manifest = JSON.parse(readFileSync(path.join(root, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
  const wanted = new Set<string>()
  const add = (name: string) => {
    const chunk = manifest[name]
    if (!chunk) throw new Error(`the client's build has no ${name}`)
    if (wanted.has(chunk.file)) return
    wanted.add(chunk.file)
    for (const next of chunk.imports ?? []) add(next)
  }
  const shell = page.startsWith('features/session/') ? [] : ['features/shell/AppShell.vue']
  for (const name of ['index.html', ...shell, page]) add(name)
  if (existsSync(path.join(root, 'theme.js'))) wanted.add('theme.js')
  return [...wanted].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(root, file))).length, 0)
}
