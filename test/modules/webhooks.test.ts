import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

const DEAD = 2
const WAITING = 3

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  business = (await admin.connect()).business
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const seconds = () => Math.floor(Date.now() / 1_000)

interface Text {
  body?: unknown
  at?: number
  openId?: string
  thread?: string
  id?: string
}

/** What TikTok would post when somebody writes. */
function written({
  body = 'Hello',
  at = Date.now(),
  openId = business.openId,
  thread = randomUUID(),
  id = randomUUID(),
}: Text = {}) {
  const person = `person-${thread}`
  const content = {
    ...{ from: 'alice', to: 'shop', unique_identifier: person, conversation_id: thread, message_id: id, timestamp: at },
    ...{ from_user: { id: person, role: 'personal_account' }, to_user: { id: openId, role: 'business_account' } },
    ...{ type: 'text', text: { body }, message_tag: { source: 'APP' } },
  }
  return { thread, id, envelope: envelope('im_receive_msg', content, openId) }
}

const envelope = (event: string, content: unknown, openId = business.openId): Record<string, unknown> => ({
  ...{ client_key: world.standin.tiktok.appId, event, create_time: seconds(), user_openid: openId },
  content: typeof content === 'string' ? content : JSON.stringify(content),
})

async function post(body: string | Buffer, headers: Record<string, string | undefined>, path = '/webhooks/tiktok') {
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const response = await fetch(world.url + path, {
    method: 'POST',
    headers: sent,
    body: new Uint8Array(Buffer.from(body)),
  })
  return { status: response.status, text: await response.text() }
}

const signature = (body: string | Buffer, t = seconds(), secret?: string): string =>
  world.standin.tiktok.signWebhook(body, { t, ...(secret ? { secret } : {}) }).value

const signed = (body: unknown, headers: Record<string, string | undefined> = {}, path?: string) => {
  const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return post(raw, { 'content-type': 'application/json', 'tiktok-signature': signature(raw), ...headers }, path)
}

const stored = async () => (await sql<{ n: number }[]>`select count(*)::int as n from webhook_events`)[0]?.n

/** The row of the newest delivery, once it was looked at. */
const rowOf = (match: string) =>
  until(
    async () => {
      const [row] = await sql<{ state: number; code: string | null; attempts: number }[]>`
      select state, code, attempts from webhook_events
      where position(${match}::bytea in raw) > 0 and state <> 0 order by id desc limit 1`
      return row
    },
    `the delivery ${match.slice(0, 40)} is worked off`,
  )

const messageOf = async (externalId: string) =>
  (await sql<{ content: string }[]>`select content from messages where external_id = ${externalId}`)[0]

describe('a delivery whose signature is not right is refused and not stored (I1, I17)', () => {
  const cases: [string, (body: string) => string | undefined][] = [
    ['missing', () => undefined],
    ['empty', () => ''],
    ['malformed', () => 'sha256=abc'],
    ['without its time', (body) => signature(body).replace(/t=\d+,/, '')],
    ['without its hash', (body) => signature(body).replace(/,s=.*/, '')],
    ['twice in one header', (body) => `${signature(body)},${signature(body)}`],
    ['with a time that is no number', (body) => signature(body).replace(/t=\d+/, 't=soon')],
    ['with a negative time', (body) => signature(body).replace(/t=/, 't=-')],
    ['cut short', (body) => signature(body).slice(0, -1)],
    ['of another body', () => signature('{}')],
    ['of another secret', (body) => signature(body, seconds(), 'another secret')],
    ['of the body alone', (body) => signature(body).replace(/t=\d+/, `t=${seconds() - 1}`)],
    ['longer than any header', () => `t=1,s=${'a'.repeat(5_000)}`],
  ]

  it.each(cases)('%s', async (_what, sign) => {
    const before = await stored()
    const raw = JSON.stringify(written().envelope)
    const answer = await post(raw, { 'content-type': 'application/json', 'tiktok-signature': sign(raw) })
    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'UNAUTHENTICATED' } })
    expect(await stored()).toBe(before)
  })

  it('right but stale: the inbox’s gap is marked, which history repairs', async () => {
    const before = await stored()
    const raw = JSON.stringify(written().envelope)
    const answer = await post(raw, { 'tiktok-signature': signature(raw, seconds() - 302) })
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('stale') as string })
    expect(await stored()).toBe(before)
    await until(async () => {
      const [row] = await sql`select gap_since from inboxes where external_id = ${business.openId}`
      return row?.['gap_since'] as Date | null
    }, 'the gap is marked')
  })

  it('wrong and stale marks no gap: strangers cannot', async () => {
    const other = (await admin.connect()).business
    const raw = JSON.stringify(written({ openId: other.openId }).envelope)
    const forged = signature(raw, seconds() - 302, 'another secret')
    expect((await post(raw, { 'tiktok-signature': forged })).text).toContain('wrong')
    const [row] = await sql`select gap_since from inboxes where external_id = ${other.openId}`
    expect(row?.['gap_since']).toBeNull()
  })

  it('from the future', async () => {
    const raw = JSON.stringify(written().envelope)
    const answer = await post(raw, { 'tiktok-signature': signature(raw, seconds() + 65) })
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('future') as string })
  })

  it('while five minutes old, a minute ahead, reordered, spaced and upper-case ones are taken', async () => {
    const variants: ((raw: string) => string)[] = [
      (raw) => signature(raw, seconds() - 295),
      (raw) => signature(raw, seconds() + 55),
      (raw) => signature(raw).split(',').reverse().join(' , '),
      (raw) => signature(raw).replace(/s=.*/, (part) => part.toUpperCase().replace('S=', 's=')),
    ]
    for (const variant of variants) {
      const { envelope: body, id } = written()
      const raw = JSON.stringify(body)
      expect((await post(raw, { 'tiktok-signature': variant(raw) })).status).toBe(200)
      await until(() => messageOf(id), 'the message is there')
    }
  })
})

describe('whatever is validly signed is stored and answered 200; what is strange stands on its row (I1, I4)', () => {
  const codes: [string, (mark: string) => unknown, number, string][] = [
    ['no JSON', (mark) => `{"half ${mark}`, DEAD, 'NOT_JSON'],
    ['a text', (mark) => `"${mark}"`, DEAD, 'WRONG_SHAPE'],
    ['a list', (mark) => [mark], DEAD, 'WRONG_SHAPE'],
    ['an object without anything', (mark) => ({ mark }), DEAD, 'WRONG_SHAPE'],
    [
      'no business',
      (mark) => ({ ...envelope('im_receive_msg', { mark }), user_openid: undefined }),
      DEAD,
      'NO_BUSINESS',
    ],
    [
      'a business that is no text',
      (mark) => ({ ...envelope('im_receive_msg', { mark }), user_openid: { mark } }),
      DEAD,
      'NO_BUSINESS',
    ],
    ['an unknown event', (mark) => envelope('im_never_heard_of', { mark }), 1, 'UNKNOWN_EVENT'],
    [
      'a content that is a number',
      (mark) => ({ ...envelope('im_receive_msg', {}), content: 7, mark }),
      1,
      'CONTENT_UNREADABLE',
    ],
    ['a content that is no JSON', (mark) => envelope('im_receive_msg', `{${mark}`), 1, 'CONTENT_UNREADABLE'],
    [
      'a message without an id',
      (mark) => envelope('im_receive_msg', { mark, conversation_id: 'x', type: 'text' }),
      1,
      'WRONG_SHAPE',
    ],
    [
      'a receipt without a time',
      (mark) => envelope('im_mark_read_msg', { mark, conversation_id: 'x', read: 5 }),
      1,
      'WRONG_SHAPE',
    ],
    ['another app', (mark) => ({ ...envelope('im_receive_msg', { mark }), client_key: 'other' }), DEAD, 'WRONG_APP'],
  ]

  it.each(codes)('%s', async (_what, bodyOf, state, code) => {
    const mark = randomUUID()
    expect((await signed(bodyOf(mark))).status).toBe(200)
    expect(await rowOf(mark)).toMatchObject({ state, code })
  })

  it('nothing at all', async () => {
    const before = (await stored()) ?? 0
    expect((await signed('')).status).toBe(200)
    expect(await stored()).toBe(before + 1)
  })

  it('content that is an object already is read as it is', async () => {
    const { envelope: body, id } = written({ body: 'as an object' })
    const content = JSON.parse(String(body['content'])) as unknown
    expect((await signed({ ...body, content })).status).toBe(200)
    expect(await until(() => messageOf(id), 'it is there')).toMatchObject({ content: 'as an object' })
  })

  it.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'nonsense',
    'application/json; charset=utf-16',
  ])('with the content type %s', async (type) => {
    const { envelope: body, id } = written()
    expect((await signed(body, { 'content-type': type })).status).toBe(200)
    await until(() => messageOf(id), 'it is there')
  })

  it('bytes that are no UTF-8', async () => {
    const { envelope: body, id } = written({ body: 'caf\u00e9 MARK' })
    const raw = Buffer.from(JSON.stringify(body), 'latin1')
    expect((await signed(raw)).status).toBe(200)
    expect((await until(() => messageOf(id), 'it is there')).content).toContain('MARK')
  })

  it('over 1 MB is refused with 413, up to there it is taken', async () => {
    const before = (await stored()) ?? 0
    const big = JSON.stringify({ ...envelope('im_never_heard_of', {}), filler: 'x'.repeat(1024 * 1024) })
    const { status, text } = await signed(big)
    const refusal = { error: { code: 'INVALID', message: expect.stringMatching(/too large/) as string } }
    expect([status, JSON.parse(text)]).toEqual([413, refusal])
    expect(await stored()).toBe(before)
    const fits = JSON.stringify({ ...envelope('im_never_heard_of', {}), filler: 'x'.repeat(1024 * 1024 - 300) })
    expect((await signed(fits)).status).toBe(200)
    expect(await stored()).toBe(before + 1)
  })

  it('on the alias path too, and nowhere else', async () => {
    const { envelope: body, id } = written()
    expect((await signed(body, {}, '/webhook/tiktok')).status).toBe(200)
    await until(() => messageOf(id), 'it is there')
    expect((await signed(body, {}, '/webhooks/unknown')).status).toBe(404)
    expect((await fetch(`${world.url}/webhooks/tiktok?challenge=x`)).status).toBe(405)
  })

  it('the same delivery again is stored once and shown once (I2)', async () => {
    const { envelope: body, id } = written()
    const before = (await stored()) ?? 0
    const answers = await Promise.all(Array.from({ length: 6 }, () => signed(body)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 200])
    await until(() => messageOf(id), 'it is there')
    expect(await stored()).toBe(before + 1)
  })

  it('a delivery that arrives while another one is poison is not held up by it (I3, I4)', async () => {
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`
    await sql`create trigger refuse before insert on messages for each row when (new.content = 'poison') execute function refuse()`
    const thread = randomUUID()
    const poison = written({ thread, body: 'poison' })
    const fine = written({ thread })
    for (const { envelope } of [poison, fine]) expect((await signed(envelope)).status).toBe(200)
    await until(() => messageOf(fine.id), 'the healthy one is there')
    const [row] = await sql`select state from webhook_events where position(${poison.id}::bytea in raw) > 0`
    expect(row, 'neither done nor given up').toEqual({ state: 0 })
  })
})

describe('a business that nobody has connected (I1)', () => {
  it('has its events wait with their reason, and worked off once it connects', async () => {
    const { tiktok } = world.standin
    const later = tiktok.addBusiness({ username: 'later.shop', displayName: 'Later' })
    const { envelope: body, id, thread } = written({ openId: later.openId, body: 'are you there yet?' })
    expect((await signed(body)).status).toBe(200)
    expect(await rowOf(thread)).toMatchObject({ state: WAITING, code: 'NO_INBOX' })
    const location = await admin.authorize({ business: later })
    expect(location).toMatch(/connected=1$/)
    await until(() => messageOf(id), 'it is worked off')
    expect(await rowOf(thread)).toMatchObject({ state: 1, code: null })
  })
})
