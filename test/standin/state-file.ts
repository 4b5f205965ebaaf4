import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { TikTokStandin } from './tiktok/standin.ts'

const WAIT_MS = 500

export const readState = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined

/** Writes the state soon after anything happened, and once more when the returned function is called. */
export function keepState(file: string, tiktok: TikTokStandin): () => void {
  mkdirSync(dirname(file), { recursive: true })
  const write = (): void => {
    writeFileSync(`${file}.new`, tiktok.save(), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  let timer: NodeJS.Timeout | undefined
  const stop = tiktok.ledger.onAppend(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      write()
    }, WAIT_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
    write()
  }
}
