import { expect } from 'vitest'
import type { Message } from '../standin/tiktok/types.ts'
import { until } from '../support/until.ts'
import type { History, Sent } from './history.ts'
import { seqOf, type Recorder } from './recorder.ts'

interface Row {
  id: string
  thread_ref: string
  type: string
  status: string | null
  source: string
  content: string | null
  /** TikTok's, where it is known. */
  external_id: string | null
  failure_code: string | null
}

const textOf = ({ content }: Message): string => (content.type === 'text' ? content.body : '')

/** Call it when all is quiet; every breach is one line of the failed assertion. */
export async function expectConsistent(history: History): Promise<void> {
  expect(await findBreaches(history)).toEqual([])
}

/** Compares the three accounts of what happened: the provider's, the database's and each client's. */
export async function findBreaches(history: History): Promise<string[]> {
  const rows = await history.cluster.sql<Row[]>`
    select m.id, a.external_id as thread_ref, m.type, m.status, m.source, m.content,
      coalesce(m.alternate_external_id, m.external_id) as external_id, m.failure_code
    from messages m join thread_aliases a on a.account_id = m.account_id and a.thread_id = m.thread_id
    where m.account_id = ${history.admin.accountId} order by m.arrival`
  const breaches = [
    ...history.cluster.nodes.flatMap((node) => node.accidents.map((last) => `I17: a ${node.role} ended:\n${last}`)),
    ...checkInbound(history, rows),
    ...checkOutbound(history, rows),
    ...checkOrder(history),
    ...checkSends(history, rows),
    ...(await checkDeadlines(history)),
    ...(await checkReading(history, rows)),
    ...(await checkUnread(history)),
    ...(await checkSequence(history)),
  ]
  for (const recorder of history.recorders) breaches.push(...(await checkClient(history, recorder)))
  return breaches
}

const provider = (history: History, ref: string) => history.cluster.standin.tiktok.messages(ref)

/** What some webhook about was answered with 200; where the provider is asked, everything. */
const acknowledged = (history: History): Set<string> =>
  new Set(history.side.isPolled ? everything(history) : delivered(history))

const everything = (history: History): string[] =>
  history.threads.flatMap(({ ref }) => provider(history, ref).map(({ id }) => id))

const delivered = (history: History): string[] =>
  history.cluster.standin.tiktok.ledger
    .webhooks()
    .filter((webhook) => webhook.delivered)
    .map((webhook) => webhook.messageId ?? '')

function* checkInbound(history: History, rows: readonly Row[]): Generator<string> {
  const taken = acknowledged(history)
  for (const { ref } of history.threads) {
    for (const message of provider(history, ref)) {
      const found = rows.filter((row) => row.external_id === message.id)
      if (found.length > 1) yield `I2: ${textOf(message)} is there ${found.length} times`
      if (taken.has(message.id) && !found.length) yield `I1: ${textOf(message)} was acknowledged and is not there`
      if (found[0] && found[0].content !== textOf(message)) yield `I1: ${textOf(message)} reads ${found[0].content}`
    }
  }
}

function* checkOutbound(history: History, rows: readonly Row[]): Generator<string> {
  for (const thread of history.threads) {
    const { ref } = thread
    const alias = history.side.aliasOf(thread)
    const theirs = new Set(
      provider(history, ref)
        .filter((message) => message.from === 'business')
        .map((message) => message.id),
    )
    const ours = rows.filter((row) => row.thread_ref === alias && row.type !== 'incoming' && row.type !== 'activity')
    const known = ours.flatMap((row) => row.external_id ?? [])
    for (const id of theirs) if (!known.includes(id)) yield `I5: the provider has ${id}, we do not`
    for (const id of known) if (!theirs.has(id)) yield `I7: we say that the provider has ${id}`
    for (const row of ours) {
      const delivered = row.external_id !== null
      const claims = row.status === 'sent' || row.status === 'read' || row.status === 'delivered'
      if (claims !== delivered) yield `I7: ${row.content} is ${row.status} with external id ${row.external_id}`
    }
  }
}

/** Messages of one thread reach the provider in the order in which they were written (I6). */
function* checkOrder(history: History): Generator<string> {
  for (const thread of history.threads) {
    const own = history.sends.filter((sent) => sent.thread === thread && !sent.forced)
    const written = new Map(own.map((sent, place) => [sent.text, place]))
    const places = provider(history, thread.ref).flatMap((message) => written.get(textOf(message)) ?? [])
    const sorted = places.toSorted((a, b) => a - b)
    if (places.join() !== sorted.join()) yield `I6: the provider has a thread in the order ${places.join()}`
  }
}

/** What customers wrote reads in the provider's time, whatever order it came in (I3). */
async function checkReading(history: History, rows: readonly Row[]): Promise<string[]> {
  const breaches: string[] = []
  for (const { ref, conversationId } of history.threads) {
    const told = new Map(provider(history, ref).map(({ id, at }) => [id, Math.floor(at / history.precisionMs)]))
    const incoming = (await history.admin.messages(conversationId)).filter((message) => message.type === 'INCOMING')
    const idOf = (id: string) => rows.find((row) => row.id === id)?.external_id ?? ''
    const times = incoming.flatMap((message) => told.get(idOf(message.id)) ?? [])
    const sorted = times.toSorted((a, b) => a - b)
    if (times.join() !== sorted.join()) breaches.push(`I3: a thread reads in the order ${times.join()}`)
  }
  return breaches
}

function* checkSends(history: History, rows: readonly Row[]): Generator<string> {
  for (const sent of history.sends) yield* checkSend(history, sent, rows)
}

function* checkSend(history: History, sent: Sent, rows: readonly Row[]): Generator<string> {
  const shared = history.sends.filter((other) => other.text === sent.text && other.thread === sent.thread)
  const allowed = shared.reduce((sum, other) => sum + 1 + other.forced, 0)
  const arrived = provider(history, sent.thread.ref).filter((message) => textOf(message) === sent.text).length
  if (arrived > allowed) yield `I5: ${sent.text} reached the customer ${arrived} times`
  const row = rows.find((candidate) => candidate.id === sent.messageId)
  if (sent.outcome === 'ok' && !row) yield `I5: ${sent.text} was taken in and is not there`
  if (sent.outcome === 'fail' && arrived) yield `I5: ${sent.text} was refused and was sent`
  if (shared.length > 1 || sent.forced || row?.status !== 'failed') return
  if (row.failure_code !== 'DELIVERY_UNKNOWN' && arrived) yield `I7: ${sent.text} is ${row.failure_code} and arrived`
}

async function checkDeadlines({ cluster, admin }: History): Promise<string[]> {
  const rows = await cluster.sql<{ content: string; status: string }[]>`
    select content, status from messages where account_id = ${admin.accountId}
      and status in ('queued', 'sending', 'unconfirmed')
      and (deadline_at is null or deadline_at < now() - interval '20 seconds')`
  return rows.map((row) => `I7: ${row.content} is still ${row.status}`)
}

async function checkUnread(history: History): Promise<string[]> {
  const breaches: string[] = []
  const taken = acknowledged(history)
  for (const { ref, conversationId } of history.threads) {
    const theirs = provider(history, ref).filter((message) => message.from === 'person' && taken.has(message.id))
    const { unreadCount, readCount } = await history.admin.conversation(conversationId, 1)
    if (unreadCount + readCount !== theirs.length)
      breaches.push(`I2: ${unreadCount} unread and ${readCount} read of ${theirs.length}`)
  }
  return breaches
}

/** The log's rows, once everything that was committed has its number. */
const numbered = ({ cluster, admin }: History): Promise<{ rows: number; numbers: number; head: number }> =>
  until(async () => {
    const [row] = await cluster.sql<{ rows: number; numbers: number; head: number; open: number }[]>`
      select count(*)::int as rows, count(distinct seq)::int as numbers, coalesce(max(seq), 0)::int as head,
        count(*) filter (where seq is null)::int as open
      from account_events where account_id = ${admin.accountId}`
    return row?.open === 0 && row
  }, 'everything is numbered')

const head = async (history: History): Promise<number> => (await numbered(history)).head

async function checkSequence(history: History): Promise<string[]> {
  const row = await numbered(history)
  const dense = row.rows === row.numbers && row.head === row.rows
  return dense ? [] : [`I13: the log is not dense: ${JSON.stringify(row)}`]
}

/** Of one moment: what comes meanwhile, such as a contact's name that was read late, makes it look once more. */
async function checkClient(history: History, recorder: Recorder): Promise<string[]> {
  for (;;) {
    const before = await head(history)
    const heard = () => until(() => recorder.position >= before, 'it has heard everything', 10_000)
    const deaf = await heard().catch((error: Error) => [
      `I13: a client stands at ${recorder.position}: ${error.message}`,
    ])
    const breaches = [...(await checkLog(history, recorder)), ...(await checkScreen(history, recorder))]
    if (Array.isArray(deaf)) return [...deaf, ...breaches]
    if ((await head(history)) === before) return breaches
  }
}

async function checkLog(history: History, recorder: Recorder): Promise<string[]> {
  const breaches: string[] = recorder.errors.map((error) => `I13: the feed answered ${JSON.stringify(error)}`)
  const { accountId, userId } = history.admin
  const told = recorder.told
  for (const event of told) if (event.type === 'feed.reset') breaches.push(`I13: reset ${JSON.stringify(event.data)}`)
  const from = recorder.events[0] ? seqOf(recorder.events[0].cursor) : 0
  const log = await history.cluster.sql<{ seq: number }[]>`
    select seq::int from account_events
    where account_id = ${accountId} and seq > ${from} and (user_id is null or user_id = ${userId}) order by seq`
  const seen = told.map((event) => seqOf(event.cursor))
  const expected = log.map((row) => row.seq)
  if (seen.join() !== expected.join()) breaches.push(`I13: ${different(seen, expected)}`)
  return breaches
}

function different(seen: number[], expected: number[]): string {
  const missed = expected.filter((seq) => !seen.includes(seq))
  const twice = seen.filter((seq, place) => seen.indexOf(seq) !== place)
  return `missed ${missed.join()}; twice ${twice.join()}; ${seen.length} of ${expected.length}`
}

/** What the client shows, from events alone, is what it would load now. */
async function checkScreen(history: History, recorder: Recorder): Promise<string[]> {
  const breaches: string[] = []
  const { messages: shown, conversations } = recorder
  const known = new Set<string>()
  for (const { conversationId } of history.threads) {
    const { status, assignee, unreadCount, lastMessage, lastActivityAt } = await history.admin.conversation(
      conversationId,
      1,
    )
    const row = {
      ...{ status, assigneeId: assignee?.id ?? null, unread: unreadCount },
      ...{ lastMessageId: lastMessage?.id ?? null, lastActivityAt: String(lastActivityAt) },
    }
    breaches.push(...compare(conversations.get(conversationId), row))
    for (const message of await history.admin.messages(conversationId)) {
      known.add(message.id)
      const { status, content, externalId, createdAt } = message
      const loaded = { status, content, externalId, createdAt, failure: message.failure?.code ?? null }
      breaches.push(...compare(shown.get(message.id), loaded))
    }
  }
  for (const id of shown.keys()) if (!known.has(id)) breaches.push(`I13: a client shows ${id}, which is not there`)
  return breaches
}

function compare(seen: unknown, loaded: unknown): string[] {
  const [shown, there] = [JSON.stringify(seen), JSON.stringify(loaded)]
  return shown === there ? [] : [`I13: a client shows ${shown} for ${there}`]
}
