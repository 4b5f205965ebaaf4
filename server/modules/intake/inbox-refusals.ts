import { and, eq } from 'drizzle-orm'
import type { Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { lockInbox } from '../inboxes/inboxes.queries.ts'
import { widenGapToRefusal } from './rejections.ts'

const FLUSH_MS = 2_000
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
 * is not known here loses what it tells. In memory, written to the inbox's row every few seconds, and in the log at most
 * once a minute and inbox, since the provider may send any number.
 */
export class InboxRefusals {
  readonly #deps: Pick<Deps, 'scopes' | 'log'>
  readonly #counts = new Map<string, Refusals>()
  readonly #logged = new Map<string, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(deps: Pick<Deps, 'scopes' | 'log'>) {
    this.#deps = deps
  }

  add(inbox: Addressed, reason: string, at: Date): void {
    this.#add({ ...inbox, count: 1, first: at, last: at })
    this.#tell(inbox.id, reason, at.getTime())
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flush()
    clearTimeout(this.#timer)
  }

  #add(refusals: Refusals): void {
    const key = `${refusals.id} ${refusals.webhookToken} ${refusals.webhookKeys}`
    const known = this.#counts.get(key)
    if (!known) this.#counts.set(key, refusals)
    else {
      known.count += refusals.count
      if (refusals.first < known.first) known.first = refusals.first
      if (refusals.last > known.last) known.last = refusals.last
    }
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS).unref()
  }

  #tell(inboxId: string, reason: string, at: number): void {
    const before = this.#logged.get(inboxId)
    if (before !== undefined && Math.abs(at - before) < LOG_MS) return
    for (const [id, then] of this.#logged) if (Math.abs(at - then) >= LOG_MS) this.#logged.delete(id)
    this.#logged.set(inboxId, at)
    this.#deps.log.info({ inboxId, reason }, 'a delivery to an inbox was refused')
  }

  async #flush(): Promise<void> {
    this.#timer = undefined
    const rows = [...this.#counts.values()]
    this.#counts.clear()
    for (const row of rows) {
      try {
        await this.#deps.scopes.system(row.accountId).tx((tx) => noteRefusals(tx, row))
      } catch (error) {
        this.#deps.log.warn({ err: error, inboxId: row.id }, 'refused deliveries could not be noted yet')
        this.#add(row)
      }
    }
  }
}

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
