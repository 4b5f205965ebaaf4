import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

export interface Command {
  readonly child: ChildProcess
  /** Everything that it has said so far. */
  said(): string
  /** Ctrl-C: the terminal tells everybody in the foreground. */
  interrupt(): void
  /** Itself and whatever it has started, right now. */
  family(): number[]
  /** For the end of a test, however it went. */
  kill(): void
}

/** Runs a command in a group of its own, as a terminal does. */
export function runCommand(name: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Command {
  const child = spawn(name, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const pid = child.pid ?? 0
  const signal = (what: NodeJS.Signals) => {
    try {
      process.kill(-pid, what)
    } catch {
      // Nobody is left.
    }
  }
  return {
    child,
    said: () => text,
    interrupt: () => signal('SIGINT'),
    family: () => familyOf(pid),
    kill: () => signal('SIGKILL'),
  }
}

/** State and parent of a process; undefined when there is none. */
function statOf(pid: number | string): { state: string; parent: number } | undefined {
  try {
    // The name in parentheses may hold anything.
    const [state = '', parent = '0'] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

function familyOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map(all.map((name) => [Number(name), statOf(name)?.parent]))
  const family = [pid]
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child)
  return family
}

/** What has ended and was not yet buried by its parent does not run. */
export const runs = (pid: number): boolean => !['Z', 'X', undefined].includes(statOf(pid)?.state)

export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
