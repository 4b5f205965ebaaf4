import type { ReadTx } from '../../db/scope.ts'

/** A sign that is on a message. */
export interface ReactionView {
  sign: string
  isPicture: boolean
  by: 'contact' | 'business'
  at: string
}

/** What is on a message of table `m`, oldest first, as a column: a message is nowhere read without its signs. */
export const reactionsOf = (m: string): string => `(
  select coalesce(jsonb_agg(jsonb_build_object('sign', r.sign, 'isPicture', r.is_picture, 'by', r.author, 'at', r.at)
    order by r.at, r.id), '[]')
  from message_reactions r
  where r.account_id = ${m}.account_id and r.thread_id = ${m}.thread_id
    and r.message_external_id in (${m}.external_id, ${m}.alternate_external_id) and not r.removed)`

export async function findReactions(tx: ReadTx, messageIds: readonly string[]): Promise<Map<string, ReactionView[]>> {
  const rows = await tx.sql<{ id: string; reactions: ReactionView[] }[]>`
    select m.id, ${tx.sql.unsafe(reactionsOf('m'))} as reactions from messages m
    where m.account_id = ${tx.accountId} and m.id = any(${[...messageIds]}::uuid[])`
  return new Map(rows.map((row) => [row.id, row.reactions]))
}
