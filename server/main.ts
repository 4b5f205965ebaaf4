import type { FastifyInstance } from 'fastify'
import { GRACE_MS, startJobs } from '../jobs/main.ts'
import { buildApp, buildWorkerApp } from './app.ts'
import { checkEncryptionKey, prepareConfig } from './boot.ts'
import { ConfigError } from './config.ts'
import { createDeps, type Deps } from './deps.ts'
import { settled } from './kit/settled.ts'

/** A stop takes no longer: after 10 s whoever asked for it kills. */
const STOP_MS = 9_500

/** Of that, for the pools. */
const CLOSE_MS = 1_500

/** One process of Parley: web, worker, or both with ROLE unset. */
async function main(): Promise<void> {
  const { config, stopEmbedded } = await prepareConfig()
  const deps = createDeps(config)
  const { log } = deps
  let app: FastifyInstance | undefined
  let jobs: ReturnType<typeof startJobs> | undefined
  stopOnSignal(deps, async () => {
    await settled(Promise.allSettled([app?.close(), jobs?.close()]), GRACE_MS)
    await settled(deps.close(), CLOSE_MS)
    await stopEmbedded()
  })
  await checkEncryptionKey(deps)
  await deps.appCredentials.start()
  deps.stamper.start()
  if (config.role !== 'web') jobs = startJobs(deps)
  const port = config.role === 'worker' ? config.workerPort : config.port
  if (port !== undefined) {
    app = config.role === 'worker' ? buildWorkerApp(deps) : await buildApp(deps)
    await app.listen({ port, host: config.host })
  }
  log.info({ role: config.role, port }, 'ready')
}

/** npm passes a Ctrl-C on that the process has had from the terminal already. */
const SAME_SIGNAL_MS = 300

/** The first signal stops in order and within STOP_MS, whatever hangs; a second one ends the process at once. */
function stopOnSignal({ log }: Deps, stop: () => Promise<void>): void {
  let since: number | undefined
  const hear = (signal: NodeJS.Signals) => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    since = performance.now()
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(0), STOP_MS)
    const failed = (error: unknown) => log.error({ err: error }, 'the stop failed')
    void stop()
      .catch(failed)
      .finally(() => process.exit(0))
  }
  process.on('SIGTERM', hear)
  process.on('SIGINT', hear)
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigError || (error as { expected?: boolean }).expected === true
  const text = expected ? (error as Error).message : String(error instanceof Error ? error.stack : error)
  process.stderr.write(`${text}\n`)
  process.exit(1)
})
