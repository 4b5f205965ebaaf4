import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { messageOf, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

const FAMILY = '👨‍👩‍👧‍👦'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
  business = (await admin.connect()).business
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const stored = async () => (await sql<{ n: number }[]>`select count(*)::int as n from messages`)[0]?.n
const providerTexts = (threadRef: string) =>
  world.standin.tiktok.messages(threadRef).map(({ content }) => (content.type === 'text' ? content.body : content.type))

describe('what an agent may not send is INVALID and stores nothing (I17)', () => {
  const long = (text: string, times: number) => text.repeat(times)

  it.each([
    ['nothing', ''],
    ['spaces', '  \t\n '],
    ['spaces of other scripts', '\u3000\u2003\ufeff'],
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud83d'],
    ['the other half', '\ude00b'],
    ['6,001 characters', long('a', 6_001)],
    ['6,001 emoji', long('😀', 6_001)],
    ['858 families, which are 6,006 code points', long(FAMILY, 858)],
  ])('%s', async (_what, content) => {
    const { conversation } = await admin.customerWrites(business)
    const before = await stored()
    await expect(admin.send(conversation.id, content)).rejects.toMatchObject({
      code: 'INVALID',
      details: { field: 'content' },
    })
    expect(await stored()).toBe(before)
  })

  it('no content at all, unknown attachments, and a clientMessageId that is none', async () => {
    const { conversation } = await admin.customerWrites(business)
    const before = await stored()
    await expect(admin.send(conversation.id, 'x', { content: null })).rejects.toMatchObject({ code: 'INVALID' })
    const attachmentIds = [randomUUID()]
    await expect(admin.send(conversation.id, 'x', { attachmentIds })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    for (const clientMessageId of ['', ' ', 'a b', '\0', 'é', 'x'.repeat(101), '\ud800']) {
      await expect(admin.send(conversation.id, 'x', { clientMessageId })).rejects.toMatchObject({ code: 'INVALID' })
    }
    expect(await stored()).toBe(before)
  })

  it('tells the limit and the length, so that a composer can say how much is too much', async () => {
    const { conversation } = await admin.customerWrites(business)
    await expect(admin.send(conversation.id, long(FAMILY, 858))).rejects.toMatchObject({
      details: { limit: 6_000, length: 6_006 },
    })
    await expect(admin.send(conversation.id, long('a', 20_001), { private: true })).rejects.toMatchObject({
      details: { limit: 20_000, length: 20_001 },
    })
  })
})

describe('what an agent may send arrives as it was written', () => {
  const texts = [
    'ทันค่ะ ส่งวันนี้เลยนะคะ 🙏 ครึ่งคำ​และสระ ำ ่',
    'שלום ‏עולם‎ (abc) \u202eمرحبا\u202c',
    `${FAMILY} 🇹🇭 👍🏽 e\u0301 ﷽ 𝒳`,
    '**bold** _it_ `code` [a](http://b) <b>&amp;</b> # no heading\n\n- one\n- two',
    '  leading and trailing  ',
    "'; drop table messages; -- ${1} %s \\n \\u0000",
    'ok',
  ]

  it('in every script, with its marks, markup and spaces', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    for (const text of texts) {
      const { id, content } = await admin.send(conversation.id, text)
      expect(content).toBe(text)
      await untilStatus(admin, conversation.id, id, 'SENT')
    }
    expect(providerTexts(threadRef).slice(1)).toEqual(texts)
    await world.standin.tiktok.settled()
    const shown = (await admin.messages(conversation.id)).filter((message) => message.type === 'OUTGOING')
    expect(shown.map((message) => message.content)).toEqual(texts)
  })

  it('up to 6,000 code points, however many UTF-16 units they take', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    for (const text of ['ก'.repeat(6_000), '😀'.repeat(6_000), FAMILY.repeat(857)]) {
      const { id } = await admin.send(conversation.id, text)
      await untilStatus(admin, conversation.id, id, 'SENT')
      expect(providerTexts(threadRef).at(-1)).toBe(text)
    }
  })

  it('as a private note it goes nowhere and has no status', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    const note = await admin.send(conversation.id, 'ก'.repeat(20_000), { private: true })
    expect(note).toMatchObject({ private: true, status: null, type: 'OUTGOING' })
    await world.standin.tiktok.settled()
    expect(providerTexts(threadRef)).toHaveLength(1)
    expect((await admin.conversation(conversation.id)).replyWindow.remaining).toBe(10)
  })
})

describe('one effect per intention (I5)', () => {
  it('the same clientMessageId again answers the same message, also at the same time', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    const clientMessageId = randomUUID()
    const sends = await Promise.all(
      Array.from({ length: 5 }, () => admin.send(conversation.id, 'once', { clientMessageId })),
    )
    const [first] = sends
    expect(new Set(sends.map((message) => message.id)).size).toBe(1)
    await untilStatus(admin, conversation.id, first?.id ?? '', 'SENT')
    expect((await admin.send(conversation.id, 'once', { clientMessageId })).id).toBe(first?.id)
    expect(providerTexts(threadRef).filter((text) => text === 'once')).toHaveLength(1)
  })

  it('with another text, as a note or quoting something else it is a CONFLICT and changes nothing', async () => {
    const { conversation } = await admin.customerWrites(business)
    const clientMessageId = randomUUID()
    const { id } = await admin.send(conversation.id, 'first', { clientMessageId })
    const before = await stored()
    const conflict = { code: 'CONFLICT', details: { reason: 'ID_REUSED' } }
    for (const [content, more] of [
      ['second', {}],
      ['first ', {}],
      ['first', { private: true }],
      ['first', { inReplyToId: id }],
    ] as const) {
      await expect(admin.send(conversation.id, content, { clientMessageId, ...more })).rejects.toMatchObject(conflict)
    }
    expect(await stored()).toBe(before)
    expect((await messageOf(admin, conversation.id, id)).content).toBe('first')
  })

  it('is the conversation’s own: the same id elsewhere is another message', async () => {
    const [one, two] = [await admin.customerWrites(business), await admin.customerWrites(business)]
    const clientMessageId = randomUUID()
    const sent = await admin.send(one.conversation.id, 'here', { clientMessageId })
    expect((await admin.send(two.conversation.id, 'there', { clientMessageId })).id).not.toBe(sent.id)
  })

  it('a newer message than the expected one is a CONFLICT that names it; one’s own are not', async () => {
    const { conversation, person } = await admin.customerWrites(business, 'first question')
    const [first] = await admin.messages(conversation.id)
    const expectedLastMessageId = first?.id ?? ''
    await admin.send(conversation.id, 'answer one', { expectedLastMessageId })
    await admin.send(conversation.id, 'answer two', { expectedLastMessageId })
    const { messageId } = await admin.customerWrites(business, 'never mind', person)
    const before = await stored()
    const failure = await admin
      .send(conversation.id, 'answer three', { expectedLastMessageId })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'CONFLICT', details: { reason: 'NEWER_MESSAGE' } })
    const newer = await messageOf(
      admin,
      conversation.id,
      (failure as { details: { messageId: string } }).details.messageId,
    )
    expect(newer.externalId).toBe(messageId)
    expect(await stored()).toBe(before)
    await admin.send(conversation.id, 'answer three', { expectedLastMessageId: newer.id })
  })

  it('a colleague’s answer counts as newer too', async () => {
    const colleague = await admin.invite('ADMINISTRATOR')
    const { conversation } = await admin.customerWrites(business)
    const [first] = await admin.messages(conversation.id)
    await colleague.send(conversation.id, 'I have it')
    await expect(
      admin.send(conversation.id, 'me too', { expectedLastMessageId: first?.id ?? '' }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('what a customer sends is stored, whatever is in it (I4)', () => {
  const shown = async (text: string) => {
    const { conversation } = await admin.customerWrites(business, text)
    return (await admin.messages(conversation.id))[0]?.content
  }

  it('with NUL and lone surrogates replaced by a mark that says so', async () => {
    expect(await shown('a\0b')).toBe('a\ufffdb')
    expect(await shown('a\ud83d b')).toBe('a\ufffd b')
  })

  it('right to left, with emoji, in Thai, or only spaces', async () => {
    for (const text of ['\u202eمرحبا', `${FAMILY}👍🏽`, 'สวัสดีค่ะ', '   ', '<script>alert(1)</script>']) {
      expect(await shown(text)).toBe(text)
    }
  })

  it('with 200,000 characters', async () => {
    const text = 'ก'.repeat(200_000)
    expect(await shown(text)).toBe(text)
  })

  it('from a person with a strange name', async () => {
    const { tiktok } = world.standin
    for (const name of ['a\0b', '\u202eevil', 'x'.repeat(5_000), '\ud800', '   ']) {
      const person = tiktok.addPerson({ username: `p.${randomUUID()}`, displayName: name })
      const { conversation } = await admin.customerWrites(business, 'Hello', person)
      await until(async () => (await admin.conversation(conversation.id)).contact.name.length > 0, 'it has a name')
    }
  })
})
