import { createHmac, randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pictureAddress } from '../../server/modules/attachments/picture-address.ts'
import type { Channel, Contact } from '../standin/respondio/types.ts'
import type { Actor } from '../support/actor.ts'
import {
  ConnectChannelDocument,
  ImagePermissionDocument,
  InboxWebhookDocument,
  SetWebhookKeysDocument,
} from '../support/generated.ts'
import { untilStatus } from '../support/messages.ts'
import { picture, upload } from '../support/pictures.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let respondio: World['standin']['respondio']
let sql: postgres.Sql
let admin: Actor
let channel: Channel
let passed = 0

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + passed) }
  world = await startWorld({ browsable: true, clock })
  respondio = world.standin.respondio
  respondio.setKnobs({ rateLimit: Infinity, disableAfterErrors: Infinity })
  sql = openSql(world)
  admin = await world.business()
  channel = await connect()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** Connects a channel of respond.io, which delivers here what comes in and what goes out. */
async function connect(): Promise<Channel> {
  const space = respondio.addSpace({ name: 'Acme' })
  const connected = respondio.addChannel({ space })
  const { accountId } = admin
  const fields = { apiToken: respondio.newToken(space), channelId: String(connected.id) }
  const input = { accountId, channelType: 'respondio', fields }
  const { id } = (await admin.gql(ConnectChannelDocument, { input })).connectChannel
  const { inbox } = await admin.gql(InboxWebhookDocument, { accountId, id })
  const url = inbox.webhook?.url ?? ''
  const keys = (['message.received', 'message.sent'] as const).map(
    (event) => respondio.subscribe({ space, event, url }).key,
  )
  await admin.gql(SetWebhookKeysDocument, { input: { accountId, inboxId: id, keys } })
  return connected
}

/** Somebody new has written; answers their conversation. */
async function talk(): Promise<{ id: string; contact: Contact }> {
  const contact = respondio.addContact({ channel, firstName: `Alice ${randomUUID().slice(0, 8)}` })
  const text = `Hello from ${contact.firstName}`
  respondio.customerWrites({ channel, contact, text })
  const row = await until(
    async () => (await admin.conversations()).find(({ lastMessage }) => lastMessage?.content === text),
    'they show up',
  )
  return { id: row.id, contact }
}

async function uploaded(conversationId: string, name?: string, format: 'jpeg' | 'png' = 'jpeg') {
  const bytes = await picture({ format })
  const { attachments } = await upload(admin, conversationId, [{ bytes, ...(name && { name }) }])
  return attachments[0]?.id ?? ''
}

/** Sends a picture; answers its message, and where respond.io is told to fetch it. */
async function sendPicture({ id, contact }: { id: string; contact: Contact }, name?: string, format?: 'jpeg' | 'png') {
  const attachmentId = await uploaded(id, name, format)
  const message = await admin.send(id, '', { attachmentIds: [attachmentId] })
  const told = await until(
    () => respondio.messages(contact).find(({ sender }) => sender.source === 'api'),
    'it is sent',
  )
  return {
    message,
    told,
    attachmentId,
    url: (told.content as unknown as { attachment: { url: string } }).attachment.url,
  }
}

const stampsOf = ({ status }: { status: { value: string }[] }) => status.map(({ value }) => value)

/** What is where our files say that it is. */
async function storedBytes(attachmentId: string): Promise<Buffer> {
  const [row] = await sql<{ file_key: string }[]>`select file_key from attachments where id = ${attachmentId}`
  const file = await world.deps.files.open(row?.file_key ?? '')
  return Buffer.concat((await file?.stream.toArray()) as Buffer[])
}

describe('a picture to a provider that fetches it', () => {
  it('goes out by an address, is fetched from there, and its echo is the same message (I2)', async () => {
    const { id, contact } = await talk()
    expect(await admin.gql(ImagePermissionDocument, { accountId: admin.accountId, conversationId: id })).toEqual({
      imagePermission: { allowed: true, reason: null },
    })
    const { message, told, url, attachmentId } = await sendPicture({ id, contact }, 'เค้ก cake.heic')
    await until(() => stampsOf(told).includes('delivered'), 'respond.io has fetched it and handed it on')
    expect(stampsOf(told)).not.toContain('failed')
    expect(url).toMatch(new RegExp(`^${world.config.publicUrl}/pictures/.*/cake\\.jpg$`))
    const served = await fetch(url)
    expect(served.status).toBe(200)
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(Buffer.from(await served.arrayBuffer()).equals(await storedBytes(attachmentId))).toBe(true)
    await untilStatus(admin, id, message.id, 'DELIVERED')
    await until(async () => {
      const [row] = await sql`select alternate_external_id as name from messages where id = ${message.id}`
      return row?.name === told.channelMessageId
    }, 'its echo has told its other name')
    const rows = await admin.messages(id)
    expect(rows.map(({ contentType }) => contentType)).toEqual(['text', 'image'])
    expect(await sql`select 1 from attachments where message_id = ${message.id}`).toHaveLength(1)
  })

  it('has a name of its kind, whatever it was called', async () => {
    const { url } = await sendPicture(await talk(), 'ร้านชา.jpg', 'png')
    expect(url).toMatch(/\/picture\.png$/)
    expect((await fetch(url)).headers.get('content-type')).toBe('image/png')
  })

  it('that cannot be fetched, or is not allowed there, fails in words once respond.io says so', async () => {
    const { id, contact } = await talk()
    const attachmentId = await uploaded(id)
    await sql`update attachments set upload_ref = 'http://127.0.0.1:1/gone.jpg',
      upload_ref_expires_at = now() + interval '1 hour' where id = ${attachmentId}`
    const { id: messageId } = await admin.send(id, '', { attachmentIds: [attachmentId] })
    const told = await until(() => respondio.messages(contact).at(-1)?.status.at(-1)?.value === 'failed', 'it failed')
    expect(told).toBe(true)
    const failed = await until(async () => {
      const [message] = await sql<{ code: string }[]>`
        select failure_code as code from messages where id = ${messageId} and status = 'failed'`
      return message?.code
    }, 'it is told')
    expect(failed).toBe('BLOCKED_BY_PROVIDER')
  })
})

describe('the address of a picture', () => {
  const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status

  it('opens that picture for an hour, and nothing else ever', async () => {
    const talking = await talk()
    const { url } = await sendPicture(talking)
    const other = await uploaded(talking.id)
    const parts = new URL(url).pathname.split('/')
    const changed = (place: number, part: string) =>
      new URL(parts.with(place, part).join('/'), world.config.publicUrl).href
    const [, , accountId = '', attachmentId = '', expiresAt = '', signature = ''] = parts
    const forged = (key: string) =>
      createHmac('sha256', key)
        .update(JSON.stringify([accountId, attachmentId, expiresAt, 'photo.jpg']))
        .digest('base64url')
    for (const elsewhere of [
      changed(2, randomUUID()),
      changed(2, (await world.business()).accountId),
      changed(3, other),
      changed(3, '..%2f..%2fsecrets'),
      changed(4, String(Number(expiresAt) + 60)),
      changed(4, '9999999999'),
      changed(5, signature.slice(0, -1)),
      changed(5, `${signature}=`),
      changed(5, forged(world.config.jwtSecret)),
      changed(5, forged('')),
      changed(6, 'other.jpg'),
      changed(6, 'photo.html'),
      `${url}/`,
      `${url}/more`,
      url.slice(0, url.lastIndexOf('/')),
      `${world.config.publicUrl}/pictures/`,
      `${world.config.publicUrl}/pictures/${accountId}/`,
    ])
      expect(await status(elsewhere), elsewhere).toBe(404)
    expect(await status(url, { method: 'POST' })).toBe(404)
    expect(await status(url, { method: 'HEAD' })).toBe(200)
    passed = 59 * 60_000
    expect(await status(url)).toBe(200)
    passed = 61 * 60_000
    const over = await fetch(url)
    passed = 0
    expect(over.status).toBe(404)
    expect(over.headers.get('cache-control')).toBe('private, no-store')
  })

  it('is none of a picture that nobody has sent, or that is gone', async () => {
    const talking = await talk()
    const attachmentId = await uploaded(talking.id)
    const at = (id: string) =>
      pictureAddress(world.deps, admin.accountId, { attachmentId: id, mime: 'image/jpeg', fileName: 'photo.jpg' }).url
    expect(await status(at(attachmentId))).toBe(404)
    const sent = await sendPicture(talking)
    expect(await status(at(sent.attachmentId))).toBe(200)
    const [row] = await sql<{ file_key: string }[]>`select file_key from attachments where id = ${sent.attachmentId}`
    await world.deps.files.remove(row?.file_key ?? '')
    expect(await status(at(sent.attachmentId))).toBe(404)
  })
})
