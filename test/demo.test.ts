import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { packageRoot } from '../server/kit/paths.ts'
import { ensureClientBuilt } from './support/builds.ts'
import { createTestDatabase } from './support/database.ts'
import { reservePort } from './support/ports.ts'
import { listens, runCommand, runs, type Command } from './support/processes.ts'
import { until } from './support/until.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const BOOT_MS = 200_000

let folder: string
let command: Command | undefined
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parley-demo-'))
  ensureClientBuilt()
})
afterEach(() => command?.kill())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Nothing of ours, and nothing of vitest's. */
const environment = (own: Record<string, string>) => ({ PATH: process.env.PATH, HOME: process.env.HOME, ...own })

function npm(args: string[], cwd: string, own: Record<string, string>): Command {
  command = runCommand('npm', args, { cwd, env: environment(own) })
  return command
}

/** Resolves once it has said that; fails with everything that it said when it ends before. */
async function hasSaid({ child, said }: Command, what: RegExp): Promise<void> {
  const ended = () => child.exitCode !== null || child.signalCode !== null
  await until(() => what.test(said()) || ended(), `it says ${what}`, BOOT_MS).catch(() => {})
  expect(said()).toMatch(what)
}

/** Ctrl-C, and nothing is left of it. */
async function endsWithoutTrace(running: Command, ports: number[]): Promise<void> {
  const family = running.family()
  for (const port of ports) expect(await listens(port), `${port} is open`).toBe(true)
  running.interrupt()
  await until(() => !family.some(runs), `all ${family.length} processes are gone`, 30_000)
  for (const port of ports) expect(await listens(port), `${port} is open`).toBe(false)
}

async function answersPage(url: string): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'text/html' } })
  expect([url, response.status]).toEqual([url, 200])
  return response.text()
}

async function ask(url: string, query: string, variables: object = {}, token = ''): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  })
  return response.json()
}

/** Asks about somebody's account, as that person. */
async function askAs<Data>(url: string, email: string, password: string, query: string): Promise<Data> {
  const logIn = 'mutation ($input: LogInInput!) { logIn(input: $input) { accessToken account { id } } }'
  const answer = (await ask(url, logIn, { input: { email, password } })) as Answer<{
    logIn: { accessToken: string; account: { id: string } }
  }>
  const { accessToken, account } = answer.data.logIn
  return ((await ask(url, query, { accountId: account.id }, accessToken)) as Answer<Data>).data
}

/** Why each inbox of somebody's account has to be connected again, if it has to. */
async function demoInboxes(url: string, email: string, password: string): Promise<unknown[]> {
  const query = 'query ($accountId: ID!) { inboxes(accountId: $accountId) { reauthorizationReason } }'
  const { inboxes } = await askAs<{ inboxes: { reauthorizationReason: string | null }[] }>(url, email, password, query)
  return inboxes.map((inbox) => inbox.reauthorizationReason)
}

/** Writes as this contact, as the page for respond.io's customers does. */
async function writeByRespondIo(standin: string, firstName: string, text: string): Promise<void> {
  const api = `${standin}/standin/api/respondio`
  const { contacts, channels } = (await fetch(`${api}/state`).then((answer) => answer.json())) as {
    contacts: { id: number; spaceId: number; firstName: string }[]
    channels: { id: number; spaceId: number }[]
  }
  const contact = contacts.find((one) => one.firstName === firstName)
  const channel = channels.find((one) => one.spaceId === contact?.spaceId)
  const { status } = await fetch(`${api}/customer-writes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: channel?.id, contact: contact?.id, text }),
  })
  expect(status).toBe(200)
}

interface Answer<Data> {
  data: Data
}

describe('npm run demo', () => {
  it('comes up with people in it, says where, and leaves nothing behind', async () => {
    const dataDir = path.join(folder, 'data')
    const demo = npm(['run', 'demo'], packageRoot, { DATA_DIR: dataDir, PORT: String(await reservePort()) })
    await hasSaid(demo, /Ctrl-C stops everything/)
    const addressOf = (what: string) => new RegExp(`${what} +(http://localhost:\\d+)`).exec(demo.said())?.[1] ?? ''
    const [app, standin, mails] = ['Parley', 'Write as a customer', 'Mails'].map(addressOf) as [string, string, string]
    for (const address of [app, standin, mails]) expect(await answersPage(address)).toContain('<html')
    expect(await answersPage(mails)).toContain('ton@baancha.example')
    const [, password = ''] = /all with the password (.+?) *│/.exec(demo.said()) ?? []
    const [, email = ''] = /(\S+@\S+) +Baan Cha, administrator/.exec(demo.said()) ?? []
    const logIn = 'mutation ($input: LogInInput!) { logIn(input: $input) { account { name } } }'
    expect(await ask(app, logIn, { input: { email, password } })).toEqual({
      data: { logIn: { account: { name: 'Baan Cha' } } },
    })
    await until(
      async () => (await demoInboxes(app, email, password)).includes('REVOKED'),
      'an inbox is revoked',
      60_000,
    )
    expect(await answersPage(`${standin}/respondio`)).toContain('<html')
    expect(demo.said()).toContain(`${standin}/respondio`)
    await writeByRespondIo(standin, 'Liam', 'And on Sunday?')
    const [, nina = ''] = /(\S+@\S+) +Northwind Coffee, administrator/.exec(demo.said()) ?? []
    const last =
      'query ($accountId: ID!) { conversations(accountId: $accountId) { nodes { lastMessage { content } } } }'
    await until(
      async () => JSON.stringify(await askAs(app, nina, password, last)).includes('And on Sunday?'),
      'it is read by polling',
      120_000,
    )
    // The demo's own, Parley's, Postgres's and Redis's, npm's and its shell's.
    expect(demo.family().length).toBeGreaterThanOrEqual(6)
    await endsWithoutTrace(
      demo,
      [app, standin, mails].map((address) => Number(new URL(address).port)),
    )
  })
})

describe('npm start', () => {
  /** The server as `npm run build` makes it, in a package of its own. */
  function build(): string {
    const built = path.join(folder, 'package')
    mkdirSync(path.join(built, 'dist'), { recursive: true })
    copyFileSync(path.join(packageRoot, 'package.json'), path.join(built, 'package.json'))
    for (const part of ['node_modules', 'migrations', 'dist/client'])
      symlinkSync(path.join(packageRoot, part), path.join(built, part))
    const tsc = path.join(packageRoot, 'node_modules/typescript/bin/tsc')
    const project = path.join(packageRoot, 'server/tsconfig.build.json')
    // Types are checked elsewhere.
    const args = [tsc, '-p', project, '--noCheck', '--outDir', path.join(built, 'dist')]
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(status, stdout).toBe(0)
    return built
  }

  it('serves the built client and the API in production, and Ctrl-C leaves nothing behind', async () => {
    const database = await createTestDatabase()
    const port = await reservePort()
    const url = `http://localhost:${port}`
    const server = npm(['start'], build(), {
      NODE_ENV: 'production',
      DATABASE_URL: database.url,
      REDIS_URL: database.redisUrl,
      DATA_DIR: path.join(folder, 'production'),
      PUBLIC_URL: url,
      PORT: String(port),
      HOST: '127.0.0.1',
      JWT_SECRET: 'a secret of the tests, long enough to be one',
      ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    })
    await hasSaid(server, /"msg":"ready"/)
    expect(await answersPage(`${url}/ready`)).toContain('postgres')
    expect(await answersPage(url)).toContain('<div id="app">')
    expect(await ask(url, '{ version }')).toEqual({ data: { version: expect.stringMatching(/^\d+\.\d+/) as string } })
    await endsWithoutTrace(server, [port])
    await database.drop()
  })
})
