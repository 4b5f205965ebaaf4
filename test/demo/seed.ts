import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Standin } from '../standin/standin.ts'
import { ApiError, createCaller, eventually } from './api.ts'
import type { Caller } from './api.ts'
import { PASSWORD, cast, operator } from './cast.ts'
import type { DemoBusiness, Person } from './cast.ts'
import { readMails } from './mails.ts'
import { playScene } from './scenes.ts'
import { seedWorkspace } from './workspace.ts'

export interface Login {
  email: string
  password: string
  role: string
}

export interface SeedOptions {
  url: string
  standin: Standin
  mailFolder: string
  dataDir: string
  platformAdminEmail: string
}

/** A user who is logged in. */
export interface Member {
  caller: Caller
  userId: string
  accountId: string
}

interface SessionAnswer {
  accessToken: string
  user: { id: string }
  account: { id: string }
}

/**
 * On the first run: two businesses with agents, connected through the real OAuth route, whose conversations come from
 * the stand-in and are answered by agents. What an interrupted run has done already is not done again.
 */
export async function seedDemo(options: SeedOptions): Promise<Login[]> {
  const logins = loginsOf(options.platformAdminEmail)
  const marker = path.join(options.dataDir, 'demo-is-seeded')
  if (await readFile(marker).then(Boolean, () => false)) return logins
  console.log('Filling it with two businesses …')
  const { platformAdminEmail: email } = options
  const { name, locale, accountName } = operator
  await verifyEmail(options, await enter(options, { name, email, locale }, accountName), email)
  for (const business of cast) await seedBusiness(options, business)
  await writeFile(marker, '')
  return logins
}

function loginsOf(platformAdminEmail: string): Login[] {
  const login = (email: string, role: string): Login => ({ email, password: PASSWORD, role })
  const perBusiness = cast.flatMap(({ accountName, administrator, agents }) => [
    login(administrator.email, `${accountName}, administrator`),
    ...agents.map((agent) => login(agent.email, `${accountName}, agent`)),
  ])
  return [...perBusiness, login(platformAdminEmail, 'platform administrator')]
}

async function seedBusiness(options: SeedOptions, business: DemoBusiness) {
  const administrator = await enter(options, business.administrator, business.accountName)
  const inboxId = await connect(options, administrator, business)
  const agents: Member[] = []
  for (const agent of business.agents) agents.push(await join(options, administrator, agent, inboxId))
  for (const scene of business.scenes) await playScene({ ...options, business, administrator, agents }, scene)
  const { workspace } = business
  if (workspace) await seedWorkspace({ ...options, workspace, administrator, agents })
  if (business.revoked) await lose(options, administrator, business.revoked)
}

/** Does what gives a session, in a browser of its own. */
async function openSession({ url }: SeedOptions, mutation: string, inputType: string, input: object): Promise<Member> {
  const caller = createCaller(url)
  const document = `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { accessToken user { id } account { id } } }`
  const { accessToken, user, account } = await caller.call<SessionAnswer>(document, { input })
  caller.authorize(accessToken)
  return { caller, userId: user.id, accountId: account.id }
}

async function enter(options: SeedOptions, person: Person, accountName: string): Promise<Member> {
  const known = await logIn(options, person)
  if (known) return known
  const input = { ...person, accountName, password: PASSWORD }
  return openSession(options, 'signUp', 'SignUpInput', input)
}

async function logIn(options: SeedOptions, { email }: Person): Promise<Member | undefined> {
  try {
    return await openSession(options, 'logIn', 'LogInInput', { email, password: PASSWORD })
  } catch (error) {
    if (error instanceof ApiError && ['UNAUTHENTICATED', 'INVALID', 'NOT_FOUND'].includes(error.code)) return undefined
    throw error
  }
}

/** The token in the link of the newest mail to this address whose link leads to `page`. */
function tokenFor({ mailFolder }: SeedOptions, email: string, page: string): Promise<string> {
  return eventually(`a mail to ${email}`, async () => {
    const mails = await readMails(mailFolder)
    const mail = mails.find(({ to, text }) => to === email && text.includes(`/${page}?token=`))
    return mail && /\?token=([\w.~-]+)/.exec(mail.text)?.[1]
  })
}

async function verifyEmail(options: SeedOptions, { caller }: Member, email: string) {
  if (await caller.call<{ emailVerified: boolean }>('{ me { emailVerified } }', {}).then((me) => me.emailVerified))
    return
  const token = await tokenFor(options, email, 'verify-email')
  const document = 'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) }'
  await caller.call(document, { input: { token } })
}

const INBOXES = 'query ($accountId: ID!) { inboxes(accountId: $accountId) { id externalId } }'

const HISTORY = 'query ($accountId: ID!, $id: ID!) { inbox(accountId: $accountId, id: $id) { history { state } } }'

/** An inbox whose business withdraws its permission in the app. */
async function lose(options: SeedOptions, administrator: Member, username: string): Promise<void> {
  const { tiktok } = options.standin
  const { caller, accountId } = administrator
  const id = await connect(options, administrator, { username })
  // Whoever still reads its past would hear of it first, as of a token that is refused.
  await eventually('its past is read', async () => {
    const inbox = await caller.call<{ history: { state: string } }>(HISTORY, { accountId, id })
    return ['DONE', 'FAILED'].includes(inbox.history.state) || undefined
  })
  if (tiktok.connected(username)) tiktok.revoke(username)
}

async function connect({ standin }: SeedOptions, { caller, accountId }: Member, { username }: { username: string }) {
  const business = standin.tiktok.world.business(username)
  const find = async () => {
    const inboxes = await caller.call<{ id: string; externalId: string }[]>(INBOXES, { accountId })
    return inboxes.find(({ externalId }) => externalId === business.openId)
  }
  const known = await find()
  if (known) return known.id
  const document = 'mutation ($input: StartConnectionInput!) { startConnection(input: $input) { url } }'
  const { url } = await caller.call<{ url: string }>(document, { input: { accountId, channelType: 'tiktok' } })
  const callback = standin.tiktok.authorize(url, { decision: 'approve', business: business.openId })
  const response = await fetch(callback, { headers: { cookie: caller.cookies() }, redirect: 'manual' })
  const connected = await find()
  if (!connected) throw new Error(`connecting ${username} ended at ${response.headers.get('location')}`)
  return connected.id
}

async function join(options: SeedOptions, administrator: Member, person: Person, inboxId: string): Promise<Member> {
  const known = await logIn(options, person)
  if (known) return known
  const { caller, accountId } = administrator
  const invitation = { accountId, email: person.email, role: 'AGENT', inboxIds: [inboxId] }
  await caller.call('mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }', {
    input: invitation,
  })
  const token = await tokenFor(options, person.email, 'invitation')
  const input = { token, name: person.name, password: PASSWORD, locale: person.locale }
  return openSession(options, 'acceptInvitation', 'AcceptInvitationInput', input)
}
