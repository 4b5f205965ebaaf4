import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { packageRoot } from '../../server/kit/paths.ts'
import { FAULT_PROCESS } from '../support/builds.ts'
import type { PointName } from './points.ts'

const BOOT_MS = 100_000

/** One process of Parley: it keeps its role and port through kills and restarts. */
export class ServerNode {
  readonly role: 'web' | 'worker'
  readonly url: string
  readonly #environment: Record<string, string>
  readonly #log: string[] = []
  #child: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()
  /** Somebody wants it to end now, or at its failpoint. */
  #wanted = false
  /** What it said last, each time that it ended although nobody wanted it to. */
  readonly accidents: string[] = []

  constructor(role: 'web' | 'worker', port: number, environment: Record<string, string>) {
    this.role = role
    this.url = `http://127.0.0.1:${port}`
    this.#environment = { ...environment, ROLE: role, PORT: String(port), HOST: '127.0.0.1' }
  }

  /** Resolves when it says that it is ready; throws with its last words when it ends before. */
  async start(): Promise<void> {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...this.#environment }
    const child = spawn(process.execPath, [FAULT_PROCESS], {
      cwd: packageRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#wanted = false
    child.once('exit', () => {
      if (!this.#wanted) this.accidents.push(this.log)
    })
    this.#exited = once(child, 'exit')
    const ready = new Promise<boolean>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (!stream) continue
        createInterface({ input: stream }).on('line', (line) => {
          this.#note(line)
          if (line.includes('"msg":"ready"')) resolve(true)
        })
      }
      void this.#exited.then(() => resolve(false))
      setTimeout(() => resolve(false), BOOT_MS).unref()
    })
    if (!(await ready)) throw new Error(`a ${this.role} did not start:\n${this.log}`)
  }

  /** Lines that tell of trouble, and the last of all others. */
  get log(): string {
    return this.#log.slice(-30).join('\n')
  }

  /** Lines at level error or above. */
  get errors(): string[] {
    return this.#log.filter((line) => /"level":(50|60)/.test(line))
  }

  #note(line: string): void {
    this.#log.push(line.slice(0, 2_000))
    if (this.#log.length > 2_000) this.#log.shift()
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** It will die at the n-th time that it comes to that point; without a point it will not. */
  async arm(point?: PointName, nth = 1): Promise<void> {
    const child = this.#child
    if (!child || !this.running) throw new Error('it does not run')
    this.#wanted = point !== undefined
    const confirmed = once(child, 'message')
    child.send({ arm: point, nth })
    await confirmed
  }

  /** Resolves when it has ended, however. */
  async ended(): Promise<void> {
    await this.#exited
  }

  async kill(): Promise<void> {
    this.#wanted = true
    if (this.running) this.#child?.kill('SIGKILL')
    await this.#exited
  }

  /** SIGTERM; answers how long it took to end, in ms. */
  async stop(): Promise<number> {
    const started = performance.now()
    this.#wanted = true
    if (this.running) this.#child?.kill('SIGTERM')
    await this.#exited
    return performance.now() - started
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }
}
