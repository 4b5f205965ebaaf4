import { Redis } from 'ioredis'
import type { Logger } from '../kit/log.ts'
import type { Wake } from './stamper.ts'

const LONGEST_WAIT_MS = 1_000

/**
 * One connection that hears what other processes have stamped. Only a hint: it comes back by itself when Redis does, and
 * whatever it misses meanwhile the poll finds.
 */
export class WakeHints {
  readonly #redis: Redis

  constructor(redisUrl: string, channel: string, log: Logger, on: { wake: (wake: Wake) => void; back: () => void }) {
    this.#redis = new Redis(redisUrl, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      autoResubscribe: true,
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_WAIT_MS),
    })
    this.#redis.on('error', (error: Error) => log.debug({ err: error }, 'redis, for hints'))
    this.#redis.on('ready', on.back)
    this.#redis.on('message', (_channel: string, text: string) => {
      const wake = parseWake(text)
      if (wake) on.wake(wake)
    })
    this.#redis.subscribe(channel).catch((error: Error) => log.debug({ err: error }, 'redis, for hints'))
  }

  close(): void {
    this.#redis.disconnect()
  }
}

function parseWake(text: string): Wake | undefined {
  const [accountId = '', seq = ''] = text.split(':')
  const lastSeq = Number(seq)
  return accountId && Number.isSafeInteger(lastSeq) && lastSeq > 0 ? { accountId, lastSeq } : undefined
}
