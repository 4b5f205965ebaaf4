import type { PersonRef } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { violates } from '../../db/errors.ts'
import type { Deps } from '../../deps.ts'
import { parseId } from '../../kit/ids.ts'
import type { Line } from '../../kit/lines.ts'
import { nameContact } from '../contacts/contacts.service.ts'
import { getInboxRow, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { ingestThread, type WrittenInbound } from '../messages/ingest.ts'
import { lockThreadByRef } from '../messages/thread-state.ts'
import { isNameless, parseChat } from './parse-chat.ts'

/** Lines that are held at a time. */
const BATCH = 5_000
/** Threads that are written at a time. */
const AT_ONCE = 4

export interface ImportReport {
  lines: number
  added: number
  /** Here already, from this file or from the provider. */
  known: number
  unusable: number
}

export interface ImportListener {
  unusable(line: number, code: string, field: string | undefined): void
  progress(report: ImportReport): void
}

/**
 * Writes the lines of a gateway's `chats.jsonl` into an inbox as its past: in order, each message once however often it is
 * told, without unread or notices. They open no window; what went out after the customer's last message counts in its
 * quota. NOT_FOUND for an inbox that is not the account's.
 */
export async function importChats(
  { channels, scopes }: Pick<Deps, 'channels' | 'scopes'>,
  { accountId, inboxId }: { accountId: string; inboxId: string },
  lines: AsyncIterable<Line>,
  listener: ImportListener,
): Promise<ImportReport> {
  const scope = scopes.system(accountId)
  const id = parseId(inboxId, 'Inbox')
  const inbox = await scope.read((tx) => getInboxRow(tx, id))
  const { externalIdOf } = channels.get(inbox.channelType)
  const report = { lines: 0, added: 0, known: 0, unusable: 0 }
  let batch: WrittenInbound[] = []
  const flush = async () => {
    const added = await writeBatch(scope, inbox, batch)
    report.added += added
    report.known += batch.length - added
    batch = []
    listener.progress({ ...report })
  }
  for await (const { number, text } of lines) {
    if (text?.trim() === '') continue
    report.lines += 1
    const parsed = text === undefined ? { code: 'TOO_LONG' } : parseChat(text, scope.clock.now(), externalIdOf)
    if ('event' in parsed) batch.push(parsed.event)
    else {
      report.unusable += 1
      listener.unusable(number, parsed.code, 'field' in parsed ? parsed.field : undefined)
    }
    if (batch.length >= BATCH) await flush()
  }
  await flush()
  return report
}

async function writeBatch(scope: Scope, inbox: InboxRow, batch: readonly WrittenInbound[]): Promise<number> {
  const byThread = new Map<string, WrittenInbound[]>()
  for (const event of batch) {
    const events = byThread.get(event.threadRef)
    if (events) events.push(event)
    else byThread.set(event.threadRef, [event])
  }
  const threads = [...byThread]
  let added = 0
  for (let start = 0; start < threads.length; start += AT_ONCE) {
    const together = threads.slice(start, start + AT_ONCE)
    const counts = await Promise.all(together.map(([ref, events]) => writeThread(scope, inbox, ref, events)))
    added += counts.reduce((sum, count) => sum + count, 0)
  }
  return added
}

async function writeThread(
  scope: Scope,
  inbox: InboxRow,
  threadRef: string,
  events: readonly WrittenInbound[],
): Promise<number> {
  const now = scope.clock.now()
  const customer = customerOf(events)
  const told = customer ? events.map((event) => ({ ...event, person: customer })) : events
  const write = () =>
    scope.tx(async (tx) => {
      const result = await ingestThread(tx, inbox, threadRef, told, () => false, {
        past: { since: now, liveFrom: now },
        hearsay: { isNameless },
      })
      if (customer) await nameNameless(tx, inbox, threadRef, customer)
      return result
    })
  // A delivery may have made the thread a moment ago: it is there the next time.
  const { added } = await write().catch((error: unknown) => {
    if (violates(error, 'thread_aliases_account_id_inbox_id_channel_type_external_id_pk')) return write()
    throw error
  })
  return added
}

/** Whose conversation it is, by the customer's own lines: the last that says more of them than the conversation's name. */
const customerOf = (events: readonly WrittenInbound[]): PersonRef | undefined =>
  events.findLast(
    ({ kind, threadRef, person }) => kind === 'message' && (person.name || person.username || person.ref !== threadRef),
  )?.person

/** The customer of a thread that an earlier part of the file began, with lines that say nothing of them. */
async function nameNameless(tx: Tx, inbox: InboxRow, threadRef: string, customer: PersonRef): Promise<void> {
  const thread = await lockThreadByRef(tx, inbox, threadRef)
  if (thread) await nameContact(tx, { inboxId: inbox.id, contactId: thread.contactId, namedAfter: threadRef }, customer)
}
