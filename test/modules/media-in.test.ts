import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handleFetchMedia } from '../../jobs/handlers/fetch-media.ts'
import { createFiles } from '../../server/files/create-files.ts'
import type { Actor } from '../support/actor.ts'
import { bomb, picture } from '../support/pictures.ts'
import { never, until } from '../support/until.ts'
import type { Knobs } from '../standin/tiktok/knobs.ts'
import type { MessageContent } from '../standin/tiktok/types.ts'
import { RefetchAttachmentDocument } from '../support/generated.ts'
import { openMedia, type Media } from './media.ts'

let media: Media

beforeAll(async () => {
  media = await openMedia()
})

afterAll(() => media.close())

/** A customer sends a medium; answers its conversation and the one attachment of it, as it is now. */
async function send(bytes: Buffer, { mime = 'image/jpeg', kind = 'image' as 'image' | 'video' | 'sticker' } = {}) {
  const mediaId = media.tiktok.addMedium({ business: media.business, mime, bytes })
  const content: MessageContent =
    kind === 'sticker' ? { type: kind, url: media.tiktok.openAddress(mediaId) } : { type: kind, mediaId }
  const name = `photographer.${randomUUID().slice(0, 8)}`
  const person = media.tiktok.addPerson({ username: name, displayName: name })
  const { messageId } = media.tiktok.customerWrites({ business: media.business, person, content })
  const conversation = await until(
    async () => (await media.admin.conversations({ query: name })).find((row) => row.inboundCount === 1),
    'the message is here',
  )
  return { person, messageId, conversationId: conversation.id }
}

async function attachmentOf(conversationId: string) {
  const [attachment] = (await media.messagesOf(conversationId)).flatMap((message) => message.attachments)
  if (!attachment) throw new Error('no attachment')
  return attachment
}

const untilState = (conversationId: string, state: 'STORED' | 'FAILED') =>
  until(async () => {
    const found = await attachmentOf(conversationId)
    return found.state === state && found
  }, `the picture is ${state}`)

/** Its next attempt is due now. */
const hurry = (id: string) => media.sql`update attachments set next_attempt_at = now() where id = ${id}`

async function withCdn<Value>(cdn: Knobs['cdn'], work: () => Promise<Value>): Promise<Value> {
  media.tiktok.setKnobs({ cdn })
  try {
    return await work()
  } finally {
    media.tiktok.setKnobs({ cdn: 'fine' })
  }
}

/** The file is served in parts, as films are asked for and downloads resumed: one at a time, of the version that it is. */
async function expectParts(url: string, bytes: Buffer) {
  const ask = async (range: string, more: Record<string, string> = {}) => {
    const answer = await media.get(url, { ...media.admin.headers(), range, ...more })
    const body = Buffer.from(await answer.arrayBuffer())
    return { status: answer.status, part: answer.headers.get('content-range'), body, headers: answer.headers }
  }
  const size = bytes.length
  const whole = { status: 200, part: null, body: bytes }
  const part = (first: number, last: number) => ({
    ...{ status: 206, part: `bytes ${first}-${last}/${size}` },
    body: bytes.subarray(first, last + 1),
  })
  const { headers } = await ask('bytes=0-1')
  expect(Object.fromEntries(headers)).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': '2' })
  const etag = headers.get('etag') ?? ''
  expect(await ask('bytes=0-1')).toMatchObject(part(0, 1))
  expect(await ask('bytes=4-', { 'if-range': etag })).toMatchObject(part(4, size - 1))
  expect(await ask('bytes=-3')).toMatchObject(part(size - 3, size - 1))
  expect(await ask(`bytes=5-${size + 9}`)).toMatchObject(part(5, size - 1))
  for (const beyond of [`bytes=${size}-`, 'bytes=-0'])
    expect(await ask(beyond)).toMatchObject({ status: 416, part: `bytes */${size}` })
  for (const unread of ['bytes=0-1,3-4', 'bytes=4-2', 'bytes=-', 'lines=0-1', 'bytes=x-'])
    expect(await ask(unread), unread).toMatchObject(whole)
  expect(await ask('bytes=0-1', { 'if-range': '"of another"' })).toMatchObject(whole)
  expect(await ask('bytes=0-1', { 'if-none-match': etag })).toMatchObject({ status: 304 })
  expect((await media.get(url, { range: 'bytes=0-1' })).status).toBe(401)
}

describe('a picture that a customer sends', () => {
  it('is fetched, stored and served to whoever sees the conversation, and to nobody else (I10, I11)', async () => {
    const bytes = await picture({ width: 1600, height: 900 })
    const { conversationId } = await send(bytes)
    const stored = await untilState(conversationId, 'STORED')
    expect(stored).toMatchObject({ fileType: 'image', width: 1600, height: 900, mimeType: 'image/jpeg', failure: null })
    const url = stored.url ?? ''
    const [seeing, blind] = [await media.admin.invite('AGENT', [media.inboxId]), await media.admin.invite('AGENT')]
    const { authorization = '' } = seeing.headers()
    const whole = await media.get(url, { authorization })
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      ...{ 'content-type': 'image/jpeg', 'x-content-type-options': 'nosniff' },
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': expect.stringMatching(/^inline; filename="image-[0-9a-f]{8}\.jpg"$/),
      'cache-control': expect.stringContaining('private'),
    })
    const small = await media.get(stored.thumbnailUrl ?? '', { cookie: seeing.headers()['cookie'] ?? '' })
    expect(small.headers.get('content-type')).toBe('image/webp')
    expect(small.headers.get('accept-ranges')).toBeNull()
    expect((await small.arrayBuffer()).byteLength).toBeLessThan(bytes.length)
    const other = await media.world.business()
    const refused = async (path: string, actor: Actor) => (await media.get(path, actor.headers())).status
    expect(await refused(url, blind)).toBe(404)
    expect(await refused(url, other)).toBe(404)
    expect(await refused(url.replace(media.admin.accountId, other.accountId), other)).toBe(404)
    expect(await refused(`/files/${media.admin.accountId}/..%2f..%2fsecrets`, media.admin)).toBe(404)
    expect((await media.get(url, {})).status).toBe(401)
    expect((await media.get(url, { cookie: 'parley_refresh=x.y' })).status).toBe(401)
  })

  it('whose file is gone is not there, and no browser keeps that', async () => {
    const { conversationId } = await send(await picture({ width: 32, height: 32 }))
    const { url } = await untilState(conversationId, 'STORED')
    await rm(path.join(media.world.config.dataDir, 'files'), { recursive: true })
    const answer = await media.get(url ?? '', media.admin.headers())
    expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual([404, null, null])
  })

  it('is there once, although its fetching was killed in the middle or ran twice', async () => {
    // Whenever the first attempt is made, it does not end the fetching.
    const { conversationId, id } = await withCdn('down', async () => {
      const sent = await send(await picture())
      const { id } = await attachmentOf(sent.conversationId)
      const tried = () => media.sql`select 1 from attachments where id = ${id} and attempts > 0`
      await until(async () => (await tried()).length, 'it was tried')
      return { ...sent, id }
    })
    const payload = { accountId: media.admin.accountId, attachmentId: id }
    await hurry(id)
    await Promise.all([handleFetchMedia(media.world.deps, payload), handleFetchMedia(media.world.deps, payload)])
    await untilState(conversationId, 'STORED')
    const [row] = await media.sql<{ file_key: string }[]>`select file_key from attachments where id = ${id}`
    // As after a kill between the file and its row: the same key is written again.
    await media.sql`update attachments set state = 'waiting', next_attempt_at = now() where id = ${id}`
    await handleFetchMedia(media.world.deps, payload)
    expect(await untilState(conversationId, 'STORED')).toMatchObject({ width: 320 })
    expect(await media.sql`select file_key from attachments where id = ${id}`).toEqual([row])
  })

  it('heals by itself while the provider fails for a while', async () => {
    const { conversationId } = await withCdn('down', async () => {
      const sent = await send(await picture())
      const { id } = await attachmentOf(sent.conversationId)
      await until(
        async () => (await media.sql`select 1 from attachments where id = ${id} and attempts = 1`).length,
        'tried',
      )
      await never(async () => (await attachmentOf(sent.conversationId)).state !== 'WAITING', 'it gives up', 200)
      return sent
    })
    const { id } = await attachmentOf(conversationId)
    await hurry(id)
    await untilState(conversationId, 'STORED')
  })

  it('a sticker comes from its address, a film is kept and played, and anything else stays a placeholder', async () => {
    const sticker = await send(await picture({ format: 'webp', width: 120, height: 120 }), { kind: 'sticker' })
    expect(await untilState(sticker.conversationId, 'STORED')).toMatchObject({ fileType: 'sticker', width: 120 })
    const film = Buffer.concat([
      Buffer.from('0000001c667479706d703432', 'hex'),
      Buffer.from('mp42isomavc1'),
      Buffer.alloc(64),
    ])
    const video = await send(film, { mime: 'video/mp4', kind: 'video' })
    const kept = await untilState(video.conversationId, 'STORED')
    expect(kept).toMatchObject({ mimeType: 'video/mp4', thumbnailUrl: null })
    await expectParts(kept.url ?? '', film)
  })
})

const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
const HTML = Buffer.from('<!doctype html><script>alert(1)</script>')

describe('bad media', () => {
  it.each<[string, () => Buffer | Promise<Buffer>, Knobs['cdn'], string]>([
    ['a page that says it is a picture', () => HTML, 'fine', 'MEDIA_NOT_AN_IMAGE'],
    ['an SVG', () => SVG, 'fine', 'MEDIA_NOT_AN_IMAGE'],
    ['nothing at all', () => Buffer.alloc(0), 'fine', 'MEDIA_NOT_AN_IMAGE'],
    [
      'a program with the first bytes of a picture',
      () => Buffer.from('ffd8ffe000104a4649', 'hex'),
      'fine',
      'MEDIA_BROKEN',
    ],
    [
      'half a picture',
      async () => (await picture({ width: 900, height: 900 })).subarray(0, 2_000),
      'fine',
      'MEDIA_BROKEN',
    ],
    ['a decompression bomb', () => bomb(60_000, 60_000), 'fine', 'MEDIA_TOO_LARGE'],
    ['more than 50 megapixels', () => bomb(8_000, 6_300), 'fine', 'MEDIA_TOO_LARGE'],
    ['a body that never ends', picture, 'endless', 'MEDIA_TOO_LARGE'],
    ['a redirect to a private address', picture, 'to_private', 'MEDIA_UNSAFE'],
    ['a loop of redirects', picture, 'loop', 'MEDIA_UNSAFE'],
    ['what the provider no longer has', picture, 'gone', 'MEDIA_GONE'],
  ])('%s fails in words, and nothing of it is kept', async (_name, bytes, cdn, code) => {
    await withCdn(cdn, async () => {
      const { conversationId } = await send(await bytes())
      const failed = await untilState(conversationId, 'FAILED')
      expect(failed).toMatchObject({ failure: { code, message: expect.stringMatching(/\.$/) }, url: null })
      const [row] = await media.sql<{ file_key: string }[]>`select file_key from attachments where id = ${failed.id}`
      expect(await createFiles(media.world.config).open(row?.file_key ?? '')).toBeUndefined()
    })
  })

  it('an answer that breaks off is tried again until it says so, and the agent may try once more', async () => {
    const { conversationId } = await withCdn('truncated', async () => {
      const sent = await send(await picture())
      const { id } = await attachmentOf(sent.conversationId)
      await until(
        async () => (await media.sql`select 1 from attachments where id = ${id} and attempts = 1`).length,
        'tried',
      )
      await media.sql`update attachments set attempts = 6, next_attempt_at = now() where id = ${id}`
      expect(await untilState(sent.conversationId, 'FAILED')).toMatchObject({ failure: { code: 'MEDIA_UNREACHABLE' } })
      return sent
    })
    const { id } = await attachmentOf(conversationId)
    const input = { accountId: media.admin.accountId, attachmentId: id }
    const { refetchAttachment } = await media.admin.gql(RefetchAttachmentDocument, { input })
    expect(refetchAttachment).toMatchObject({ state: 'WAITING', failure: null })
    await untilState(conversationId, 'STORED')
    await expect(media.admin.gql(RefetchAttachmentDocument, { input })).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})
