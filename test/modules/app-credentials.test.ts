import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { createDeps, type Deps } from '../../server/deps.ts'
import { Vault } from '../../server/kit/crypto.ts'
import { renewInboxCredentials, requireReauthorization } from '../../server/modules/inboxes/renewal.ts'
import { rotateKeys } from '../../server/modules/inboxes/rotate-keys.ts'
import { ingestDeliveries } from '../../server/modules/intake/intake.service.ts'
import { checkRegistration } from '../../server/modules/intake/registration.ts'
import type { Business } from '../standin/tiktok/types.ts'
import { Actor, type GraphqlFailure } from '../support/actor.ts'
import {
  ChannelCredentialsDocument,
  DeadLettersDocument,
  InboxHealthDocument,
  RemoveChannelCredentialsDocument,
  RemoveWebhookDocument,
  RegisterWebhookDocument,
  ReplayDeadLetterDocument,
  SetChannelCredentialsDocument,
  StartConnectionDocument,
} from '../support/generated.ts'
import { sendAndWait } from '../support/messages.ts'
import { operator } from '../support/operator.ts'
import { runSchedule } from '../support/schedule.ts'
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

describe('an inbox that is connected, while the app', () => {
  let inboxId: string
  let business: Business

  beforeAll(async () => {
    await enter(world.standin.tiktok.appId, world.standin.tiktok.appSecret)
    ;({ inboxId, business } = await admin.connect())
  })

  const renew = async () => {
    await sql`update inboxes set renew_after = now() - interval '1 minute' where id = ${inboxId}`
    return renewInboxCredentials(world.deps, world.deps.scopes.system(admin.accountId), inboxId)
  }
  const follow = () => runSchedule(world.deps, 'grants')
  const renewals = () => world.standin.tiktok.ledger.calls('refresh').length
  const lost = { reauthorizationRequired: true, reauthorizationReason: 'APP_CHANGED' }
  const found = { reauthorizationRequired: false, reauthorizationReason: null }

  const health = async () =>
    (await admin.gql(InboxHealthDocument, { accountId: admin.accountId, id: inboxId })).inbox.health

  /** Stores what came from the app that is now an earlier one, and works it off. */
  async function workOff(event: string, content: Record<string, unknown>) {
    const threadKey = randomUUID()
    const { appId } = world.standin.tiktok
    const seconds = Math.floor(Date.now() / 1_000)
    const body = { client_key: appId, event, create_time: seconds, user_openid: business.openId, content }
    await sql`insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw)
      values ('tiktok', ${threadKey}, ${business.openId}, ${threadKey}, ${Buffer.from(JSON.stringify(body))})`
    await ingestDeliveries(world.deps, { channelType: 'tiktok', accountRef: business.openId, threadKey })
    const [row] = await sql`select state, code from webhook_events where event_key = ${threadKey}`
    return row
  }

  it('is another one, presents it no token, and goes on once its own is back', async () => {
    const before = renewals()
    await enter('7000000000000000003', 'entered-by-mistake')
    expect(await renew()).toBe('ended')
    expect(await admin.inbox(inboxId)).toMatchObject(lost)
    await enter(world.standin.tiktok.appId, world.standin.tiktok.appSecret)
    await follow()
    expect(await admin.inbox(inboxId)).toMatchObject(found)
    expect(renewals()).toBe(before)
    expect(await renew()).toBe('fresh')
    await enter('7000000000000000003', 'entered-by-mistake')
    await follow()
    expect(await admin.inbox(inboxId), 'it is told without a call').toMatchObject(lost)
  })

  it('is another one, still gets what its own had delivered', async () => {
    const [id, thread] = [randomUUID(), randomUUID()]
    const content = {
      ...{
        message_id: id,
        conversation_id: thread,
        type: 'text',
        text: { body: 'Still there?' },
        timestamp: Date.now(),
      },
      ...{ from_user: { id: 'alice', role: 'personal_account' }, to_user: { id: business.openId } },
    }
    expect(await workOff('im_receive_msg', content)).toEqual({ state: 1, code: null })
    expect(await sql`select content from messages where external_id = ${id}`).toEqual([{ content: 'Still there?' }])
    expect(await workOff('direct_message.read', content), 'of another dialect').toEqual({
      state: 2,
      code: 'UNREADABLE',
    })
    expect(await health()).toMatchObject({ deadEvents: 1 })
  })

  it('has a mistyped id, leaves to an operator what comes in by its right one (I4)', async () => {
    const { tiktok } = world.standin
    await enter('7000000000000000004', tiktok.appSecret)
    const later = tiktok.addBusiness({ username: 'later.shop', displayName: 'Later' })
    tiktok.setKnobs({ webhooksNeedGrant: false })
    const person = tiktok.addPerson({ username: 'lek', displayName: 'Lek' })
    const [first] = [business, later].map((to) => tiktok.customerWrites({ business: to, person, text: 'Anybody?' }))
    const letters = async () =>
      (await root.gql(DeadLettersDocument, {})).deadLetters.nodes.filter(({ code }) => code === 'WRONG_APP')
    await until(async () => (await letters()).length === 2, 'both are dead letters, also the one of no inbox')
    expect(await health()).toMatchObject({ deadEvents: 2, waitingEvents: 0 })
    await enter(tiktok.appId, tiktok.appSecret)
    for (const { id } of await letters()) await root.gql(ReplayDeadLetterDocument, { input: { id } })
    const messages = () => sql`select content from messages where external_id = ${first?.messageId ?? ''}`
    await until(async () => (await messages()).length, 'it is there')
  })

  it('is taken away, or has a wrong secret, waits for it with its grant', async () => {
    const input = { channelType: 'tiktok' }
    const remove = (actor: Actor) => actor.gql(RemoveChannelCredentialsDocument, { input })
    await enter(world.standin.tiktok.appId, 'not-the-secret-of-it')
    await follow()
    expect(await renew()).toBe('later')
    await expect(remove(admin)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const { removeChannelCredentials } = await remove(root)
    expect(removeChannelCredentials).toMatchObject({ configured: false, credentials: null, webhookState: 'UNKNOWN' })
    expect(await sql`select 1 from channel_credentials`).toEqual([])
    expect(await renew()).toBe('later')
    await follow()
    expect(await admin.inbox(inboxId)).toMatchObject(found)
    const there = await Actor.logIn({ ...world, ...other }, admin.email)
    const refused = () => start(there).catch(({ details }: GraphqlFailure) => details['reason'])
    await until(async () => (await refused()) === 'NOT_CONFIGURED', 'the other process knows', 6_000)
    expect((await remove(root)).removeChannelCredentials, 'once more changes nothing').toMatchObject({
      credentials: null,
    })
    const { tiktok } = world.standin
    tiktok.setKnobs({ dropNextWebhooks: 1 })
    const person = tiktok.addPerson({ username: 'nok', displayName: 'Nok' })
    const { messageId } = tiktok.customerWrites({ business, person, text: 'while nobody was believed' })
    await enter(tiktok.appId, tiktok.appSecret)
    expect(await renew()).toBe('fresh')
    await sql`update history_runs set finished_at = finished_at - interval '1 minute'`
    await runSchedule(world.deps, 'history')
    const messages = () => sql`select 1 from messages where external_id = ${messageId}`
    await until(async () => (await messages()).length, 'what nobody delivers again is read (I1)')
  })

  it('is another one, and the provider ends the consent meanwhile, does not come back by itself', async () => {
    await enter('7000000000000000003', 'entered-by-mistake')
    await follow()
    const scope = world.deps.scopes.system(admin.accountId)
    await scope.tx((tx) => requireReauthorization(tx, inboxId, 'ACCOUNT_REMOVED'))
    await enter(world.standin.tiktok.appId, world.standin.tiktok.appSecret)
    await follow()
    const ended = { reauthorizationRequired: true, reauthorizationReason: 'REVOKED' }
    expect(await admin.inbox(inboxId)).toMatchObject(ended)
  })
})
