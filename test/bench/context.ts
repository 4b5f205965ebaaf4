import { Redis } from 'ioredis'
import { entryPoint, freshDatabase, type NodeProcess, type Stack } from './stack.ts'

const DATABASE = 'bench'

/** What the benches share: a fresh database, and a web and a worker process that live until the end. */
export interface BenchContext {
  stack: Stack
  /** Name of the run's database. */
  database: string
  /** A superuser's URL of it. */
  databaseUrl: string
  /** How Parley's processes are run. */
  entry: string
  web(): Promise<NodeProcess>
  worker(): Promise<NodeProcess>
  /** Empties Redis: wakes that nobody worked off, uses that were counted. */
  emptyRedis(): Promise<void>
  say(text: string): void
}

export async function openContext(stack: Stack): Promise<BenchContext> {
  await freshDatabase(stack, DATABASE)
  const processes = new Map<string, Promise<NodeProcess>>()
  const start = (role: 'web' | 'worker') => {
    const process = processes.get(role) ?? stack.parley(role, role, DATABASE)
    processes.set(role, process)
    return process
  }
  return {
    stack,
    database: DATABASE,
    databaseUrl: stack.urlOf(DATABASE),
    entry: entryPoint().kind,
    web: () => start('web'),
    worker: () => start('worker'),
    emptyRedis: async () => {
      const redis = new Redis(stack.redisUrl)
      await redis.flushall()
      redis.disconnect()
    },
    say: (text) => console.error(text),
  }
}
