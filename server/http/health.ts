import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { unsafeFindOldestLook } from '../modules/polling/polling.queries.ts'

const CHECK_MS = 2_000

/**
 * `/health` touches no dependency; `/ready` names each with its state; `/metrics`. Only without Postgres is nothing
 * ready: while Redis is away webhooks are taken in and screens read (I1), so whoever asks must go on sending requests.
 */
export function registerHealth(app: FastifyInstance, deps: Deps): void {
  const quiet = { logLevel: 'warn' } as const
  app.get('/health', quiet, async () => ({ status: 'ok' }))
  app.get('/ready', quiet, async (_request, reply) => {
    const [postgres, redis] = await Promise.all([answers(deps.system.sql`select 1`), answers(deps.redis.ping())])
    return reply.code(postgres ? 200 : 503).send({
      status: postgres ? (redis ? 'ok' : 'degraded') : 'unavailable',
      dependencies: { postgres: state(postgres), redis: state(redis) },
    })
  })
  app.get('/metrics', quiet, async (_request, reply) => {
    void reply.type(deps.metrics.registry.contentType)
    await measurePolling(deps)
    return deps.metrics.registry.metrics()
  })
}

/** A figure of the whole installation, the same in every process; the last one stands while Postgres is away. */
async function measurePolling(deps: Deps): Promise<void> {
  const oldest = await unsafeFindOldestLook(deps.system, deps.channels).catch(() => undefined)
  if (oldest === undefined) return
  const ageMs = oldest ? deps.clock.now().getTime() - oldest.getTime() : 0
  deps.metrics.oldestLook.set(Math.max(0, ageMs / 1_000))
}

const state = (up: boolean) => (up ? 'ok' : 'unavailable')

async function answers(question: PromiseLike<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((done) => setTimeout(() => done(false), CHECK_MS).unref())
  const answered = Promise.resolve(question).then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late])
}
