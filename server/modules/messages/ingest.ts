import type { InboundEvent, ListedReferral } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { newId } from '../../kit/ids.ts'
import { storable, storableJson } from '../../kit/text.ts'
import { addWaitingMedia } from '../attachments/waiting.ts'
import { renameContact } from '../contacts/contacts.service.ts'
import { failureOf, statusOfNew } from './delivery-rank.ts'
import { noteForeignReply, type SwapFacts } from '../inboxes/swap.queries.ts'
import { attachEchoes } from './echoes.ts'
import { findThread } from './find-thread.ts'
import { uniqueWritten } from './names.ts'
import { applyReactions } from './reactions.ts'
import { applyReads } from './receipts.ts'
import { recogniseAll } from './recognise.ts'
import { applyReferrals } from './referrals.ts'
import { askWho } from './swap-matches.ts'
import { createConversation, createThread, type ThreadInbox, type ThreadState } from './thread-state.ts'

export type ThreadInbound = Extract<InboundEvent, { threadRef: string }>
export type WrittenInbound = Extract<ThreadInbound, { kind: 'message' | 'echo' }>
export type WrittenEcho = Extract<ThreadInbound, { kind: 'echo' }>

export interface IngestInbox extends ThreadInbox {
  lockToSingleConversation: boolean
}

/** What the provider's lists tell besides events. */
interface Listed {
  /** What is read is past, as far as nobody need be told of it. */
  past?: Past
  /** Told by another program's file: it is written down, and neither settles what is open nor opens a window. */
  hearsay?: Hearsay
  referrals?: readonly ListedReferral[]
}

interface Hearsay {
  /** Such an id is of the file's making: the provider has another one for the message. */
  isNameless(externalId: string): boolean
}

interface Past {
  /** What customers wrote from then on nobody has seen: it is unread, and reopens. */
  since: Date
  /** From then on it is no past at all, only read before its delivery came. */
  liveFrom: Date
}

export interface IngestResult {
  /** How many messages are new here. */
  added: number
  /** Echoes of ours, perhaps, whose message is still on its way: come again in a moment. */
  deferred: Set<string>
}

/**
 * Writes what happened on one thread: all events of one batch in one transaction, under the thread's lock, each message
 * once however often it is delivered (I2), in the provider's time (I3), with the signs on them. `mayHold` tells which echoes may be deferred
 * because they can yet turn out to be ours; the others are taken for messages of another program. With `past`, messages
 * are marked as history and change neither what is unread nor whether a conversation is open.
 */
export async function ingestThread(
  tx: Tx,
  inbox: IngestInbox,
  threadRef: string,
  events: readonly ThreadInbound[],
  mayHold: (externalId: string) => boolean,
  { past, hearsay, referrals = [] }: Listed = {},
): Promise<IngestResult> {
  const written = uniqueWritten(events)
  const first = firstNamed(events)
  const told = { inbox, threadRef, person: first?.person, written, isList: past !== undefined }
  const { swap, found, known, candidates } = await findThread(tx, told, hearsay !== undefined)
  if (!found && !first) return { added: 0, deferred: new Set() }
  const thread = found ?? (await newThread(tx, inbox, threadRef, first as NamedInbound, past))
  if (swap && candidates.length)
    await askWho(tx, { inboxId: inbox.id, swapId: swap.id, threadId: thread.id }, [...candidates])
  await noteReferrals(tx, inbox, thread, [...referrals, ...events.filter((event) => event.kind === 'referral')])
  const toldBefore = found && hearsay ? await findToldBefore(tx, found, hearsay, written) : []
  const place = { inbox, threadId: thread.id, swap: found && swap, isHearsay: hearsay !== undefined }
  const recognised = await recogniseAll(tx, place, written, known)
  const from = past ? 'list' : 'delivery'
  const settles = found && !hearsay
  const crossing = swap?.isOpen ? swap : null
  const echoes = settles
    ? await attachEchoes(tx, inbox, thread, { written, recognised, from, crossing, mayHold })
    : NO_ECHOES
  const before = new Set([...toldBefore, ...echoes.handled])
  const fresh = written.filter((event) => !recognised.has(event) && !before.has(event.externalId))
  if (fresh.length) await insertMessages(tx, { inbox, thread, past, hearsay: hearsay !== undefined }, fresh)
  if (!hearsay) await followUsername(tx, thread, fresh)
  if (swap?.isOpen && !hearsay) await noteForeign(tx, inbox.id, swap, fresh)
  await applyReads(tx, inbox.id, thread, events)
  const reactions = events.filter((event) => event.kind === 'reaction')
  if (reactions.length) await applyReactions(tx, inbox.id, thread.id, reactions)
  return { added: fresh.length, deferred: echoes.deferred }
}

/** After a swap the provider that was left, or what runs there, may go on answering. */
async function noteForeign(tx: Tx, inboxId: string, swap: SwapFacts, fresh: readonly WrittenInbound[]): Promise<void> {
  for (const event of fresh) {
    if (event.kind !== 'echo' || event.via === 'app' || event.at <= swap.swappedAt) continue
    await noteForeignReply(tx, inboxId, swap, { at: event.at, via: event.via })
  }
}

const NO_ECHOES = { handled: new Set<string>(), deferred: new Set<string>() }

/** How far the provider's time of a message may be from the file's. */
const SAME_MOMENT_MS = 2_000

/** The nameless of these that the thread has under the provider's names: the same words from the same side at the time. */
async function findToldBefore(tx: Tx, thread: ThreadState, { isNameless }: Hearsay, written: WrittenInbound[]) {
  const rows = written.filter((event) => isNameless(event.externalId)).map((event) => messageColumns(event, thread))
  const { sql, accountId } = tx
  const around = sql.unsafe(`interval '${SAME_MOMENT_MS} ms'`)
  const found = await sql<{ external_id: string; own_id: string | null }[]>`
    select u.external_id, m.external_id as own_id from ${given(tx, rows)}
    join conversations c on c.account_id = ${accountId} and c.thread_id = ${thread.id}
    join messages m on m.account_id = c.account_id and m.conversation_id = c.id
      and m.at between u.at - ${around} and u.at + ${around}
    where (m.type = 'incoming') = (u.type = 'incoming') and m.type <> 'activity' and not m.private
      and m.status is distinct from 'failed' and m.content is not distinct from u.content`
  // What the file itself says twice are two messages.
  return found.flatMap(({ external_id, own_id }) => (own_id === null || !isNameless(own_id) ? [external_id] : []))
}

type NamedInbound = Extract<ThreadInbound, { person: unknown }>

/** The earliest event that says whose the thread is. */
const firstNamed = (events: readonly ThreadInbound[]): NamedInbound | undefined =>
  events
    .filter((event) => event.kind !== 'read')
    .reduce<NamedInbound | undefined>((first, event) => (first && first.at <= event.at ? first : event), undefined)

/** Before messages are: one that begins a conversation takes along what waits for it. */
async function noteReferrals(
  tx: Tx,
  inbox: IngestInbox,
  thread: ThreadState,
  referrals: readonly ListedReferral[],
): Promise<void> {
  if (!referrals.length) return
  const isOver = thread.conversationStatus === 'resolved' && !inbox.lockToSingleConversation
  const conversationId = isOver ? undefined : (thread.conversationId ?? undefined)
  const place = { inboxId: inbox.id, threadId: thread.id, contactId: thread.contactId, conversationId }
  await applyReferrals(tx, place, referrals)
}

const newThread = (
  tx: Tx,
  inbox: IngestInbox,
  threadRef: string,
  first: NamedInbound,
  past: Past | undefined,
): Promise<ThreadState> =>
  // Lists name people as well as they can be named.
  createThread(tx, { inbox, threadRef, person: first.person, seenAt: first.at, named: past !== undefined })

interface Landing {
  inbox: IngestInbox
  thread: ThreadState
  past: Past | undefined
  hearsay: boolean
}

/** The rows of `u`, in the order given. */
function given({ sql }: Tx, rows: readonly MessageColumns[]) {
  const column = <Key extends keyof MessageColumns>(key: Key) => rows.map((row) => row[key])
  return sql`unnest(${column('id')}::uuid[], ${column('type')}::text[], ${column('status')}::text[],
    ${column('failureCode')}::text[], ${column('source')}::text[], ${column('contentType')}::text[], ${column('content')}::text[],
    ${column('externalId')}::text[], ${column('alsoKnownAs')}::text[], ${column('quotes')}::text[], ${column('details')}::text[],
    ${column('raw')}::text[], ${column('at')}::timestamptz[]) with ordinality
    u(id, type, status, failure_code, source, content_type, content, external_id, also_known_as, quotes, details, raw, at, place)`
}

async function insertMessages(tx: Tx, landing: Landing, fresh: WrittenInbound[]): Promise<void> {
  const { inbox, thread, past, hearsay } = landing
  const wrote = fresh.some((event) => event.kind === 'message' && (!past || event.at >= past.since))
  const conversationId = await landingConversation(tx, inbox, thread, wrote, fresh[0]?.at)
  const rows = fresh.map((event) => messageColumns(event, thread))
  const { sql, accountId } = tx
  await sql`
    with written as (
      insert into messages (account_id, id, inbox_id, channel_type, thread_id, conversation_id, type, status, failure_code, source,
        content_type, content, external_id, alternate_external_id, in_reply_to_external_id, details, raw, at, history)
      select ${accountId}, u.id, ${inbox.id}, ${inbox.channelType}, ${thread.id}, ${conversationId}, u.type, u.status, u.failure_code,
        u.source, u.content_type, u.content, u.external_id, u.also_known_as, u.quotes, u.details::jsonb, u.raw::jsonb, u.at,
        coalesce(u.at < ${past?.liveFrom ?? null}::timestamptz, false)
      from ${given(tx, rows)}
      order by u.place
      on conflict (account_id, inbox_id, external_id) do nothing
      returning id, type, at, arrival
    ), newest as (select id, at from written order by at desc, arrival desc limit 1
    ), inbound as (
      select (count(*) filter (where coalesce(at >= ${past?.since ?? null}::timestamptz, true)))::int as n, max(at) as at from written
      where type = 'incoming' and not ${hearsay}::boolean having count(*) > 0
    ), conversation as (
      update conversations c set
        last_message_id = case when newest.at >= c.last_activity_at then newest.id else c.last_message_id end,
        last_activity_at = greatest(c.last_activity_at, newest.at),
        status = case when ${wrote}::boolean and c.status in ('resolved', 'snoozed') then 'open' else c.status end,
        snoozed_until = case when ${wrote}::boolean then null else c.snoozed_until end
      from newest where c.account_id = ${accountId} and c.id = ${conversationId}
    ), counted as (
      update threads t set inbound_count = t.inbound_count + inbound.n,
        last_inbound_at = greatest(t.last_inbound_at, inbound.at)
      from inbound where t.account_id = ${accountId} and t.id = ${thread.id}
    )
    insert into account_events (account_id, type, inbox_id, conversation_id, message_id)
    select ${accountId}, 'message.created', ${inbox.id}, ${conversationId}, id from written
    where not ${hearsay}::boolean order by arrival`
  tx.announced()
  if (hearsay) tx.publish({ type: 'conversation.updated', inboxId: inbox.id, conversationId })
  await linkContent(tx, inbox.id, fresh, rows)
}

async function linkContent(
  tx: Tx,
  inboxId: string,
  fresh: readonly WrittenInbound[],
  rows: readonly MessageColumns[],
): Promise<void> {
  const ids = rows.map((row) => row.id)
  await addWaitingMedia(tx, inboxId, mediaOf(fresh, ids))
  if (fresh.some((event) => event.content.quotes)) await linkQuotes(tx, inboxId, ids)
}

const mediaOf = (fresh: readonly WrittenInbound[], ids: readonly string[]) =>
  fresh.map(({ content }, place) => ({ id: ids[place] ?? '', media: content.media ?? [] }))

/**
 * The conversation that new messages land in. Whether they reopen it is decided as it is written, by the status that it
 * has then: an agent may change it meanwhile.
 */
async function landingConversation(
  tx: Tx,
  inbox: IngestInbox,
  thread: ThreadState,
  wrote: boolean,
  startedAt = tx.clock.now(),
): Promise<string> {
  const { conversationId, conversationStatus } = thread
  const startsAnew = conversationStatus === 'resolved' && wrote && !inbox.lockToSingleConversation
  return conversationId && !startsAnew ? conversationId : createConversation(tx, thread, inbox.id, startedAt)
}

type MessageColumns = ReturnType<typeof messageColumns>

function messageColumns(event: WrittenInbound, thread: ThreadState) {
  const { content } = event
  const inbound = event.kind === 'message'
  const told = inbound ? undefined : event.delivery
  const read = thread.customerReadAt !== null && event.at <= thread.customerReadAt
  return {
    id: newId(),
    type: inbound ? 'incoming' : event.via === 'automation' ? 'template' : 'outgoing',
    status: inbound ? null : statusOfNew(read ? 'read' : 'sent', told),
    failureCode: failureOf(told),
    source: inbound ? 'contact' : event.via === 'app' ? 'app' : 'automation',
    contentType: content.contentType,
    content: content.text === undefined ? null : storable(content.text),
    externalId: event.externalId,
    alsoKnownAs: event.alsoKnownAs ?? null,
    quotes: content.quotes ?? null,
    details: content.details ? storableJson(content.details) : null,
    raw: content.raw === undefined ? null : storableJson(content.raw),
    // As text: postgres.js takes a list of Dates for one date.
    at: event.at.toISOString(),
  }
}

/** Usernames change; the webhook that shows the new one is all we hear of it. */
async function followUsername(tx: Tx, thread: ThreadState, fresh: readonly WrittenInbound[]): Promise<void> {
  const username = fresh.findLast((event) => event.kind === 'message' && event.person.username)?.person.username
  if (username && storable(username) !== thread.contactUsername) await renameContact(tx, thread.contactId, username)
}

async function linkQuotes(tx: Tx, inboxId: string, ids: string[]): Promise<void> {
  await tx.sql`
    update messages m set in_reply_to_id = q.id from messages q
    where m.account_id = ${tx.accountId} and m.id = any(${ids}::uuid[]) and q.account_id = m.account_id
      and q.inbox_id = ${inboxId}
      and (q.external_id = m.in_reply_to_external_id or q.alternate_external_id = m.in_reply_to_external_id)`
}
