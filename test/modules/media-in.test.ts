import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handleFetchMedia } from '../../jobs/handlers/fetch-media.ts'
import { createFiles } from '../../server/files/create-files.ts'
import type { Actor } from '../support/actor.ts'
import { bomb, picture } from '../support/pictures.ts'
import { openSql } from '../support/sql.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Knobs } from '../standin/tiktok/knobs.ts'
import type { Business, MessageContent } from '../standin/tiktok/types.ts'
import { MessageAttachmentsDocument, RefetchAttachmentDocument } from '../support/generated.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
  ;({ business, inboxId } = await admin.connect())
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const tiktok = () => world.standin.tiktok

/** A customer sends a medium; answers its conversation and the one attachment of it, as it is now. */
async function send(bytes: Buffer, { mime = 'image/jpeg', kind = 'image' as 'image' | 'video' | 'sticker' } = {}) {
  const mediaId = tiktok().addMedium({ business, mime, bytes })
  const content: MessageContent =
    kind === 'sticker' ? { type: kind, url: tiktok().openAddress(mediaId) } : { type: kind, mediaId }
  const name = `photographer.${randomUUID().slice(0, 8)}`
  const person = tiktok().addPerson({ username: name, displayName: name })
  const { messageId } = tiktok().customerWrites({ business, person, content })
  const conversation = await until(
    async () => (await admin.conversations({ query: name })).find((row) => row.inboundCount === 1),
    'the message is here',
  )
  return { person, messageId, conversationId: conversation.id }
}

async function attachmentOf(conversationId: string, actor = admin) {
  const variables = { accountId: admin.accountId, id: conversationId }
  const { conversation } = await actor.gql(MessageAttachmentsDocument, variables)
  const [attachment] = conversation.messages.nodes.flatMap((message) => message.attachments)
  if (!attachment) throw new Error('no attachment')
  return attachment
}

const untilState = (conversationId: string, state: 'STORED' | 'FAILED') =>
  until(async () => {
    const found = await attachmentOf(conversationId)
    return found.state === state && found
  }, `the picture is ${state}`)

/** Its next attempt is due now. */
const hurry = (id: string) => sql`update attachments set next_attempt_at = now() where id = ${id}`

const get = (path: string, headers: Record<string, string>) => fetch(world.url + path, { headers })

async function withCdn<Value>(cdn: Knobs['cdn'], work: () => Promise<Value>): Promise<Value> {
  tiktok().setKnobs({ cdn })
  try {
    return await work()
  } finally {
    tiktok().setKnobs({ cdn: 'fine' })
  }
}

describe('a picture that a customer sends', () => {
  it('is fetched, stored and served to whoever sees the conversation, and to nobody else (I10, I11)', async () => {
    const bytes = await picture({ width: 1600, height: 900 })
    const { conversationId } = await send(bytes)
    const stored = await untilState(conversationId, 'STORED')
    expect(stored).toMatchObject({ fileType: 'image', width: 1600, height: 900, mimeType: 'image/jpeg', failure: null })
    const url = stored.url ?? ''
    const [seeing, blind] = [await admin.invite('AGENT', [inboxId]), await admin.invite('AGENT')]
    const { authorization = '' } = seeing.headers()
    const whole = await get(url, { authorization })
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      ...{ 'content-type': 'image/jpeg', 'x-content-type-options': 'nosniff' },
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': expect.stringMatching(/^inline; filename="image-[0-9a-f]{8}\.jpg"$/),
      'cache-control': expect.stringContaining('private'),
    })
    const small = await get(stored.thumbnailUrl ?? '', { cookie: seeing.headers()['cookie'] ?? '' })
    expect(small.headers.get('content-type')).toBe('image/webp')
    expect((await small.arrayBuffer()).byteLength).toBeLessThan(bytes.length)
    const other = await world.business()
    const refused = async (path: string, actor: Actor) => (await get(path, actor.headers())).status
    expect(await refused(url, blind)).toBe(404)
    expect(await refused(url, other)).toBe(404)
    expect(await refused(url.replace(admin.accountId, other.accountId), other)).toBe(404)
    expect(await refused(`/files/${admin.accountId}/..%2f..%2fsecrets`, admin)).toBe(404)
    expect((await get(url, {})).status).toBe(401)
    expect((await get(url, { cookie: 'parley_refresh=x.y' })).status).toBe(401)
  })

  it('is there once, although its fetching was killed in the middle or ran twice', async () => {
    const { conversationId } = await withCdn('down', () => send(Buffer.from('x')))
    const { id } = await attachmentOf(conversationId)
    const bytes = await picture()
    const medium = [...tiktok().world.media.values()].at(-1)
    Object.assign(medium ?? {}, { bytes })
    await until(
      async () => (await sql`select 1 from attachments where id = ${id} and attempts > 0`).length,
      'it was tried',
    )
    const payload = { accountId: admin.accountId, attachmentId: id }
    await hurry(id)
    await Promise.all([handleFetchMedia(world.deps, payload), handleFetchMedia(world.deps, payload)])
    await untilState(conversationId, 'STORED')
    const [row] = await sql<{ file_key: string }[]>`select file_key from attachments where id = ${id}`
    // As after a kill between the file and its row: the same key is written again.
    await sql`update attachments set state = 'waiting', next_attempt_at = now() where id = ${id}`
    await handleFetchMedia(world.deps, payload)
    expect(await untilState(conversationId, 'STORED')).toMatchObject({ width: 320 })
    expect(await sql`select file_key from attachments where id = ${id}`).toEqual([row])
  })

  it('heals by itself while the provider fails for a while', async () => {
    const { conversationId } = await withCdn('down', async () => {
      const sent = await send(await picture())
      const { id } = await attachmentOf(sent.conversationId)
      await until(async () => (await sql`select 1 from attachments where id = ${id} and attempts = 1`).length, 'tried')
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
    expect(await untilState(video.conversationId, 'STORED')).toMatchObject({
      mimeType: 'video/mp4',
      thumbnailUrl: null,
    })
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
      const [row] = await sql<{ file_key: string }[]>`select file_key from attachments where id = ${failed.id}`
      expect(await createFiles(world.config).open(row?.file_key ?? '')).toBeUndefined()
    })
  })

  it('an answer that breaks off is tried again until it says so, and the agent may try once more', async () => {
    const { conversationId } = await withCdn('truncated', async () => {
      const sent = await send(await picture())
      const { id } = await attachmentOf(sent.conversationId)
      await until(async () => (await sql`select 1 from attachments where id = ${id} and attempts = 1`).length, 'tried')
      await sql`update attachments set attempts = 6, next_attempt_at = now() where id = ${id}`
      expect(await untilState(sent.conversationId, 'FAILED')).toMatchObject({ failure: { code: 'MEDIA_UNREACHABLE' } })
      return sent
    })
    const { id } = await attachmentOf(conversationId)
    const input = { accountId: admin.accountId, attachmentId: id }
    const { refetchAttachment } = await admin.gql(RefetchAttachmentDocument, { input })
    expect(refetchAttachment).toMatchObject({ state: 'WAITING', failure: null })
    await untilState(conversationId, 'STORED')
    await expect(admin.gql(RefetchAttachmentDocument, { input })).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})
