import postgres from 'postgres'
import { createDeps } from '../../server/deps.ts'
import { newId } from '../../server/kit/ids.ts'
import { createLogger } from '../../server/kit/log.ts'
import type { BenchContext } from './context.ts'
import { clientDocument } from './documents.ts'
import { benchFanOut, type FanOutResult } from './fan-out.ts'
import { milliseconds, perSecond, type Figure } from './report.ts'
import { seedAccounts, seedMembers } from './seed.ts'
import { countedSoFar, tracking } from './statements.ts'

/** A user may have 20 sockets. */
const SOCKETS_PER_USER = 20

/** One event of one account to all its sockets, by the real web process; the event is written by another one. */
export async function benchFeed(context: BenchContext): Promise<Figure[]> {
  const sizes = [1_000, 10_000]
  const sql = postgres(context.databaseUrl, { max: 2, onnotice: () => {} })
  const [account] = await seedAccounts(sql, 1, 1)
  const thread = account?.threads[0]
  if (!account || !thread) throw new Error('no account')
  const { accountId, inboxId } = account
  const messageId = newId()
  await sql`
    insert into messages (account_id, id, inbox_id, thread_id, conversation_id, type, source, content, external_id, at)
    values (${accountId}, ${messageId}, ${inboxId}, ${thread.threadId}, ${thread.conversationId}, 'incoming', 'contact',
      'Hello, is the blue one still available?', 'fan-out', now())`
  await sql`update conversations set last_message_id = ${messageId} where id = ${thread.conversationId}`
  const members = await seedMembers(sql, accountId, Math.max(...sizes) / SOCKETS_PER_USER)
  const web = await context.web()
  const memoryBefore = web.memory()
  // Stands for a worker: it writes the event, stamps it and wakes the web process through Redis.
  const log = createLogger({ nodeEnv: 'development', logLevel: 'warn' })
  const deps = createDeps(context.stack.configOf(context.database), { log })
  const entry = { type: 'message.created', inboxId, conversationId: thread.conversationId, messageId }
  const marks: Mark[] = []
  let events = 0
  await tracking(sql, true)
  try {
    const result = await benchFanOut({
      url: `${web.url.replace(/^http/, 'ws')}/graphql/ws`,
      tokens: await context.stack.sign(members),
      accountId,
      document: clientDocument('AccountEvents'),
      publish: () => {
        events += 1
        return deps.scopes.system(accountId).tx(async (tx) => tx.publish(entry))
      },
      statements: async () => {
        const statements = await countedSoFar(sql, 'parley_app')
        marks.push({ statements, events })
        return statements
      },
      sockets: sizes,
    })
    return [...figuresOf(result, web.memory() - memoryBefore), oneByOne(marks)]
  } finally {
    await tracking(sql, false)
    await deps.close()
    await sql.end()
  }
}

interface Mark {
  statements: number
  events: number
}

/** Between the first burst and the one beside the stalled socket, events come one at a time and nobody joins. */
function oneByOne([, after, before]: Mark[]): Figure {
  const perEvent = before && after && (before.statements - after.statements) / (before.events - after.events)
  const figure = 'statements per event, one event at a time'
  return { figure, measured: (perEvent ?? Number.NaN).toFixed(2), target: '≤ 2', ok: (perEvent ?? Infinity) <= 2 }
}

function figuresOf({ feed, raw, stalled, ratios }: FanOutResult, grownMb: number): Figure[] {
  const figures = feed.flatMap((row, place): Figure[] => {
    const bare = raw[place]
    const counts = place === 0
    return [
      {
        figure: `one event to ${row.sockets.toLocaleString('en')} sockets: p50 / p99 of the last one`,
        measured: `${row.lastSocketP50.toFixed(0)} / ${milliseconds(row.lastSocketP99)}`,
        bare: bare && `${bare.lastSocketP50.toFixed(0)} / ${milliseconds(bare.lastSocketP99)}`,
        target: counts ? 'p99 < 80 ms' : 'reported',
        ...(counts ? { ok: row.lastSocketP99 < 80 } : {}),
      },
      {
        figure: `deliveries to ${row.sockets.toLocaleString('en')} sockets, a burst of events`,
        measured: perSecond(row.deliveriesPerSecond),
        ...(bare ? { bare: perSecond(bare.deliveriesPerSecond) } : {}),
        ...(ratios[place] === undefined ? {} : { ratio: ratios[place] }),
        target: counts ? '≥ 40,000/s' : 'reported',
        ...(counts ? { ok: row.deliveriesPerSecond >= 40_000 } : {}),
      },
      {
        figure: `statements per event of a burst, ${row.sockets.toLocaleString('en')} sockets`,
        measured: (row.statementsPerEvent ?? Number.NaN).toFixed(2),
        target: '≤ 2',
        ok: (row.statementsPerEvent ?? Infinity) <= 2,
      },
    ]
  })
  const slower = stalled.lastSocketP99 / (feed[0]?.lastSocketP99 ?? Number.NaN)
  const beside: Figure = {
    figure: 'the same beside one stalled socket: p99 of the last one',
    measured: `${milliseconds(stalled.lastSocketP99)}; the process grew by ${Math.round(grownMb)} MB with all sockets`,
    bare: milliseconds(feed[0]?.lastSocketP99 ?? Number.NaN),
    ratio: slower,
    target: 'costs the others nothing (p99 < 80 ms)',
    ok: stalled.lastSocketP99 < 80,
  }
  return [...figures, beside]
}
