import { Redis } from 'ioredis'
import type { Sql } from 'postgres'
import { encodeCursor } from '../../server/kit/pagination.ts'
import type { BenchContext } from './context.ts'
import { clientDocument } from './documents.ts'
import { openListData, prepareListData, type ListData } from './list-data.ts'
import { percentile, spread, type Figure } from './report.ts'
import { countStatements, tracking } from './statements.ts'

const REQUESTS = 100
const ROUNDS = 3

const LEAN = `query ($accountId: ID!, $filter: ConversationFilter, $first: Int, $after: String) {
  conversations(accountId: $accountId, filter: $filter, first: $first, after: $after) {
    nodes { id displayId status lastActivityAt unreadCount contact { id name username } assignee { id name } }
    pageInfo { endCursor hasNextPage }
  }
}`

interface Page {
  who: 'administrator' | 'agent'
  what: 'lean' | "the client's"
  where: 'first' | 'deep'
  document: string
  filter: object
  after: string | null
}

/** Pages of the conversation list over HTTP, as an administrator of a million and as an agent with two quiet inboxes. */
export async function benchList(context: BenchContext): Promise<Figure[]> {
  const { stack } = context
  const data = await prepareListData(stack, context.say)
  const sql = openListData(stack, data)
  const web = await stack.parley('list-web', 'web', data.database)
  const [administrator = '', agent = ''] = await stack.sign([data.administrator, data.agent])
  const client = new ListClient(web.url, data.accountId, { administrator, agent })
  const redis = new Redis(stack.redisUrl)
  try {
    const pages = await pagesOf(sql, data)
    await context.emptyRedis()
    for (const page of pages) for (let warm = 0; warm < 20; warm += 1) await client.ask(page)
    const latencies = new Map<Page, number[]>(pages.map((page) => [page, []]))
    const bare: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const page of pages) {
        await forgetLimits(redis)
        for (let place = 0; place < REQUESTS; place += 1) latencies.get(page)?.push(await client.ask(page))
      }
      for (let place = 0; place < REQUESTS; place += 1) bare.push(await bareQuery(sql, data.accountId))
    }
    const figures: Figure[] = []
    await tracking(sql, true)
    for (const page of pages) {
      await forgetLimits(redis)
      figures.push(await figureOf(sql, client, page, latencies.get(page) ?? [], percentile(bare, 95)))
    }
    return figures
  } finally {
    await tracking(sql, false)
    redis.disconnect()
    await web.stop()
    await sql.end()
  }
}

/** These two ask for more than a person may in a minute. */
async function forgetLimits(redis: Redis): Promise<void> {
  const keys = await redis.keys('parley:jobs:limit:document-*')
  if (keys.length) await redis.del(keys)
}

async function figureOf(sql: Sql, client: ListClient, page: Page, latencies: number[], bare: number): Promise<Figure> {
  const counts: number[] = []
  for (const first of [5, 25, 50]) counts.push(await countStatements(sql, 'parley_app', () => client.ask(page, first)))
  const asking = await countStatements(sql, 'parley_system', () => client.ask(page))
  const most = Math.max(...counts)
  const p95 = percentile(latencies, 95)
  return {
    figure: `list, ${page.who}, ${page.where} page, ${page.what} document, ms: p50 / p95 / p99`,
    measured: `${spread(latencies)}; ${[...new Set(counts)].join(' or ')} statements (+ ${asking} for who asks)`,
    bare: `${bare.toFixed(1)} ms`,
    target: 'p95 < 30 ms, ≤ 4 statements',
    ok: p95 < 30 && most <= 4,
  }
}

async function pagesOf(sql: Sql, data: ListData): Promise<Page[]> {
  const pages: Page[] = []
  for (const who of ['administrator', 'agent'] as const) {
    for (const status of [null, 'OPEN']) {
      const what = status ? ("the client's" as const) : ('lean' as const)
      const document = status ? clientDocument('Conversations') : LEAN
      const filter = status ? { status } : {}
      for (const where of ['first', 'deep'] as const) {
        const after = where === 'deep' ? await deepCursor(sql, data, who, status) : null
        pages.push({ who, what, where, document, filter, after })
      }
    }
  }
  return pages
}

/** The place half-way down the list. */
async function deepCursor(sql: Sql, { accountId, agent }: ListData, who: Page['who'], status: string | null) {
  const seen = sql`
    from conversations where account_id = ${accountId} ${status ? sql`and status = ${status.toLowerCase()}` : sql``}
    ${who === 'agent' ? sql`and inbox_id in (select inbox_id from inbox_members where user_id = ${agent.userId})` : sql``}`
  const [row] = await sql<{ at: Date; id: string }[]>`
    select last_activity_at as at, id ${seen} order by last_activity_at desc, id desc
    offset (select count(*) / 2 ${seen}) limit 1`
  if (!row) throw new Error('nobody sees a conversation')
  return encodeCursor([row.at.getTime(), row.id])
}

/** The same number of rows by the plainest statement that could answer a first page, prepared, without a tenant. */
async function bareQuery(sql: Sql, accountId: string): Promise<number> {
  const start = performance.now()
  const rows = await sql`
    select * from conversations where account_id = ${accountId} and status = 'open'
    order by last_activity_at desc, id desc limit 26`
  if (rows.length !== 26) throw new Error('too few rows')
  return performance.now() - start
}

interface Answer {
  data?: { conversations: { nodes: unknown[]; pageInfo: { hasNextPage: boolean } } }
  errors?: unknown[]
}

class ListClient {
  readonly #url: string
  readonly #accountId: string
  readonly #tokens: Record<Page['who'], string>
  #asked = 0

  constructor(url: string, accountId: string, tokens: Record<Page['who'], string>) {
    this.#url = `${url}/graphql`
    this.#accountId = accountId
    this.#tokens = tokens
  }

  /** How long the page took, in ms; throws unless it is full. */
  async ask(page: Page, first = 25): Promise<number> {
    this.#asked += 1
    const variables = { accountId: this.#accountId, filter: page.filter, first, after: page.after }
    const body = JSON.stringify({ query: page.document, variables })
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${this.#tokens[page.who]}`,
      // One address may ask 6,000 times a minute.
      'x-forwarded-for': `10.0.${Math.floor(this.#asked / 1_000) % 256}.1`,
    }
    const start = performance.now()
    const response = await fetch(this.#url, { method: 'POST', headers, body })
    const answer = (await response.json()) as Answer
    const elapsed = performance.now() - start
    const count = answer.data?.conversations.nodes.length ?? 0
    if (answer.errors || count < Math.min(first, 5)) {
      throw new Error(`the list answers with ${count} rows: ${JSON.stringify(answer.errors).slice(0, 500)}`)
    }
    return elapsed
  }
}
