import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { certificate } from './tls-certificate.ts'

const closers: (() => void)[] = []
/** Ends whatever was served; for `afterEach`. */
export function closeServers(): void {
  for (const close of closers.splice(0)) close()
}

export async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return (server.address() as AddressInfo).port
}

export async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler)
  closers.push(() => server.closeAllConnections())
  return `http://127.0.0.1:${await listen(server)}`
}

export async function serveTls(handler: http.RequestListener): Promise<string> {
  const server = https.createServer(certificate, handler)
  closers.push(() => server.closeAllConnections())
  return `https://127.0.0.1:${await listen(server)}`
}

/** A server below HTTP, which does with a connection what it likes. */
export const serveRaw = (handler: (socket: net.Socket) => void): Promise<number> =>
  listen(
    net.createServer((socket) => {
      closers.push(() => socket.destroy())
      socket.on('error', () => undefined)
      handler(socket)
    }),
  )

/** Of calls that are to run into their time-out. */
export const SHORT_MS = 800
