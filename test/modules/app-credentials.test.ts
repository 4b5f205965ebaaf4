import type { FastifyInstance } from 'fastify'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { createDeps, type Deps } from '../../server/deps.ts'
import { Vault } from '../../server/kit/crypto.ts'
import { rotateKeys } from '../../server/modules/inboxes/rotate-keys.ts'
import { checkRegistration } from '../../server/modules/intake/registration.ts'
import { Actor } from '../support/actor.ts'
import {
  ChannelCredentialsDocument,
  RemoveWebhookDocument,
  RegisterWebhookDocument,
  SetChannelCredentialsDocument,
  StartConnectionDocument,
} from '../support/generated.ts'
import { sendAndWait } from '../support/messages.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let root: Actor
let other: { deps: Deps; app: FastifyInstance; url: string }

/** Another process of the same installation. */
async function startOther() {
  const deps = createDeps(world.config, { redisPrefix: `${world.deps.producer.prefix}:other` })
  await deps.appCredentials.start()
  const app = await buildApp(deps)
  return { deps, app, url: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

beforeAll(async () => {
  const app = { TIKTOK_APP_ID: '', TIKTOK_APP_SECRET: '', WEBHOOK_REGISTRATION: 'on' }
  world = await startWorld({ browsable: true, environment: { LOG_LEVEL: 'silent', ...app } })
  sql = openSql(world)
  admin = await world.business()
  root = await operator(world)
  other = await startOther()
})

afterAll(async () => {
  await other.app.close()
  await other.deps.close()
  await sql.end()
  await world.close()
})

const enter = async (appId: string, appSecret: string, actor = root) => {
  const input = { channelType: 'tiktok', appId, appSecret }
  return (await actor.gql(SetChannelCredentialsDocument, { input })).setChannelCredentials
}
const start = async (actor = admin) => {
  const input = { accountId: actor.accountId, channelType: 'tiktok' }
  return new URL((await actor.gql(StartConnectionDocument, { input })).startConnection.url)
}
const app = async () => (await root.gql(ChannelCredentialsDocument, {})).channelApps[0]

describe('the app of a channel', () => {
  it('is none at first: nothing is connected, and nothing that comes in is believed', async () => {
    expect(await app()).toMatchObject({ configured: false, credentials: null, webhookState: 'UNKNOWN' })
    await expect(start()).rejects.toMatchObject({ details: { reason: 'NOT_CONFIGURED' } })
    const signed = await world.standin.tiktok.postRaw('{}', { url: `${world.url}/webhooks/tiktok` })
    expect(signed.status).toBe(401)
  })

  it('is entered by platform administrators alone, whole, and a wrong one is noticed at once', async () => {
    const { appId } = world.standin.tiktok
    await expect(enter(appId, 'a secret of mine', admin)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    for (const [id, secret] of [
      ['', 'long enough'],
      ['a b', 'long enough'],
      [appId, 'short'],
      [appId, 'x'.repeat(201)],
    ] as const)
      await expect(enter(id, secret), id).rejects.toMatchObject({ code: 'INVALID' })
    expect(await sql`select 1 from channel_credentials`).toEqual([])
    const wrong = await enter(appId, 'not-the-secret-of-it')
    expect(wrong).toMatchObject({ configured: true, webhookState: 'FAILED', failureCode: 'APP_MISCONFIGURED' })
  })

  it('works in every process within seconds, without a restart, from the address to the signature', async () => {
    const { tiktok } = world.standin
    const entered = await enter(` ${tiktok.appId} `, tiktok.appSecret)
    expect(entered).toMatchObject({
      ...{ webhookState: 'REGISTERED', registeredUrl: `${world.url}/webhooks/tiktok`, failureCode: null },
      credentials: { appId: tiktok.appId, source: 'PLATFORM', updatedByName: 'Operator' },
    })
    expect(JSON.stringify(entered)).not.toContain(tiktok.appSecret)
    const [row] = await sql<{ secret: string; version: number }[]>`select secret, version from channel_credentials`
    expect(row).toMatchObject({ version: 2, secret: expect.stringMatching(/^v1\.test\./) as string })
    expect(tiktok.webhookUrl()).toBe(`${world.url}/webhooks/tiktok`)
    const signedBody = () => tiktok.postRaw('{}', { url: `${other.url}/webhooks/tiktok` })
    await until(async () => (await signedBody()).status === 200, 'the other process believes it', 6_000)
    const there = await Actor.logIn({ ...world, ...other }, admin.email)
    expect((await start(there)).searchParams.get('client_key')).toBe(tiktok.appId)
    const { business, inboxId } = await there.connect()
    const { conversation } = await admin.customerWrites(business, 'through an app that was entered')
    await sendAndWait(admin, conversation.id, 'and answered')
    expect(await app()).toMatchObject({ connectedInboxes: 1, queuedMessages: 0, sentLastHour: 1, callsPerSecond: 10 })
    await sql`update messages set claimed_at = claimed_at - interval '61 minutes'`
    expect(await app()).toMatchObject({ sentLastHour: 0 })
    expect(await admin.inbox(inboxId)).toMatchObject({ connected: true })
  })

  it('is sealed anew with the keys (I14)', async () => {
    const [old] = world.config.encryptionKeys
    if (!old) throw new Error('no key')
    const keys = [{ kid: 'next', key: Buffer.alloc(32, 9) }, old]
    const deps = { ...world.deps, vault: new Vault(keys) }
    expect(await rotateKeys(deps)).toEqual({ rotated: 2, left: 0 })
    const [row] = await sql<{ secret: string }[]>`select secret from channel_credentials`
    expect(row?.secret).toMatch(/^v1\.next\./)
    expect(await rotateKeys({ ...deps, vault: new Vault([old, ...keys]) })).toEqual({ rotated: 2, left: 0 })
    await world.deps.appCredentials.refresh()
    expect(await app()).toMatchObject({ configured: true })
  })

  it('is told to deliver nowhere, and stays told until somebody registers it again', async () => {
    const input = { channelType: 'tiktok' }
    const { tiktok } = world.standin
    const patiently = <Answer>(ask: () => Promise<Answer>) =>
      until(
        () =>
          ask().catch((error: { code: string }): undefined => {
            if (error.code !== 'RATE_LIMITED') throw error
          }),
        'there is a token',
      )
    await expect(admin.gql(RemoveWebhookDocument, { input })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    tiktok.fault({ kind: '50000', operations: ['webhook_delete'] })
    const failed = await patiently(() => root.gql(RemoveWebhookDocument, { input }))
    expect(failed.removeWebhook).toMatchObject({ webhookState: 'FAILED' })
    const { removeWebhook } = await patiently(() => root.gql(RemoveWebhookDocument, { input }))
    expect(removeWebhook).toMatchObject({ webhookState: 'REMOVED', registeredUrl: null })
    await until(async () => (await checkRegistration(world.deps, 'tiktok')) === undefined, 'it is looked at')
    expect(tiktok.webhookUrl()).toBeUndefined()
    await patiently(() => root.gql(RegisterWebhookDocument, { input }))
    expect(tiktok.webhookUrl()).toBe(`${world.url}/webhooks/tiktok`)
  })

  it('may be another one later, and the address of the consent page follows', async () => {
    await enter('7000000000000000002', 'the-secret-of-another-app')
    expect((await start()).searchParams.get('client_key')).toBe('7000000000000000002')
  })
})
