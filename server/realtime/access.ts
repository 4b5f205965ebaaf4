import type { Sql } from '../db/client.ts'
import type { Logger } from '../kit/log.ts'

/** Something that was taken away or given, from any process. */
export interface AccessChange {
  kind: 'session' | 'membership' | 'account'
  sessionId: string | null
  userId: string | null
  accountId: string | null
}

interface Row {
  id: string
  kind: AccessChange['kind']
  session_id: string | null
  user_id: string | null
  account_id: string | null
}

const POLL_MS = 500
/**
 * A change bears the time at which its transaction began, and is seen when that commits: after waiting for locks in
 * several statements, each of which the pool cuts off at 15 s.
 */
const LOOK_BACK_S = 120

/**
 * Reads the latest access changes twice a second and applies each once (I11). Needs Postgres alone. One that could not
 * be applied is tried again, and after an outage it looks back as far as the outage lasted.
 */
export class AccessWatcher {
  readonly #system: Sql
  readonly #log: Logger
  readonly #apply: (changes: readonly AccessChange[]) => Promise<void>
  readonly #applied = new Map<string, number>()
  #generation = 0
  #lastSuccess = Date.now()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(system: Sql, log: Logger, apply: (changes: readonly AccessChange[]) => Promise<void>) {
    this.#system = system
    this.#log = log
    this.#apply = apply
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), POLL_MS)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  /** What `read` answers, read again while changes were applied meanwhile: none falls between the answer and its use. */
  async steady<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#generation
      const answer = await read()
      if (before === this.#generation) return answer
    }
  }

  #tick() {
    this.#running ??= this.#poll()
      .catch((error: unknown) => this.#log.warn({ err: error }, 'access changes could not be read'))
      .finally(() => (this.#running = undefined))
  }

  async #poll(): Promise<void> {
    const startedAt = Date.now()
    const lookBack = LOOK_BACK_S + (startedAt - this.#lastSuccess) / 1_000
    const rows = await this.#system<Row[]>`
      select id, kind, session_id, user_id, account_id from access_changes
      where created_at > now() - make_interval(secs => ${lookBack}) order by id`
    const fresh = rows.filter((row) => !this.#applied.has(row.id))
    if (fresh.length) {
      this.#generation += 1
      await this.#apply(fresh.map(toChange))
    }
    for (const row of fresh) this.#applied.set(row.id, startedAt)
    this.#lastSuccess = startedAt
    this.#forget(rows)
  }

  #forget(rows: readonly Row[]) {
    const stillRead = new Set(rows.map((row) => row.id))
    // A minute's grace: an id that dropped out of a short window may be inside the long one after an outage.
    for (const [id, at] of this.#applied) if (!stillRead.has(id) && Date.now() - at > 60_000) this.#applied.delete(id)
  }
}

const toChange = (row: Row): AccessChange => ({
  kind: row.kind,
  sessionId: row.session_id,
  userId: row.user_id,
  accountId: row.account_id,
})
