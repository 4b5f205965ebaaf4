import type { Scope } from '../../db/scope.ts'
import { countChats, type Counts } from './chats.queries.ts'

const KEPT_MS = 10_000

/**
 * How much an account has, counted at most every ten seconds in one process, and once however many ask meanwhile: a
 * dashboard asks each second, and counting a million messages takes as long.
 */
export class RememberedCounts {
  readonly #kept = new Map<string, { until: number; counts: Promise<Counts> }>()

  of(scope: Scope): Promise<Counts> {
    const now = scope.clock.now().getTime()
    for (const [accountId, { until }] of this.#kept) {
      // Those behind were counted later.
      if (until > now) break
      this.#kept.delete(accountId)
    }
    const kept = this.#kept.get(scope.accountId)
    if (kept && kept.until > now) return kept.counts
    const counts = scope.read(countChats)
    const entry = { until: now + KEPT_MS, counts }
    this.#kept.delete(scope.accountId)
    this.#kept.set(scope.accountId, entry)
    counts.catch(() => this.#kept.get(scope.accountId) === entry && this.#kept.delete(scope.accountId))
    return counts
  }
}
