import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { loadConfig } from '../../server/config.ts'
import type { Scope } from '../../server/db/scope.ts'
import { createDeps, type Deps } from '../../server/deps.ts'
import { createLogger } from '../../server/kit/log.ts'
import { unsafeFindMember } from '../../server/modules/accounts/accounts.queries.ts'
import { unsafeListUnsentMails } from '../../server/modules/mails/mails.queries.ts'
import { deliverMail } from '../../server/modules/mails/mails.service.ts'
import { createVerifiedUser } from '../../server/modules/users/create-user.ts'
import { createTestDatabase } from '../support/database.ts'

export const PASSWORD = 'correct horse battery'

export interface SentMail {
  to: string
  subject: string
  text: string
  html: string
  at: string
}

export interface Business {
  accountId: string
  userId: string
  scope: Scope
}

export interface Parley {
  deps: Deps
  /** Moves the clock on. */
  pass(ms: number): void
  /** Sends what is due and answers every mail to an address so far, oldest first. */
  mailsTo(email: string): Promise<SentMail[]>
  /** A business with its administrator. */
  aBusiness(email: string, name?: string): Promise<Business>
  scopeOf(accountId: string, userId: string): Promise<Scope>
  close(): Promise<void>
}

/** Parley's services on a database of their own, with a clock that tests move. */
export async function openParley(env: Record<string, string> = {}): Promise<Parley> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-people-'))
  const config = loadConfig({
    NODE_ENV: 'test',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    REDIS_URL: database.redisUrl,
    PUBLIC_URL: 'http://parley.test',
    JWT_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    ...env,
  })
  let passed = 0
  const clock = { now: () => new Date(Date.now() + passed) }
  const log = createLogger({ nodeEnv: 'test', logLevel: 'silent' })
  const deps = createDeps(config, { clock, log })
  const scopeOf = async (accountId: string, userId: string) => {
    const member = await unsafeFindMember(deps.system, accountId, userId)
    if (!member) throw new Error('not a member')
    return deps.scopes.of(accountId, member.actor)
  }
  return {
    deps,
    pass: (ms) => void (passed += ms),
    mailsTo: (email) => mailsTo(deps, email),
    scopeOf,
    aBusiness: async (email, name = 'Acme') => {
      const made = await createVerifiedUser(deps, { email, name: 'Ada', password: PASSWORD, accountName: name })
      const accountId = made.accountId ?? ''
      return { accountId, userId: made.userId, scope: await scopeOf(accountId, made.userId) }
    },
    close: async () => {
      await deps.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function mailsTo(deps: Deps, email: string): Promise<SentMail[]> {
  const due = new Date(deps.clock.now().getTime() + 5_000)
  for (const mailId of await unsafeListUnsentMails(deps.system, due, 100)) await deliverMail(deps, mailId)
  const folder = path.join(deps.config.dataDir, 'mail')
  const names = await readdir(folder).catch(() => [])
  const mails = names
    .sort()
    .map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as SentMail)
  return (await Promise.all(mails)).filter((mail) => mail.to === email)
}

export function tokenOf(mail: SentMail | undefined): string {
  const token = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1]
  if (!token) throw new Error('the mail has no link with a token')
  return token
}

/** The code, text and details of an expected failure. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string; field?: unknown }> {
  try {
    await work
  } catch (error) {
    const { code, message, details } = error as { code: string; message: string; details?: { field?: unknown } }
    return { code, message, ...(details?.field ? { field: details.field } : {}) }
  }
  throw new Error('it did not fail')
}
