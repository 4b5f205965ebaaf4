import { createServer } from 'node:net'

/** Below the ports that the kernel gives to whoever asks for any, and below those of the private services. */
const FIRST = 10_000
const PER_FORK = 1_000
const FORKS = 10

const fork = (Number(process.env.VITEST_POOL_ID ?? 0) % FORKS) * PER_FORK + FIRST
/** Another run of the tests may be under way on this machine. */
let next = Math.floor(Math.random() * PER_FORK)

/**
 * A port that nobody takes until it is bound, also when that is seconds later, or again and again: each fork of vitest
 * has its own, and neither listen(0) nor an outgoing connection ever gets one of them.
 */
export async function reservePort(): Promise<number> {
  for (let tries = 0; tries < PER_FORK; tries++) {
    const port = fork + (next++ % PER_FORK)
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${fork} on is free`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
