import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const WAIT_MS = 500

interface Side {
  save(): object
  ledger: { onAppend(listener: () => void): () => void }
}

/** What each side saved, by its name. */
export const readState = (file: string): Record<string, unknown> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {}

/** Writes the state soon after anything happened, and once more when the returned function is called. */
export function keepState(file: string, sides: Record<string, Side>): () => void {
  mkdirSync(dirname(file), { recursive: true })
  const write = (): void => {
    const states = Object.entries(sides).map(([name, side]) => [name, side.save()])
    writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(states)), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  let timer: NodeJS.Timeout | undefined
  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      write()
    }, WAIT_MS)
  }
  const stops = Object.values(sides).map(({ ledger }) => ledger.onAppend(later))
  return () => {
    for (const stop of stops) stop()
    clearTimeout(timer)
    write()
  }
}
