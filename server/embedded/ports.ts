import { createServer } from 'node:net'
import { EmbeddedError } from './error.ts'

const NEIGHBOURS = 10

/**
 * Where a port stays free between two runs of a service that keeps it: below those that the kernel gives to whoever asks
 * for any, and to outgoing connections.
 */
const QUIET = { first: 20_000, count: 12_000 }
const ATTEMPTS = 20

/** `wanted` or one of the next ten where nothing listens, else any free port of the loopback interface. */
export async function freePort(wanted = 0): Promise<number> {
  for (let port = wanted; wanted > 0 && port < wanted + NEIGHBOURS; port += 1) {
    const free = await tryPort(port)
    if (free !== undefined) return free
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const free = await tryPort(QUIET.first + Math.floor(Math.random() * QUIET.count))
    if (free !== undefined) return free
  }
  const any = await tryPort(0)
  if (any === undefined) throw new EmbeddedError('no port of 127.0.0.1 is free')
  return any
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
}
