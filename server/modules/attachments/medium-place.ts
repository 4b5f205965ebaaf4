import type { AttachmentKind } from '../../db/schema/index.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { newToken } from '../../kit/ids.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { getInboxRow } from '../inboxes/inboxes.queries.ts'
import { findSide, type Side } from '../inboxes/swap.queries.ts'

/** A received picture or film, and where the provider keeps it. */
export interface MediumPlace {
  attachmentId: string
  messageId: string
  conversationId: string
  externalId: string
  threadRef: string
  kind: AttachmentKind
  ref: string | null
  url: string | null
  /** Until then what is not there may still come. */
  pendingUntil: Date | null
  inbox: Side
  /** Now the provider cannot be asked: the account is suspended, the channel switched off, or the connection broken. */
  unreadable: boolean
}

interface StoredPlace {
  inbox_id: string
  channel_type: string
  message_id: string
  conversation_id: string
  external_id: string
  thread_ref: string
  kind: AttachmentKind
  source_ref: string | null
  source_url: string | null
  pending_until: Date | null
  status: string
}

/** Undefined when it is not waiting, or of no message. */
export async function findWaitingMedium(
  deps: Deps,
  scope: Scope,
  attachmentId: string,
): Promise<MediumPlace | undefined> {
  return scope.read(async (tx) => {
    const [row] = await tx.sql<StoredPlace[]>`
      select a.inbox_id, r.channel_type, a.message_id, m.conversation_id, m.external_id, r.external_id as thread_ref, a.kind,
        a.source_ref, a.source_url, a.pending_until, o.status
      from attachments a
      join messages m on m.account_id = a.account_id and m.id = a.message_id
      join inboxes i on i.account_id = a.account_id and i.id = a.inbox_id
      join thread_aliases r on r.account_id = m.account_id and r.thread_id = m.thread_id
      join accounts o on o.id = a.account_id
      where a.account_id = ${tx.accountId} and a.id = ${attachmentId} and a.state = 'waiting'
      order by (r.channel_type = m.channel_type) desc nulls last, (r.channel_type = i.channel_type) desc,
        r.created_at desc limit 1`
    if (!row) return undefined
    const side = await findSide(tx, row.inbox_id, row.channel_type)
    const inbox = side ?? (await getInboxRow(tx, row.inbox_id))
    const enabled = await isEnabled(tx, deps.channels.get(inbox.channelType).manifest.featureFlag)
    // What only the provider knew that the inbox has left for good is not to be had any more.
    const connected = side !== undefined && Boolean(inbox.credentials) && !inbox.reauthorizationRequired
    const unreadable = row.status === 'suspended' || !enabled || (row.source_url === null && !connected)
    const { message_id: messageId, conversation_id: conversationId, external_id: externalId } = row
    const { thread_ref: threadRef, kind, source_ref: ref, source_url: url, pending_until: pendingUntil } = row
    return {
      attachmentId,
      messageId,
      conversationId,
      externalId,
      threadRef,
      kind,
      ref,
      url,
      pendingUntil,
      inbox,
      unreadable,
    }
  })
}

/** One attempt: it holds until `until`, when the sweeper takes over what a killed process has left. */
export interface Attempt {
  /** This one counted. */
  attempts: number
  /** The same for all attempts, so that what a killed one has written is replaced and not left behind. */
  fileKey: string
  until: Date
}

/** Undefined when another attempt is under way. */
export async function claimMedium(tx: Tx, attachmentId: string, leaseMs: number): Promise<Attempt | undefined> {
  const now = tx.clock.now()
  const until = new Date(now.getTime() + leaseMs)
  const [row] = await tx.sql<{ attempts: number; file_key: string }[]>`
    update attachments set attempts = attempts + 1, next_attempt_at = ${until},
      file_key = coalesce(file_key, ${`${tx.accountId}/${newToken()}`})
    where account_id = ${tx.accountId} and id = ${attachmentId} and state = 'waiting' and next_attempt_at <= ${now}
    returning attempts, file_key`
  return row && { attempts: row.attempts, fileKey: row.file_key, until }
}
