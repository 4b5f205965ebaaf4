import { readFileSync } from 'node:fs'
import type { Logger } from '../../server/kit/log.ts'

export interface Session {
  /** What was started, in order; it is stopped the other way round. */
  closers: (() => Promise<void>)[]
  /** Ends the command with this exit code. */
  end(code: number): void
}

/**
 * Runs a command that lasts until Ctrl-C: `start` brings everything up; a signal, a failure or `end()` takes
 * everything down again, once, and exits.
 */
export async function runSession(log: Logger, start: (session: Session) => Promise<void>): Promise<void> {
  const closers: Session['closers'] = []
  let ending: Promise<void> | undefined
  const end = (code: number) => {
    ending ??= closeAll(closers, log).then(() => process.exit(code))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!ending) console.log('\nStopping …')
      end(0)
    })
  if (process.env.npm_lifecycle_event) endWithNpm(() => end(0))
  try {
    await start({ closers, end })
  } catch (error) {
    // One line for people; the stack helps only those who look into it.
    if (!ending) console.error(error instanceof Error ? error.message : error)
    log.debug({ err: error }, 'start failed')
    end(1)
  }
}

/** npm hands a signal to its shell alone, which dies of it and tells nobody; a killed npm leaves its shell running. */
function endWithNpm(end: () => void) {
  const started = ancestors()
  setInterval(() => ancestors() === started || end(), 500).unref()
}

function ancestors(): string {
  const shell = process.ppid
  try {
    return `${shell} ${/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${shell}/status`, 'utf8'))?.[1]}`
  } catch {
    return String(shell)
  }
}

async function closeAll(closers: Session['closers'], log: Logger) {
  // Something may still be starting while we stop, so the list is read anew each time.
  for (let close = closers.pop(); close; close = closers.pop())
    await close().catch((error: unknown) => log.error({ err: error }, 'could not stop'))
}
