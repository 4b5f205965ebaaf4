import { and, eq } from 'drizzle-orm'
import type { Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { Collector } from '../../kit/collector.ts'
import { lockInbox } from '../inboxes/inboxes.queries.ts'
import { widenGapToRefusal } from './rejections.ts'

const LOG_MS = 60_000
const MOST = 2_147_483_647

/** An inbox by its own address, as a delivery found it. */
interface Addressed {
  accountId: string
  id: string
  webhookToken: string
  /** Sealed: what was refused was not signed with one of these. */
  webhookKeys: string | null
}

interface Refusals extends Addressed {
  count: number
  first: Date
  last: Date
}

/**
 * Counts what is refused at inboxes' own addresses, where each webhook of the provider has a key of its own: one whose key
 * is not known here loses what it tells. Written to the inbox's row every few seconds, and in the log at most once a minute
 * and inbox, since the provider may send any number.
 */
export class InboxRefusals {
  readonly #log: Deps['log']
  readonly #counts: Collector<Refusals>
  readonly #logged = new Map<string, number>()

  constructor({ scopes, log }: Pick<Deps, 'scopes' | 'log'>) {
    this.#log = log
    this.#counts = new Collector(together, async (all) => {
      const left = new Map<string, Refusals>()
      for (const [key, refusals] of all) {
        try {
          await scopes.system(refusals.accountId).tx((tx) => noteRefusals(tx, refusals))
        } catch (error) {
          log.warn({ err: error, inboxId: refusals.id }, 'refused deliveries could not be noted yet')
          left.set(key, refusals)
        }
      }
      return left
    })
  }

  add(inbox: Addressed, reason: string, at: Date): void {
    const { accountId, id, webhookToken, webhookKeys } = inbox
    const refusals = { accountId, id, webhookToken, webhookKeys, count: 1, first: at, last: at }
    this.#counts.add(`${id} ${webhookToken} ${webhookKeys}`, refusals)
    this.#tell(id, reason, at.getTime())
  }

  close(): Promise<void> {
    return this.#counts.close()
  }

  #tell(inboxId: string, reason: string, at: number): void {
    const before = this.#logged.get(inboxId)
    if (before !== undefined && Math.abs(at - before) < LOG_MS) return
    for (const [id, then] of this.#logged) if (Math.abs(at - then) >= LOG_MS) this.#logged.delete(id)
    this.#logged.set(inboxId, at)
    this.#log.info({ inboxId, reason }, 'a delivery to an inbox was refused')
  }
}

const together = (one: Refusals, other: Refusals): Refusals => ({
  ...one,
  count: one.count + other.count,
  first: other.first < one.first ? other.first : one.first,
  last: other.last > one.last ? other.last : one.last,
})

/** On the row as long as the keys are the same: under other ones it is a gap, as if they had come a moment later. */
async function noteRefusals(tx: Tx, { id, webhookToken, webhookKeys, count, first, last }: Refusals): Promise<void> {
  const inbox = await lockInbox(tx, id)
  if (inbox.disconnectedAt || inbox.webhookToken !== webhookToken) return
  if (inbox.webhookKeys !== webhookKeys) return widenGapToRefusal(tx, id, first)
  const { refusedSince, refusedAt, refusedCount } = inbox
  await tx.orm
    .update(inboxes)
    .set({
      refusedSince: refusedSince && refusedSince < first ? refusedSince : first,
      refusedAt: refusedAt && refusedAt > last ? refusedAt : last,
      refusedCount: Math.min(refusedCount + count, MOST),
    })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, id)))
  if (!refusedSince) tx.publish({ type: 'inbox.updated', inboxId: id })
}
