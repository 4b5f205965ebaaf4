import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../kit/log.ts'
import { EmbeddedError } from './error.ts'

/** A private server process. It keeps its port and URL through stop, kill and restart. */
export interface EmbeddedService {
  readonly url: string
  readonly port: number
  /** Resolves when it answers. Does nothing when it runs. */
  start(): Promise<void>
  /** Asks it to end and waits; it is killed when it takes too long. Does nothing when it does not run. */
  stop(): Promise<void>
  /** SIGKILL, for fault tests: no clean shutdown. */
  kill(): Promise<void>
  restart(): Promise<void>
}

interface ServiceOptions {
  name: string
  url: string
  port: number
  log: Logger
  /** Its last lines tell why a start failed. Undefined: the output is on the terminal already. */
  logFile?: string
  /** With `detached: true`, so that Ctrl-C does not reach the process before we stop it in our order. */
  launch(): ChildProcess
  isReady(pid: number): Promise<boolean>
  stopSignal: 'SIGINT' | 'SIGTERM'
  /** Default 8,000. */
  stopTimeoutMs?: number
  /** Called when it ends although nobody asked it to. */
  onEnded?(): void
  /** A start that ends with this in its log is tried again for a few seconds. */
  passing?: RegExp
}

const START_TIMEOUT_MS = 60_000
const PASSING_TIMEOUT_MS = 10_000

export function createService(options: ServiceOptions): EmbeddedService {
  let current: ChildHandle | undefined
  let starting: Promise<void> | undefined

  function forget() {
    current = undefined
    starting = undefined
  }

  async function boot() {
    const deadline = Date.now() + PASSING_TIMEOUT_MS
    for (;;) {
      const attempt = (current = launchChild(options))
      const failure = await untilReady(options, attempt)
      if (!failure) return attempt.onEnded(() => (forget(), options.onEnded?.()))
      const mayPass = starting && options.passing?.test(failure) && Date.now() < deadline
      if (!mayPass) throw new EmbeddedError(`${options.name} did not start: ${failure}`)
      await delay(100)
    }
  }

  async function end(signal: NodeJS.Signals) {
    const ending = current
    forget()
    await ending?.end(signal)
  }

  const stop = () => end(options.stopSignal)
  const start = () =>
    (starting ??= boot().catch((error: unknown) => {
      forget()
      throw error
    }))
  const { url, port } = options
  return { url, port, start, stop, kill: () => end('SIGKILL'), restart: () => stop().then(start) }
}

interface ChildHandle {
  readonly pid: number
  hasExited(): boolean
  /** Calls back when the process ends although nobody asked it to. */
  onEnded(callback: () => void): void
  end(signal: NodeJS.Signals): Promise<void>
}

function launchChild({ name, log, launch, stopSignal, stopTimeoutMs = 8_000 }: ServiceOptions): ChildHandle {
  const child = launch()
  child.once('error', (error) => log.error({ err: error }, `${name} cannot be run`))
  const { pid } = child
  if (pid === undefined) throw new EmbeddedError(`${name} cannot be run`)
  const watchdog = watch(pid, stopSignal)
  let state: 'running' | 'ending' | 'exited' = 'running'
  let ended: (() => void) | undefined
  const exited = new Promise<void>((resolve) =>
    child.once('exit', (code, signal) => {
      const unasked = state === 'running'
      state = 'exited'
      watchdog.kill('SIGKILL')
      killGroup(pid)
      if (unasked && ended) log.warn({ code, signal }, `${name} ended`)
      if (unasked) ended?.()
      resolve()
    }),
  )
  // The watchdog ends the service with its parent, so that nothing here needs to hold the parent's event loop.
  child.unref()
  return {
    pid,
    hasExited: () => state === 'exited',
    onEnded: (callback) => {
      ended = callback
    },
    async end(signal) {
      if (state === 'exited') return
      state = 'ending'
      child.ref()
      child.kill(signal)
      const inTime = await Promise.race([exited.then(() => true), delay(stopTimeoutMs, false, { ref: false })])
      if (!inTime) killGroup(pid)
      await exited
    },
  }
}

/** What the process started itself and left behind, and the process too. */
function killGroup(pid: number) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing is left of it.
  }
}

/** Ends the process when this one is gone, however it went: the pipe to the shell closes with us. */
function watch(pid: number, signal: 'SIGINT' | 'SIGTERM') {
  const script = `read -r line; kill -s ${signal.slice(3)} ${pid} 2>/dev/null
    i=0; while [ $i -lt 50 ] && kill -0 ${pid} 2>/dev/null; do i=$((i+1)); sleep 0.1; done; kill -KILL -${pid} 2>/dev/null`
  const watchdog = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  watchdog.unref()
  // A pipe's handle has unref(), although the type of a writable stream does not say so.
  ;(watchdog.stdin as unknown as { unref(): void }).unref()
  watchdog.stdin.on('error', () => undefined)
  return watchdog
}

async function untilReady(options: ServiceOptions, attempt: ChildHandle): Promise<string | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!attempt.hasExited()) {
    if (await options.isReady(attempt.pid)) return undefined
    if (Date.now() > deadline) {
      await attempt.end('SIGKILL')
      return `no answer within ${START_TIMEOUT_MS / 1000} s`
    }
    await delay(20)
  }
  if (!options.logFile) return 'it ended, see above'
  const log = await readFile(options.logFile, 'utf8').catch(() => '')
  return log.trim().split('\n').slice(-4).join(' | ') || 'it ended without a word'
}
