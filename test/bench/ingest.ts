import postgres, { type Sql } from 'postgres'
import { newId } from '../../server/kit/ids.ts'
import type { BenchContext } from './context.ts'
import { bodyOf, type Target } from './deliveries.ts'
import { LoadGenerator } from './load.ts'
import { median, perSecond, rounds, type Figure } from './report.ts'
import { seedAccounts, type SeededAccount } from './seed.ts'

const ROUNDS = 3
const EVENTS = 10_000
const BARE_CONNECTIONS = 8

const targetsOf = (accounts: readonly SeededAccount[]): Target[] =>
  // Turn by turn, so that neighbours in time are of different accounts.
  Array.from({ length: Math.max(...accounts.map(({ threads }) => threads.length)) }, (_, place) =>
    accounts.flatMap(({ business, threads }) => (threads[place] ? [{ business, ...threads[place] }] : [])),
  ).flat()

/**
 * From the first webhook on the wire to the last message committed with its feed entry numbered: web process and worker
 * process at work, everything on. Beside it a bare loop over 8 connections that writes the same rows one event at a
 * time, its statements awaited one by one, ids known, no row-level security, no stamps.
 */
export async function benchIngest(context: BenchContext): Promise<Figure[]> {
  const sql = postgres(context.databaseUrl, { max: 4, onnotice: () => {} })
  const many = await seedAccounts(sql, 10, 40)
  const hot = await seedAccounts(sql, 1, 400)
  const burst = await seedAccounts(sql, 1, 1)
  const plain = await seedAccounts(sql, 10, 40)
  const web = await context.web()
  const worker = await context.worker()
  const load = new LoadGenerator()
  const port = Number(new URL(web.url).port)
  const cpu = { web: 0, worker: 0, bare: 0, events: 0 }
  const parley = async (accounts: SeededAccount[], label: string, total: number) => {
    const before = [web.cpu(), worker.cpu()] as const
    const rate = await drained(sql, accounts, total, (targets) =>
      load.run({ port, targets, label, connections: 64, total }).then(() => undefined),
    )
    if (label.startsWith('many')) {
      cpu.web += web.cpu() - before[0]
      cpu.worker += worker.cpu() - before[1]
      cpu.events += total
    }
    return rate
  }
  const rates = { bare: [] as number[], many: [] as number[], hot: [] as number[], burst: [] as number[] }
  try {
    await parley(many, 'warm', 2_000)
    await parley(hot, 'warm', 1_000)
    await parley(burst, 'warm', 500)
    await bareLoop(context.databaseUrl, sql, plain, 'warm', 1_000)
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.many.push(await parley(many, `many-${round}`, EVENTS))
      const bare = await bareLoop(context.databaseUrl, sql, plain, `bare-${round}`, EVENTS)
      rates.bare.push(bare.rate)
      cpu.bare += bare.cpuMs
      rates.hot.push(await parley(hot, `hot-${round}`, EVENTS))
      rates.burst.push(await parley(burst, `burst-${round}`, EVENTS))
    }
  } finally {
    load.close()
    await sql.end()
  }
  const bare = median(rates.bare)
  const line = (figure: string, values: number[], target: string, least: number): Figure => {
    const ratio = median(values) / bare
    return { figure, measured: rounds(values), bare: perSecond(bare), ratio, target, ok: ratio >= least }
  }
  return [
    line('ingest, webhook to committed, 10 accounts × 40 threads', rates.many, '≥ 1.0 of bare', 1),
    line('ingest, one hot account, 400 threads', rates.hot, '≥ 1.0 of bare', 1),
    line('ingest, burst in one thread', rates.burst, 'far beyond 1.0', 2),
    {
      figure: 'processor time per event of web + worker, 10 accounts',
      measured: `${((cpu.web / cpu.events) * 1_000).toFixed(0)} + ${((cpu.worker / cpu.events) * 1_000).toFixed(0)} µs`,
      bare: `${((cpu.bare / (ROUNDS * EVENTS)) * 1_000).toFixed(0)} µs`,
      target: 'reported; no noise of the machine in it',
    },
  ]
}

interface Written {
  messages: number
  inbound: number
  numbered: number
}

async function countWritten(sql: Sql, accounts: readonly SeededAccount[]): Promise<Written> {
  const ids = accounts.map(({ accountId }) => accountId)
  const [row] = await sql<Written[]>`
    select (select count(*)::int from messages where account_id = any(${ids}::uuid[])) as messages,
      (select sum(inbound_count)::int from threads where account_id = any(${ids}::uuid[])) as inbound,
      (select count(*)::int from account_events where account_id = any(${ids}::uuid[]) and seq is not null) as numbered`
  return row as Written
}

/** Events per second until everything that was sent is committed and numbered. */
async function drained(
  sql: Sql,
  accounts: SeededAccount[],
  total: number,
  send: (targets: Target[]) => Promise<void>,
): Promise<number> {
  const before = await countWritten(sql, accounts)
  const start = performance.now()
  await send(targetsOf(accounts))
  for (;;) {
    const [row] = await sql<{ busy: boolean }[]>`
      select exists(select 1 from webhook_events where state = 0)
        or exists(select 1 from account_events where seq is null) as busy`
    if (!row?.busy) break
    if (performance.now() - start > 120_000) throw new Error('the events were not worked off within two minutes')
    await new Promise((done) => setTimeout(done, 20))
  }
  const elapsedMs = performance.now() - start
  const after = await countWritten(sql, accounts)
  for (const key of ['messages', 'inbound', 'numbered'] as const) {
    if (after[key] - before[key] !== total) throw new Error(`${key}: ${after[key] - before[key]} of ${total} written`)
  }
  return (total / elapsedMs) * 1_000
}

/** The same rows, written as plainly as can be. The webhook events are there already. */
async function bareLoop(url: string, sql: Sql, accounts: SeededAccount[], label: string, total: number) {
  const events = accounts.flatMap((account) => account.threads.map((thread) => ({ ...account, ...thread })))
  const work = Array.from({ length: total }, (_, place) => {
    const target = events[Math.floor(place * 7.3) % events.length] as (typeof events)[number]
    return { ...target, key: `${label}-${place}`, raw: bodyOf(target, `${label}-${place}`) }
  })
  const ids: string[] = []
  for (let start = 0; start < work.length; start += 1_000) {
    const part = work.slice(start, start + 1_000)
    const rows = await sql<{ id: string }[]>`
      insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw, state)
      select 'bare', k, '', k, decode(r, 'hex'), 4
      from unnest(${part.map(({ key }) => key)}::text[], ${part.map(({ raw }) => raw.toString('hex'))}::text[]) u(k, r)
      returning id`
    ids.push(...rows.map((row) => row.id))
  }
  const pool = postgres(url, { max: BARE_CONNECTIONS, onnotice: () => {} })
  await Promise.all(Array.from({ length: BARE_CONNECTIONS }, () => pool`select pg_sleep(0.05)`))
  let next = 0
  const before = await countWritten(sql, accounts)
  const used = process.cpuUsage()
  const start = performance.now()
  await Promise.all(
    Array.from({ length: BARE_CONNECTIONS }, async () => {
      for (;;) {
        const place = next++
        const event = work[place]
        if (!event) return
        await writeOne(pool, event, ids[place] ?? '', ++lastSeq)
      }
    }),
  )
  const elapsedMs = performance.now() - start
  const { user, system } = process.cpuUsage(used)
  await pool.end()
  const after = await countWritten(sql, accounts)
  if (after.messages - before.messages !== total) throw new Error('the bare loop lost messages')
  return { rate: (total / elapsedMs) * 1_000, cpuMs: (user + system) / 1_000 }
}

/** Numbered as it is written, so that no process of Parley's stamps it meanwhile. */
let lastSeq = 0

type Work = SeededAccount & SeededAccount['threads'][number] & { key: string; raw: Buffer }

interface WireMessage {
  text: { body: string }
  message_id: string
  timestamp: number
}

const writeOne = (pool: Sql, event: Work, eventId: string, seq: number) =>
  pool.begin(async (tx) => {
    const id = newId()
    const { accountId, inboxId, threadId, conversationId } = event
    const { content } = JSON.parse(event.raw.toString()) as { content: string }
    const { text, message_id, timestamp } = JSON.parse(content) as WireMessage
    const at = new Date(timestamp)
    await tx`
      insert into messages (account_id, id, inbox_id, thread_id, conversation_id, type, source, content, external_id, at)
      values (${accountId}, ${id}, ${inboxId}, ${threadId}, ${conversationId}, 'incoming', 'contact', ${text.body},
        ${message_id}, ${at})`
    await tx`
      update conversations set last_message_id = ${id}, last_activity_at = greatest(last_activity_at, ${at})
      where account_id = ${accountId} and id = ${conversationId}`
    await tx`
      update threads set inbound_count = inbound_count + 1, last_inbound_at = greatest(last_inbound_at, ${at})
      where account_id = ${accountId} and id = ${threadId}`
    await tx`
      insert into account_events (account_id, seq, type, inbox_id, conversation_id, message_id)
      values (${accountId}, ${seq}, 'message.created', ${inboxId}, ${conversationId}, ${id})`
    await tx`update webhook_events set state = 1, processed_at = now() where id = ${eventId}`
  })
