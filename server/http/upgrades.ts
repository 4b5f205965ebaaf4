import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/**
 * One listener for every upgrade of the server, by path: those below `prefix` go to `take`, the others to whoever listened
 * before. Two listeners would each answer what is the other's.
 */
export function divertUpgrades(server: Server, prefix: string, take: TakeUpgrade): void {
  const others = server.listeners('upgrade') as TakeUpgrade[]
  server.removeAllListeners('upgrade')
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith(prefix)) take(request, socket, head)
    else for (const other of others) other.call(server, request, socket, head)
  })
}
