import type { Sql } from '../db/client.ts'
import type { Scopes } from '../db/scope.ts'
import { feedCursor, type LogExtent } from './cursor.ts'
import type { LogEntry } from './types.ts'

interface Row {
  seq: string
  type: string
  inbox_id: string | null
  conversation_id: string | null
  message_id: string | null
  user_id: string | null
  data: Record<string, unknown> | null
}

/** Reads accounts' logs. */
export class FeedLog {
  readonly #scopes: Pick<Scopes, 'system'>
  readonly #system: Sql
  #installationId: string | undefined

  constructor(scopes: Pick<Scopes, 'system'>, system: Sql) {
    this.#scopes = scopes
    this.#system = system
  }

  /** Tells this database apart from any other; read once. */
  async installationId(): Promise<string> {
    if (this.#installationId) return this.#installationId
    const [row] = await this.#system<{ id: string }[]>`select id from installation`
    if (!row) throw new Error('the database has no installation row')
    return (this.#installationId = row.id)
  }

  /** The cursor at `seq`; `installationId()` must have answered before. */
  cursor(seq: number): string {
    return feedCursor(this.#installationId ?? '', seq)
  }

  async extent(accountId: string): Promise<LogExtent> {
    await this.installationId()
    const [row] = await this.#scopes.system(accountId).read(
      (tx) => tx.sql<{ head: string | null; oldest: string | null }[]>`
        select (select seq from feed_heads where account_id = ${accountId}) as head,
          (select min(seq) from account_events where account_id = ${accountId}) as oldest`,
    )
    return { head: Number(row?.head ?? 0), oldest: row?.oldest ? Number(row.oldest) : null }
  }

  /** At most `limit` entries after `after`, in order. */
  async read(accountId: string, after: number, limit: number): Promise<LogEntry[]> {
    const rows = await this.#scopes.system(accountId).read(
      (tx) => tx.sql<Row[]>`
        select seq, type, inbox_id, conversation_id, message_id, user_id, data from account_events
        where account_id = ${accountId} and seq > ${after} order by seq limit ${limit}`,
    )
    return rows.map((row) => this.#entry(row))
  }

  /** The newest number of each of these accounts that has one, in one statement. */
  async unsafeHeads(accountIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#system<{ account_id: string; seq: string }[]>`
      select account_id, seq from feed_heads where account_id = any(${accountIds as string[]}::uuid[])`
    return new Map(rows.map((row) => [row.account_id, Number(row.seq)]))
  }

  #entry(row: Row): LogEntry {
    const seq = Number(row.seq)
    return {
      seq,
      cursor: this.cursor(seq),
      type: row.type,
      inboxId: row.inbox_id,
      conversationId: row.conversation_id,
      messageId: row.message_id,
      userId: row.user_id,
      data: row.data,
    }
  }
}
