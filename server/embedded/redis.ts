import { spawn } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import type { Logger } from '../kit/log.ts'
import { endOrphan } from './lock.ts'
import { freePort } from './ports.ts'
import { serverEnvironment } from './postgres-binaries.ts'
import { findRedis } from './redis-binary.ts'
import { createService } from './service.ts'
import type { EmbeddedService } from './service.ts'

/** A private Redis with its files in `dataDir/redis`, not started yet. Not durable: it forgets at every stop. */
export async function createRedis(options: {
  dataDir: string
  log: Logger
  durable: boolean
}): Promise<EmbeddedService> {
  const folder = path.join(options.dataDir, 'redis')
  const logFile = path.join(options.dataDir, 'redis.log')
  const binary = findRedis(options.log)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await endOrphan(folder, path.join(folder, 'redis.pid'), 'redis', 'SIGTERM')
  const port = await freePort()
  const password = randomBytes(24).toString('base64url')
  return createService({
    name: 'Redis',
    url: `redis://:${password}@127.0.0.1:${port}`,
    port,
    log: options.log,
    logFile,
    stopSignal: 'SIGTERM',
    isReady: () => answersPing(port, password),
    launch() {
      const output = openSync(logFile, 'w', 0o600)
      const stdio: SpawnOptions['stdio'] = ['pipe', output, output]
      const child = spawn(binary, ['-'], { cwd: folder, env: serverEnvironment, stdio, detached: true })
      closeSync(output)
      // On the command line every user of the machine could read the password.
      child.stdin?.end(configuration(port, password, options.durable))
      child.stdin?.on('error', () => undefined)
      return child
    },
  })
}

const configuration = (port: number, password: string, durable: boolean) =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    'databases 64',
    'daemonize no',
    'pidfile redis.pid',
    'save ""',
    `appendonly ${durable ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    '',
  ].join('\n')

function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    let reply = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk) => {
      reply += chunk.toString()
      if (reply.split('\r\n').length > 2) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(reply.includes('+PONG')))
  })
}
