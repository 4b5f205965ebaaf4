import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedError } from './error.ts'

/**
 * Makes this process the only user of a folder until the returned function is called or the process ends, however
 * it ends: the lock is a listening socket, which the kernel takes back.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const address = addressOf(folder)
  const server = (await listen(address)) ?? (await listenAgain(address))
  if (!server)
    throw new EmbeddedError(`${folder} is in use by another run of Parley: stop that one, or set another DATA_DIR`)
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}

function addressOf(folder: string) {
  const digest = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32)
  // Linux has socket names without a file, so nothing is left behind by SIGKILL.
  return process.platform === 'linux' ? `\0parley-${digest}` : path.join(tmpdir(), `parley-${digest}`)
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(address, () => resolve(server))
  })
}

/** Where sockets are files, one that nobody answers on is left over from a killed run. */
async function listenAgain(address: string) {
  if (address.startsWith('\0')) return undefined
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(address, () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
  if (answered) return undefined
  await rm(address, { force: true })
  return listen(address)
}

/**
 * Ends what a killed run left running in `folder` and removes its pid file. Call it only under the folder's lock.
 * The pid alone proves nothing, it may belong to another program by now.
 */
export async function endOrphan(folder: string, pidFile: string, program: string, signal: NodeJS.Signals) {
  const pid = pidIn(pidFile)
  if (pid && runsIn(pid, folder, program)) {
    process.kill(pid, signal)
    const deadline = Date.now() + 10_000
    while (runsIn(pid, folder, program) && Date.now() < deadline) await delay(50)
    if (runsIn(pid, folder, program)) process.kill(pid, 'SIGKILL')
  }
  await rm(pidFile, { force: true })
}

function pidIn(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

function runsIn(pid: number, folder: string, program: string): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder)
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(program)
  } catch {
    return false
  }
}
