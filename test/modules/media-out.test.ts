import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schedules } from '../../jobs/schedules.ts'
import { ImagePermissionDocument } from '../support/generated.ts'
import { untilStatus } from '../support/messages.ts'
import { bomb, noise, picture, upload } from '../support/pictures.ts'
import { until } from '../support/until.ts'
import type { Person } from '../standin/tiktok/types.ts'
import { openMedia, type Media } from './media.ts'

let media: Media

beforeAll(async () => {
  media = await openMedia()
})

afterAll(() => media.close())

async function talk(person?: Person) {
  const { conversation, threadRef } = await media.admin.customerWrites(media.business, 'Do you have pictures?', person)
  return { id: conversation.id, threadRef }
}

/** Uploads pictures; answers their ids. */
async function uploaded(conversationId: string, count = 1, actor = media.admin): Promise<string[]> {
  const files = await Promise.all(Array.from({ length: count }, async () => ({ bytes: await picture() })))
  return (await upload(actor, conversationId, files)).attachments.map(({ id }) => id)
}

/** What the business has sent through the API, oldest first, by kind or text. */
const sentTo = (threadRef: string) =>
  media.tiktok
    .messages(threadRef)
    .filter(({ source }) => source === 'API')
    .map(({ content }) => (content.type === 'text' ? content.body : content.type))

const settledSends = (threadRef: string, count: number) =>
  until(() => sentTo(threadRef).length === count && sentTo(threadRef), `${count} have arrived`)

describe('an upload', () => {
  it('is written anew within the limits of the channel: no metadata, upright, no second frame', async () => {
    const { id } = await talk()
    const jpeg = await sharp(await picture({ width: 300, height: 100 }))
      .withExif({ IFD0: { Artist: 'a secret place' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const transparent = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .webp()
      .toBuffer()
    const files = [
      { bytes: jpeg, name: '../..//ร้าน"ชา.heic' },
      { bytes: await picture({ format: 'png' }) },
      { bytes: transparent },
      { bytes: await picture({ format: 'gif' }) },
      { bytes: await picture({ format: 'avif' }) },
      { bytes: await noise(1400, 1400), name: 'large.png' },
    ]
    const { status, attachments } = await upload(media.admin, id, files)
    expect(status).toBe(200)
    expect(attachments.map(({ mimeType }) => mimeType)).toEqual([
      ...['image/jpeg', 'image/png', 'image/png', 'image/png', 'image/jpeg', 'image/jpeg'],
    ])
    expect(attachments[0]).toMatchObject({ width: 100, height: 300 })
    const rows = await media.sql<{ bytes: number; file_name: string }[]>`
      select bytes, file_name from attachments where id = any(${attachments.map((row) => row.id)}::uuid[]) order by created_at`
    expect(Math.max(...rows.map((row) => row.bytes))).toBeLessThanOrEqual(3_000_000)
    expect(rows.map((row) => row.file_name)).toContain('ร้าน_22ชา.jpg')
    const { authorization = '' } = media.admin.headers()
    const served = await media.get(attachments[0]?.url ?? '', { authorization })
    const { exif, orientation } = await sharp(Buffer.from(await served.arrayBuffer())).metadata()
    expect({ exif, orientation }).toEqual({ exif: undefined, orientation: undefined })
  })

  it.each<[string, () => Buffer | Promise<Buffer>, string]>([
    ['nothing', () => Buffer.alloc(0), 'IMAGE_EMPTY'],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'IMAGE_TYPE'],
    ['a HEIC', () => Buffer.from('000000186674797068656963000000006d696631', 'hex'), 'IMAGE_TYPE'],
    ['a page that says it is a JPEG', () => Buffer.from('<html></html>'), 'IMAGE_TYPE'],
    ['a decompression bomb', () => bomb(60_000, 60_000), 'IMAGE_PIXELS'],
    ['more than 50 megapixels', () => bomb(8_000, 6_300), 'IMAGE_PIXELS'],
    ['half a picture', async () => (await noise(200, 200)).subarray(0, 9_000), 'IMAGE_BROKEN'],
    ['more than 25 MB', () => Buffer.alloc(25_500_000, 1), 'IMAGE_TOO_LARGE'],
  ])('of %s is refused in words and leaves nothing', async (_name, bytes, reason) => {
    const { id } = await talk()
    const before = await media.sql`select id from attachments`
    const { status, error } = await upload(media.admin, id, [{ bytes: await bytes() }])
    expect({ status, error }).toMatchObject({ status: 400, error: { code: 'INVALID', details: { reason } } })
    expect(await media.sql`select id from attachments`).toHaveLength(before.length)
  })

  it('is for members who see the conversation, and takes nothing that is no form', async () => {
    const { id } = await talk()
    const files = [{ bytes: await picture() }]
    const blind = await media.admin.invite('AGENT')
    const other = await media.world.business()
    for (const refused of [
      upload(blind, id, files),
      upload(other, id, files),
      upload(other, id, files, media.admin.accountId),
      upload(media.admin, randomUUID(), files),
      upload(media.admin, 'x', files),
    ])
      expect(await refused).toMatchObject({ status: 404, error: { code: 'NOT_FOUND' } })
    const { authorization = '' } = media.admin.headers()
    const post = async (headers: Record<string, string>, body: string) =>
      (await fetch(`${media.world.url}/uploads`, { method: 'POST', headers, body })).status
    const form = 'multipart/form-data; boundary=x'
    expect(await post({ 'content-type': form }, '--x--')).toBe(401)
    expect(await post({ authorization, 'content-type': 'application/json' }, '{}')).toBe(400)
    expect(await post({ authorization, 'content-type': form }, '--x\r\nbroken')).toBe(400)
    expect(await post({ authorization, 'content-type': form }, '--x--\r\n')).toBe(400)
  })

  it('that nobody sends is gone after a day, with its files', async () => {
    const { id } = await talk()
    const [kept = '', gone = ''] = await uploaded(id, 2)
    const [row] = await media.sql<{ file_key: string; thumbnail_key: string }[]>`
      update attachments set created_at = now() - interval '25 hours' where id = ${gone} returning file_key, thumbnail_key`
    const sweep = schedules.find(({ name }) => name === 'abandoned-uploads')
    await sweep?.run(media.world.deps, new Date())
    expect(await media.sql`select id from attachments where id in (${kept}, ${gone})`).toEqual([{ id: kept }])
    for (const key of [row?.file_key, row?.thumbnail_key])
      expect(await media.world.deps.files.open(key ?? '')).toBeUndefined()
  })
})

describe('a reply with pictures', () => {
  it('goes out as several messages in their order, each once, and their echoes make no more of them (I2, I5, I6)', async () => {
    media.tiktok.setKnobs({ echo: 'before' })
    const { id, threadRef } = await talk()
    const attachmentIds = await uploaded(id, 2)
    const clientMessageId = randomUUID()
    const first = await media.admin.send(id, 'Here they are', { clientMessageId, attachmentIds })
    expect(first).toMatchObject({ content: 'Here they are', clientMessageId, contentType: 'text' })
    expect(await settledSends(threadRef, 3)).toEqual(['Here they are', 'image', 'image'])
    await media.tiktok.settled()
    const again = await media.admin.send(id, 'Here they are', { clientMessageId, attachmentIds })
    expect(again.id).toBe(first.id)
    const messages = await until(async () => {
      const rows = (await media.messagesOf(id)).filter(({ type }) => type === 'OUTGOING')
      return rows.every(({ status }) => status === 'SENT') && rows
    }, 'all are sent')
    expect(messages.map((row) => [row.clientMessageId, row.attachments.map((one) => one.id)])).toEqual([
      [clientMessageId, []],
      [`${clientMessageId}#1`, [attachmentIds[0]]],
      [`${clientMessageId}#2`, [attachmentIds[1]]],
    ])
    expect(media.tiktok.ledger.calls('capabilities')).toHaveLength(1)
    expect(media.tiktok.ledger.calls('media_upload')).toHaveLength(2)
    for (const other of [
      { attachmentIds: attachmentIds.toReversed() },
      { attachmentIds: attachmentIds.slice(1) },
      { attachmentIds: [] },
      { attachmentIds, private: true },
    ])
      await expect(media.admin.send(id, 'Here they are', { clientMessageId, ...other })).rejects.toMatchObject({
        code: 'CONFLICT',
      })
    await expect(media.admin.send(id, '', { attachmentIds })).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { reason: 'ATTACHMENT_USED' } },
    })
    media.tiktok.setKnobs({ echo: 'after' })
  })

  it('needs room in the window for all of it, else nothing is taken (I8)', async () => {
    const { id, threadRef } = await talk()
    for (let place = 0; place < 8; place++) await media.admin.send(id, `Reply ${place}`)
    const attachmentIds = await uploaded(id, 2)
    await expect(media.admin.send(id, 'And two', { attachmentIds })).rejects.toMatchObject({
      ...{ code: 'WINDOW_CLOSED', details: { reason: 'QUOTA_USED', remaining: 2, needed: 3 } },
    })
    const first = await media.admin.send(id, '', { attachmentIds })
    expect(first).toMatchObject({ contentType: 'image', content: null })
    expect((await settledSends(threadRef, 10)).slice(8)).toEqual(['image', 'image'])
  })

  it('takes own uploads of this inbox alone; a note keeps its pictures here', async () => {
    const { id, threadRef } = await talk()
    const agent = await media.admin.invite('AGENT', [media.inboxId])
    const [foreign = ''] = await uploaded(id, 1, agent)
    const elsewhere = await media.admin.connect()
    const other = await media.admin.customerWrites(elsewhere.business)
    const [otherInbox = ''] = await uploaded(other.conversation.id)
    for (const attachmentId of [foreign, otherInbox, randomUUID(), 'x'])
      await expect(media.admin.send(id, 'no', { attachmentIds: [attachmentId] })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
    const eleven = Array.from({ length: 11 }, () => randomUUID())
    await expect(media.admin.send(id, 'no', { attachmentIds: eleven })).rejects.toMatchObject({ code: 'INVALID' })
    const note = await media.admin.send(id, '', { attachmentIds: await uploaded(id), private: true })
    expect(note).toMatchObject({ private: true, status: null, contentType: 'image' })
    await media.admin.send(id, 'The last word')
    expect(await settledSends(threadRef, 1)).toEqual(['The last word'])
  })

  it('fails in words where the provider takes no pictures, and says so before (and asks it once)', async () => {
    const abroad = media.tiktok.addPerson({
      username: `jo.${randomUUID().slice(0, 6)}`,
      displayName: 'Jo',
      region: 'US',
    })
    const { id, threadRef } = await talk(abroad)
    const variables = { accountId: media.admin.accountId, conversationId: id }
    await until(async () => {
      const { imagePermission } = await media.admin.gql(ImagePermissionDocument, variables)
      return imagePermission.allowed === false && imagePermission.reason === 'IMAGES_NOT_ALLOWED'
    }, 'it is known')
    const asked = media.tiktok.ledger.calls('capabilities').length
    const { id: messageId } = await media.admin.send(id, '', { attachmentIds: await uploaded(id) })
    const failed = await untilStatus(media.admin, id, messageId, 'FAILED')
    expect(failed.failure?.code).toBe('IMAGES_NOT_ALLOWED')
    await media.admin.send(id, 'Then in words')
    expect(await settledSends(threadRef, 1)).toEqual(['Then in words'])
    expect(media.tiktok.ledger.calls('capabilities')).toHaveLength(asked)
  })

  it('is handed over anew when the provider was busy or has forgotten it', async () => {
    const { id, threadRef } = await talk()
    media.tiktok.fault({ kind: '502', operations: ['media_upload'] })
    media.tiktok.fault({ kind: '40910', operations: ['send'] })
    const uploads = media.tiktok.ledger.calls('media_upload').length
    await media.admin.send(id, '', { attachmentIds: await uploaded(id) })
    expect(await settledSends(threadRef, 1)).toEqual(['image'])
    expect(media.tiktok.ledger.calls('media_upload').length - uploads).toBe(3)
  })

  it('of which the answer was lost is settled by its echo, and not by a text (I5)', async () => {
    const { id, threadRef } = await talk()
    media.tiktok.fault({ kind: 'timeout_after_commit', operations: ['send'], holdMs: 300 })
    const { id: messageId } = await media.admin.send(id, '', { attachmentIds: await uploaded(id) })
    await settledSends(threadRef, 1)
    const sent = await untilStatus(media.admin, id, messageId, 'SENT')
    expect(sent.externalId).toBe(media.tiktok.messages(threadRef).at(-1)?.id)
    expect((await media.messagesOf(id)).filter(({ type }) => type === 'OUTGOING')).toHaveLength(1)
  })
})
