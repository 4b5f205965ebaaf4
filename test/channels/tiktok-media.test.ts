import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Credentials } from '../../server/channels/contract.ts'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { startWorld, type TestWorld } from '../standin/test-kit.ts'
import { noise, picture } from '../support/pictures.ts'
import { failureOf } from './contract-support.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const DAY_MS = 86_400_000

let world: TestWorld
let credentials: Credentials
const channel = () =>
  createTikTok({
    ...TEST_SETTINGS,
    apiUrl: world.standin.url,
    clock: { now: () => new Date(world.tiktok.clock.now()) },
  })
const media = () => {
  const { media: found } = channel()
  if (!found) throw new Error('no media')
  return found
}

beforeAll(async () => {
  world = await startWorld({ tiktok: { knobs: { accessTokenTtlS: 365 * 86_400 } } })
  const { access_token: accessToken } = world.tiktok.grant(world.business)
  credentials = { accessToken, businessId: world.business.openId, scope: 'message.list.read,message.list.send' }
})
afterAll(() => world.close())

const upload = (bytes: Buffer, fileName = 'ร้าน "ชา".jpg') =>
  media().upload(credentials, world.business.openId, { bytes, mime: 'image/jpeg', fileName })

const place = (threadRef: string) => ({ accountRef: world.business.openId, threadRef })

describe('a picture (TikTok wire reference §4.4)', () => {
  it('is handed over, sent, found again and downloaded with the token alone', async () => {
    const { conversationId } = world.write()
    const bytes = await picture()
    const { ref, expiresAt } = await upload(bytes)
    expect(expiresAt.getTime()).toBeGreaterThan(world.tiktok.clock.now() + 28 * DAY_MS)
    const content = { type: 'image', ref } as const
    const { externalId } = await channel().send(credentials, { ...place(conversationId), content })
    const medium = { ...place(conversationId), externalId, kind: 'image', ref } as const
    const { url, headers } = await media().locate(credentials, medium)
    expect(headers).toEqual({ 'x-user': credentials.accessToken })
    expect(Buffer.from(await (await fetch(url, { headers })).arrayBuffer()).equals(bytes)).toBe(true)
    expect((await fetch(url)).status).toBe(403)
    const sticker = { ...medium, kind: 'sticker' as const, ref: undefined, url: 'https://cdn.test/s' }
    const { ref: _ref, ...byAddress } = sticker
    expect(await media().locate(credentials, byAddress)).toEqual({ url: 'https://cdn.test/s', headers: {} })
  })

  it('is refused in the provider’s codes: too large, another type, none of this conversation, expired', async () => {
    const { conversationId, messageId } = world.write()
    expect(await failureOf(upload(await noise(1_100, 1_100)))).toMatchObject({
      kind: 'rejected',
      code: 'INVALID_MESSAGE',
    })
    expect(await failureOf(upload(Buffer.from('GIF89a')))).toMatchObject({ kind: 'rejected' })
    expect(world.tiktok.ledger.rejected('media_upload').map(({ code }) => code)).toEqual([40907, 40908])
    const medium = { ...place(conversationId), externalId: messageId, kind: 'image', ref: 'nothing' } as const
    expect(await failureOf(media().locate(credentials, medium))).toMatchObject({ kind: 'rejected' })
    const { ref } = await upload(await picture())
    world.tiktok.clock.advance(31 * DAY_MS)
    world.tiktok.customerWrites({ business: world.business, person: world.person, text: 'again' })
    const late = channel().send(credentials, { ...place(conversationId), content: { type: 'image', ref } })
    expect(await failureOf(late)).toMatchObject({ kind: 'rejected', code: 'UPLOAD_EXPIRED' })
  })

  it('depends on the countries', async () => {
    const { conversationId } = world.write()
    expect(await media().allowed(credentials, place(conversationId))).toBe(true)
    const american = world.tiktok.addPerson({ username: 'bob', displayName: 'Bob', region: 'US' })
    const other = world.tiktok.customerWrites({ business: world.business, person: american, text: 'Hi' })
    expect(await media().allowed(credentials, place(other.conversationId))).toBe(false)
    const { ref } = await upload(await picture())
    const sent = channel().send(credentials, { ...place(other.conversationId), content: { type: 'image', ref } })
    expect(await failureOf(sent)).toMatchObject({ kind: 'rejected' })
  })

  it('comes from a private address only where somebody stands in for TikTok', () => {
    expect(channel().manifest.trustedOrigins).toEqual([world.standin.url])
    const real = createTikTok({ ...TEST_SETTINGS, apiUrl: 'https://business-api.tiktok.com' })
    expect(real.manifest.trustedOrigins).toEqual([])
  })
})
