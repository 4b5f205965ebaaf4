import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCredentials } from '../../server/modules/inboxes/credentials.ts'
import { findInboxes } from '../../server/modules/inboxes/inboxes.queries.ts'
import type { Channel, Space } from '../standin/respondio/types.ts'
import type { Actor } from '../support/actor.ts'
import { runCli, type Outcome } from '../support/cli.ts'
import { InboxesDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let folder: string
let environment: Record<string, string>

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  folder = await mkdtemp(path.join(tmpdir(), 'parley-env-'))
  const { databaseUrl = '', redisUrl = '', dataDir, publicUrl, jwtSecret, tiktok, respondio } = world.config
  environment = {
    ...{ NODE_ENV: 'production', LOG_LEVEL: 'silent', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
    ...{ DATA_DIR: dataDir, PUBLIC_URL: publicUrl, JWT_SECRET: jwtSecret, RESPONDIO_API_URL: respondio.apiUrl },
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    ...{ TIKTOK_API_URL: tiktok.apiUrl, TIKTOK_OPEN_API_URL: tiktok.openApiUrl },
  }
})

afterAll(async () => {
  await sql.end()
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

interface Workspace {
  space: Space
  token: string
  channels: Channel[]
}

function workspace(...names: string[]): Workspace {
  const { respondio } = world.standin
  const space = respondio.addSpace({ name: 'Acme' })
  const channels = names.map((name) => respondio.addChannel({ space, name }))
  respondio.addChannel({ space, source: 'whatsapp_cloud' })
  return { space, token: space.tokens[0] ?? '', channels }
}

const inboxesOf = async (actor: Actor) => (await actor.gql(InboxesDocument, { accountId: actor.accountId })).inboxes

/** Runs the command on a file with these lines; whatever it says holds none of `secrets`. */
async function run(
  account: string,
  lines: string[],
  { args = [], env = {}, secrets = [] }: { args?: string[]; env?: Record<string, string>; secrets?: string[] } = {},
): Promise<Outcome> {
  const file = path.join(folder, 'gateway.env')
  await writeFile(file, lines.join('\n'))
  const outcome = await runCli('import-env', ['--account', account, '--file', file, ...args], {
    ...environment,
    ...env,
  })
  for (const secret of secrets) expect(outcome.out + outcome.err).not.toContain(secret)
  return outcome
}

describe('import:env of a gateway that read through respond.io', { timeout: 60_000 }, () => {
  const fileOf = ({ token }: Workspace) => [
    '# the gateway’s',
    'PORT=3000',
    'export PROVIDER="respondio" # phase 1',
    `THIRDPARTY_API_KEY=${token}`,
    `THIRDPARTY_API_URL=${world.config.respondio.apiUrl}/`,
    'TIKTOK_CLIENT_KEY=your_client_key',
    'just words',
  ]

  it('makes an inbox of each TikTok channel once, and tells what was of no use', async () => {
    const admin = await world.business()
    const shops = workspace('Cakes', 'Teas')
    const secrets = [shops.token, 'your_client_key']
    const first = await run(admin.accountId, fileOf(shops), { secrets })
    expect(first).toMatchObject({ code: 0 })
    expect(first.err.trim().split('\n')).toEqual([
      'line 2: PORT is not used.',
      'line 6: TIKTOK_CLIENT_KEY is not used.',
      'line 7: This is not NAME=value.',
    ])
    const rows = await inboxesOf(admin)
    expect(
      rows.map(({ name, channelType, externalId, connected }) => [name, channelType, externalId, connected]),
    ).toEqual(shops.channels.map(({ id, name }) => [name, 'respondio', String(id), true]))
    expect(first.out).toBe(rows.map(({ id, name }) => `${name}: connected (inbox ${id}).\n`).join(''))
    const again = await run(admin.accountId, fileOf(shops), { secrets })
    expect(again.out).toBe(rows.map(({ id, name }) => `${name}: here already (inbox ${id}).\n`).join(''))
    expect(await inboxesOf(admin)).toEqual(rows)
    const [audit] = await sql`select count(*)::int as times from audit_log
      where account_id = ${admin.accountId} and action like 'inbox.%connected'`
    expect(audit).toEqual({ times: 2 })
  })

  it('takes a new key for the same inbox, the account by its name, and the variables of the process', async () => {
    const admin = await world.business('Only one of this name')
    const shop = workspace('Teas')
    const env = { PROVIDER: 'respondio', THIRDPARTY_API_KEY: shop.token }
    const own = (values: object) =>
      runCli('import-env', ['--account', 'Only one of this name'], { ...environment, ...values })
    expect(await own(env)).toMatchObject({ code: 0, err: '' })
    const { respondio } = world.standin
    respondio.revokeTokens(shop.space)
    expect(await own(env)).toEqual({ code: 1, out: '', err: 'respond.io: not connected, TOKEN_REFUSED.\n' })
    const outcome = await own({ ...env, THIRDPARTY_API_KEY: respondio.newToken(shop.space) })
    expect(outcome.out).toMatch(/^Teas: connected/)
    expect(await inboxesOf(admin)).toHaveLength(1)
  })

  it('connects the chosen channels alone, and goes on after one that fails', async () => {
    const [admin, other] = [await world.business(), await world.business()]
    const shops = workspace('Teas', 'Cakes', 'Pots')
    await run(other.accountId, fileOf(shops), { args: ['--channel', 'Teas'] })
    const args = ['--channel', 'Teas', '--channel', String(shops.channels[2]?.id), '--channel', 'Hats']
    const outcome = await run(admin.accountId, fileOf(shops), { args })
    expect(outcome).toMatchObject({ code: 1, out: expect.stringMatching(/^Pots: connected/) as string })
    expect(outcome.err).toContain('Hats: not connected, NOT_OFFERED.\n')
    expect(outcome.err).toContain('Teas: not connected, ALREADY_CONNECTED.\n')
    expect((await inboxesOf(admin)).map(({ name }) => name)).toEqual(['Pots'])
  })

  it('gives the key to nobody else, and refuses what it cannot do in words', async () => {
    const admin = await world.business()
    const twins = [await world.business('Twins'), await world.business('Twins')]
    const shop = workspace('Teas')
    const elsewhere = [...fileOf(shop), 'THIRDPARTY_API_URL=https://elsewhere.test/v2']
    const told: [Promise<Outcome> | Outcome, number, string][] = [
      [await run(admin.accountId, elsewhere, { secrets: [shop.token] }), 1, 'THIRDPARTY_API_URL is another address'],
      [await run(admin.accountId, ['PROVIDER=respondio']), 1, 'THIRDPARTY_API_KEY is needed, and is not set.'],
      [await run(admin.accountId, ['PROVIDER=whatsapp']), 1, 'line 1: PROVIDER is none that Parley knows.'],
      [await run(admin.accountId, []), 1, 'PROVIDER is needed'],
      [await run('Twins', fileOf(shop)), 1, 'Several accounts have that name'],
      [await run('Nobody', fileOf(shop)), 1, 'no active account'],
      [await run(admin.accountId, fileOf(shop), { args: ['--nonsense'] }), 2, 'Usage: npm run import:env'],
    ]
    for (const [outcome, code, words] of told) {
      const { err, ...rest } = await outcome
      expect(rest, err).toEqual({ code, out: '' })
      expect(err).toContain(words)
      expect(err).not.toMatch(/\n +at /)
    }
    for (const actor of [admin, ...twins]) expect(await inboxesOf(actor)).toEqual([])
  })
})

describe('import:env of a gateway with an app of its own', { timeout: 60_000 }, () => {
  /** A business whose consent some gateway has. */
  async function granted() {
    const gateway = await world.business()
    const { inboxId, business } = await gateway.connect()
    const { deps } = world
    const [inbox] = await deps.scopes.system(gateway.accountId).read((tx) => findInboxes(tx, [inboxId]))
    const { accessToken = '', refreshToken = '' } = inbox ? openCredentials(deps, inbox) : {}
    // What the gateway holds is in no inbox of ours.
    await sql`update inboxes set credentials = null, disconnected_at = now(), external_id = ${`gone ${inboxId}`}
      where id = ${inboxId}`
    const { appId = '', appSecret = '' } = world.config.tiktok
    const lines = [
      ...['PROVIDER=official', `TIKTOK_CLIENT_KEY=${appId}`, `TIKTOK_CLIENT_SECRET=${appSecret}`],
      ...[`TIKTOK_ACCESS_TOKEN=${accessToken}`, `TIKTOK_REFRESH_TOKEN=${refreshToken}`, 'WEBHOOK_VERIFY_TOKEN=word'],
    ]
    return { business, lines, secrets: [accessToken, refreshToken, appSecret] }
  }

  it('enters the app and makes an inbox of its tokens, once', async () => {
    const admin = await world.business()
    const { business, lines, secrets } = await granted()
    const first = await run(admin.accountId, lines, { secrets })
    expect(first).toMatchObject({ code: 0, err: 'line 6: WEBHOOK_VERIFY_TOKEN is not used.\n' })
    const [inbox, another] = await inboxesOf(admin)
    expect(another).toBeUndefined()
    expect(inbox).toMatchObject({ channelType: 'tiktok', externalId: business.openId, handle: `@${business.username}` })
    expect(await sql`select channel_type, app_id from channel_credentials`).toEqual([
      { channel_type: 'tiktok', app_id: world.config.tiktok.appId },
    ])
    const again = await run(admin.accountId, lines, { secrets })
    expect(again).toMatchObject({ code: 0, out: `${inbox?.name}: here already (inbox ${inbox?.id}).\n` })
    const [audit] = await sql<{ data: unknown }[]>`select data from audit_log where action = 'inbox.imported'`
    for (const secret of secrets) expect(JSON.stringify(audit)).not.toContain(secret)
    const { conversation } = await admin.customerWrites(business, 'Hello again')
    await admin.send(conversation.id, 'Welcome')
  })

  it('leaves tokens of another app alone, and says when they are refused', async () => {
    const admin = await world.business()
    const { lines, secrets } = await granted()
    const env = { TIKTOK_APP_ID: '7000000000000000009', TIKTOK_APP_SECRET: 'another-app-secret' }
    const other = await run(admin.accountId, lines, { secrets, env })
    expect(other).toMatchObject({ code: 1, out: '', err: expect.stringContaining('TIKTOK_CLIENT_KEY is another app') })
    const forged = lines.map((line) => line.replace(/(REFRESH_TOKEN=).*/, '$1rft.nobody'))
    const refused = await run(admin.accountId, forged, { secrets })
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('TikTok: not connected, REFRESH_REFUSED.') })
    expect(await inboxesOf(admin)).toEqual([])
  })
})
