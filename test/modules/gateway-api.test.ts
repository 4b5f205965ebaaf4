import { once } from 'node:events'
import { connect } from 'node:net'
import { get, type IncomingMessage } from 'node:http'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { API_PER_MINUTE } from '../../server/http/rate-limit.ts'
import { RememberedCounts } from '../../server/modules/gateway/remembered-counts.ts'
import type { Actor } from '../support/actor.ts'
import { Dashboards, PollingLine, tokenOf, type ChatItem } from '../support/dashboard.ts'
import { ApiTokensDocument, CreateApiTokenDocument, RevokeApiTokenDocument } from '../support/generated.ts'
import { sendAndWait } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { StatementCounter } from '../support/statements.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const counter = new StatementCounter()
const usual = { ...API_PER_MINUTE }

let world: World
let sql: postgres.Sql
const dashboards = new Dashboards()

beforeAll(async () => {
  world = await startWorld({ through: (url) => counter.through(url), environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
})
afterEach(() => {
  Object.assign(API_PER_MINUTE, usual)
  dashboards.close()
})
afterAll(async () => {
  await sql.end()
  await world.close()
  counter.close()
})

const dashboardOf = (token: string) => dashboards.open(world.url, token)
const shop = () => dashboards.shop(world)

const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code
const revoke = (admin: Actor, apiTokenId: string) =>
  admin.gql(RevokeApiTokenDocument, { input: { accountId: admin.accountId, apiTokenId } })

describe('API tokens', () => {
  it('are made and revoked by administrators, shown once, and kept as a hash (I14)', async () => {
    const admin = await world.business()
    const agent = await admin.invite('AGENT')
    const input = { accountId: admin.accountId, name: ' Old dashboard ' }
    const { createApiToken } = await admin.gql(CreateApiTokenDocument, { input })
    expect(createApiToken.token).toMatch(/^parley_[\w-]{43}$/)
    const list = async (actor: Actor) => (await actor.gql(ApiTokensDocument, { accountId: admin.accountId })).account
    const { apiTokens } = await list(admin)
    expect(apiTokens).toMatchObject([{ name: 'Old dashboard', createdBy: { id: admin.userId }, lastUsedAt: null }])
    expect(JSON.stringify(apiTokens)).not.toContain(createApiToken.token)
    const [stored] = await sql`select to_jsonb(t)::text as row from api_tokens t where account_id = ${admin.accountId}`
    expect(stored?.['row']).not.toContain(createApiToken.token.slice(7))
    await expect(list(agent)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(agent.gql(CreateApiTokenDocument, { input })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(admin.gql(CreateApiTokenDocument, { input: { ...input, name: ' ' } })).rejects.toMatchObject({
      code: 'INVALID',
    })
    await revoke(admin, createApiToken.apiToken.id)
    expect((await list(admin)).apiTokens).toEqual([])
    const audit =
      await sql`select action from audit_log where account_id = ${admin.accountId} and action like 'apiToken%'`
    expect(audit.map((row) => row['action'])).toEqual(['apiToken.created', 'apiToken.revoked'])
  })

  it('are at most twenty, however many are made at once', async () => {
    const admin = await world.business()
    const made = await Promise.allSettled(Array.from({ length: 22 }, () => tokenOf(admin)))
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason as { details: object }] : []))
    expect(refused.map(({ details }) => details)).toEqual(Array(2).fill({ reason: 'TOKEN_LIMIT', limit: 20 }))
  })

  it('open the API and nothing else, and note that they are used without a write a request', async () => {
    const { admin, dashboard } = await shop()
    const asking = () => dashboard.get('/api/status')
    expect((await counter.during(asking)).filter((text) => text.startsWith('update api_tokens'))).toHaveLength(1)
    const again = await counter.during(asking)
    expect(again, again.join('\n')).toHaveLength(2)
    const { account } = await admin.gql(ApiTokensDocument, { accountId: admin.accountId })
    expect(account.apiTokens[0]?.lastUsedAt).not.toBeNull()
    const member = Object.assign(admin.as(admin.accountId), { token: dashboard.token })
    await expect(member.conversations()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it.each([
    ['nothing', ''],
    ['a word', 'nonsense'],
    ['an unknown one', `parley_${'x'.repeat(43)}`],
    ['a long one', 'x'.repeat(5_000)],
    ['a session’s', 'ey.J.w'],
  ])('that are none are refused: %s', async (_name, token) => {
    const dashboard = dashboardOf(token)
    for (const path of ['/api/status', '/api/chats']) {
      const answer = await dashboard.get(path)
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
    }
    await expect(dashboard.connect()).rejects.toThrow('UNAUTHENTICATED')
  })

  it('are looked up once at a time for a connection, and three times in all if they are none', async () => {
    const [hasty, patient] = [await PollingLine.open(world.url), await PollingLine.open(world.url)]
    const connect = `40{"token":"parley_${'x'.repeat(43)}"}`
    const statements = await counter.during(async () => {
      await hasty.post(Array<string>(50).fill(connect))
      for (let left = 3; left; left -= 1) {
        await patient.post([connect])
        expect(await (await patient.poll()).text()).toContain('UNAUTHENTICATED')
      }
      await patient.post([connect])
    })
    expect(statements.filter((text) => text.includes('api_tokens'))).toHaveLength(1 + 3)
    for (const line of [hasty, patient]) expect((await line.post(['3'])).status).toBe(400)
  })

  it('are limited together, as the cost is the account’s', async () => {
    const { admin, dashboard } = await shop()
    API_PER_MINUTE.status = 1
    expect((await dashboard.get('/api/status')).status).toBe(200)
    const refused = await dashboard.get('/api/status')
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'RATE_LIMITED'])
    expect((await dashboardOf((await tokenOf(admin)).token).get('/api/status')).status).toBe(429)
    expect((await (await shop()).dashboard.get('/api/status')).status).toBe(200)
  })
})

describe('GET /api/status', () => {
  it('has the gateway’s fields, no more and no fewer', async () => {
    const { dashboard, admin, conversation } = await shop()
    await sendAndWait(admin, conversation.id, 'Hi')
    await world.standin.tiktok.settled()
    const answer = await dashboard.get('/api/status')
    expect(await answer.json()).toEqual({
      provider: 'tiktok',
      hasApiKey: true,
      contacts: 1,
      seenMessages: 2,
      polling: true,
      chatLogPath: '/api/chats',
      chatLogExists: true,
      chatCount: 2,
    })
    const empty = dashboardOf((await tokenOf(await world.business())).token)
    expect(await (await empty.get('/api/status')).json()).toMatchObject({
      provider: 'none',
      hasApiKey: false,
      polling: false,
      chatCount: 0,
    })
    expect(await empty.chats()).toEqual([])
  })

  it('counts what there is once in ten seconds, however many ask', async () => {
    const { admin, dashboard, business, person } = await shop()
    const counts = (statements: string[]) => statements.filter((text) => text.includes('as chats'))
    const asking = () => Promise.all(Array.from({ length: 5 }, () => dashboard.get('/api/status')))
    expect(counts(await counter.during(asking))).toHaveLength(1)
    const remembered = new RememberedCounts()
    let now = new Date()
    const scope = { ...world.deps.scopes.system(admin.accountId), clock: { now: () => now } }
    expect(await remembered.of(scope)).toMatchObject({ chats: 1 })
    await admin.customerWrites(business, 'More', person)
    now = new Date(now.getTime() + 9_000)
    expect(await remembered.of(scope)).toMatchObject({ chats: 1 })
    now = new Date(now.getTime() + 1_000)
    expect(await remembered.of(scope)).toMatchObject({ chats: 2 })
  })
})

describe('GET /api/chats', () => {
  it('has every message in the gateway’s shape, in the order of time, and nothing that is none (I10)', async () => {
    const { dashboard, admin, conversation, person } = await shop()
    const { contact } = await admin.conversation(conversation.id)
    await admin.send(conversation.id, 'between us', { private: true })
    await sendAndWait(admin, conversation.id, 'Hi')
    const query = 'mutation ($i: SetConversationStatusInput!) { setConversationStatus(input: $i) { id } }'
    await admin.raw(query, { i: { accountId: admin.accountId, conversationId: conversation.id, status: 'RESOLVED' } })
    const [ids] = await sql<{ alias: string; ref: string }[]>`
      select a.external_id as alias, n.external_id as ref from threads t
      join thread_aliases a on a.thread_id = t.id join contact_identities n on n.contact_id = t.contact_id
      where t.account_id = ${admin.accountId}`
    const common = {
      type: 'dm',
      conversationId: ids?.alias,
      user: { id: ids?.ref, username: person.username, nickname: 'Nina', avatar: contact.avatarUrl ?? '' },
    }
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string
    const answer = await dashboard.get('/api/chats')
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    const chats = (await answer.json()) as ChatItem[]
    expect(chats).toEqual([
      { ...common, direction: 'incoming', timestamp: time, message: { type: 'text', content: 'Hello' } },
      { ...common, direction: 'outgoing', timestamp: time, message: { type: 'text', content: 'Hi' } },
    ])
    const other = await shop()
    expect((await other.dashboard.chats()).map(({ user }) => user.id)).not.toContain(ids?.ref)
    expect(await dashboard.chats()).toHaveLength(2)
  })

  it('says what came where there is no text, and leaves out what did not go out (I7)', async () => {
    const { dashboard, admin, conversation } = await shop()
    const { id } = await sendAndWait(admin, conversation.id, 'Hi')
    await sql`update messages set status = 'failed', failure_code = 'NO_CONNECTION' where id = ${id}`
    await sql`update messages set content = null, content_type = 'share_post'
      where account_id = ${admin.accountId} and type = 'incoming'`
    const contents = (await dashboard.chats()).map(({ message }) => message)
    expect(contents[0]).toEqual({ type: 'share_post', content: '[share post]' })
    expect(contents.filter(({ content }) => content === 'Hi')).toEqual([])
  })

  describe('of a business with very many', () => {
    const MANY = 12_000
    let big: Awaited<ReturnType<typeof shop>>
    beforeAll(async () => {
      big = await shop()
      await sql`
        insert into messages (account_id, id, inbox_id, thread_id, conversation_id, type, source, content, at)
        select account_id, gen_random_uuid(), inbox_id, thread_id, conversation_id, 'incoming', 'contact',
          n || repeat(' x', 1000), at - interval '1 day' + n % 4000 * interval '1 ms'
        from messages, generate_series(1, ${MANY}) n where account_id = ${big.admin.accountId} and type = 'incoming'`
      await sql`analyze messages`
    })
    const pages = (statements: string[]) => statements.filter((text) => text.includes('order by m.at, m.arrival limit'))

    it('has each of them once, in order, however many are of one moment', async () => {
      const chats = await big.dashboard.chats()
      expect(new Set(chats.map(({ message }) => message.content)).size).toBe(MANY + 1)
      expect(chats).toHaveLength(MANY + 1)
      expect(chats).toEqual(chats.toSorted((a, b) => a.timestamp.localeCompare(b.timestamp)))
    })

    it('reads no more than is taken, and stops when nobody takes any more', async () => {
      const headers = { authorization: `Bearer ${big.token}` }
      const start = counter.statements.length
      const read = () => pages(counter.statements.slice(start).map(({ text }) => text)).length
      const request = get(`${world.url}/api/chats`, { headers, agent: false })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      await once(response, 'readable')
      await never(() => read() > MANY / 1_000, 'it reads on', 300)
      response.destroy()
      const before = read()
      await never(() => read() > before + 1, 'it reads on for nobody', 300)
      // Another one, from beginning to end, is served after it as before.
      expect(await counter.during(() => big.dashboard.chats()).then((all) => pages(all).length)).toBe(25)
    })

    const openAtOnce = async (count: number) => {
      const headers = { authorization: `Bearer ${big.token}` }
      const open = async () => {
        const request = get(`${world.url}/api/chats`, { headers, agent: false })
        return ((await once(request, 'response')) as [IncomingMessage])[0]
      }
      const opened = await Promise.all(Array.from({ length: count }, open))
      return { opened, statuses: opened.map(({ statusCode }) => statusCode).toSorted() }
    }
    const areOpenAgain = async (count: number) => {
      const { opened, statuses } = await openAtOnce(count)
      for (const one of opened) one.destroy()
      return statuses.every((status) => status === 200)
    }

    it('is under way a few times at once for one account, and again when one of them ends', async () => {
      const { opened, statuses } = await openAtOnce(5)
      expect(statuses).toEqual([200, 200, 200, 200, 429])
      for (const one of opened) one.destroy()
      await until(() => areOpenAgain(1), 'there is room again')
    })

    it('is over with its connection also while it waits behind another answer', async () => {
      API_PER_MINUTE.chats = 10_000
      const asked = `GET /api/chats HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${big.token}\r\n\r\n`
      for (let round = 0; round < 3; round++) {
        const line = connect(Number(new URL(world.url).port), '127.0.0.1')
        line.write(asked.repeat(4))
        await once(line, 'data')
        line.destroy()
      }
      await until(() => areOpenAgain(4), 'there is room for four again')
    })
  })
})
