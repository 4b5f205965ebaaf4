import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsafeListMemberships } from '../../server/modules/accounts/accounts.queries.ts'
import { requestPasswordReset, resetPassword, verifyEmail } from '../../server/modules/users/recovery.service.ts'
import { unsafeFindSignedIn, unsafeFindUserByEmail } from '../../server/modules/users/users.queries.ts'
import { getMe, logIn, signUp, startSession, updateProfile } from '../../server/modules/users/users.service.ts'
import { failureOf, openParley, PASSWORD, tokenOf, type Parley } from './people.ts'

const visitor = { userAgent: 'test' }
const WRONG = 'not the right one at all'

let parley: Parley
beforeAll(async () => {
  parley = await openParley({ PLATFORM_ADMIN_EMAIL: 'Root@parley.test' })
})
afterAll(() => parley.close())

const anna = { accountName: 'Anna’s Shop', name: ' Anna ', email: ' Anna@Shop.test ', password: PASSWORD, locale: 'th' }

const signedInAs = async (session: { sessionId: string; userId: string }) =>
  unsafeFindSignedIn(parley.deps.system, session, parley.deps)

describe('signing up', () => {
  it('makes a user, a business and its administrator, and mails a link that proves the address once', async () => {
    const { deps } = parley
    const started = await signUp(deps, anna, visitor)
    expect(started).toMatchObject({
      user: { name: 'Anna', email: 'anna@shop.test', own: { locale: 'th', emailVerified: false } },
      account: { name: 'Anna’s Shop', status: 'active' },
    })
    expect(await unsafeListMemberships(deps.system, started.user.id)).toMatchObject([{ role: 'administrator' }])
    const [mail] = await parley.mailsTo('anna@shop.test')
    expect(mail?.subject).toBe('ยืนยันที่อยู่อีเมลของคุณ')
    const token = tokenOf(mail)
    expect(await verifyEmail(deps, { token }, undefined)).toBe(true)
    expect((await logIn(deps, anna, visitor)).user.own?.emailVerified).toBe(true)
    expect(await failureOf(verifyEmail(deps, { token }, undefined))).toMatchObject({ code: 'INVALID', field: 'token' })
  })

  it('adds a business to a known address with its password, and just one when it is sent twice', async () => {
    const again = { ...anna, accountName: 'Second Shop' }
    const first = await signUp(parley.deps, again, visitor)
    const second = await signUp(parley.deps, again, visitor)
    expect(second.account.id).toBe(first.account.id)
    expect(await unsafeListMemberships(parley.deps.system, first.user.id)).toHaveLength(2)
  })

  it('tells nobody but the owner that an address is known', async () => {
    const refused = await failureOf(signUp(parley.deps, { ...anna, password: WRONG }, visitor))
    await failureOf(signUp(parley.deps, { ...anna, password: WRONG }, visitor))
    expect(refused.code).toBe('UNAUTHENTICATED')
    expect(refused.message).not.toContain('anna')
    const subjects = (await parley.mailsTo('anna@shop.test')).map((mail) => mail.subject)
    expect(subjects.filter((subject) => subject === 'มีผู้พยายามสมัครด้วยอีเมลของคุณ')).toHaveLength(1)
  })

  it('makes one user and one business of two requests at once', async () => {
    const input = { ...anna, email: 'twice@shop.test' }
    const [one, two] = await Promise.all([signUp(parley.deps, input, visitor), signUp(parley.deps, input, visitor)])
    expect(two.user.id).toBe(one.user.id)
    expect(await unsafeListMemberships(parley.deps.system, one.user.id)).toHaveLength(1)
  })

  it.each([
    ['email', { email: 'nobody' }],
    ['name', { name: '  ' }],
    ['name', { name: 'a\u0007b' }],
    ['name', { name: 'x'.repeat(101) }],
    ['accountName', { accountName: '\u202Egnirts' }],
    ['password', { password: 'short' }],
    ['password', { password: 'Password123' }],
    ['password', { password: 'new@shop.test' }],
    ['password', { password: 'x'.repeat(201) }],
    ['locale', { locale: 'xx' }],
  ])('names the field that is wrong: %s %j', async (field, wrong) => {
    const input = { ...anna, email: 'new@shop.test', ...wrong }
    expect(await failureOf(signUp(parley.deps, input, visitor))).toMatchObject({ code: 'INVALID', field })
  })

  it('can be closed', async () => {
    const deps = { ...parley.deps, config: { ...parley.deps.config, signupEnabled: false } }
    expect(await failureOf(signUp(deps, anna, visitor))).toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('logging in', () => {
  it('answers an unknown address and a wrong password alike, in text and in time', async () => {
    const timed = async (email: string) => {
      const from = performance.now()
      const failure = await failureOf(logIn(parley.deps, { email, password: WRONG }, visitor))
      return { failure, ms: performance.now() - from }
    }
    const [wrong, unknown] = [[] as number[], [] as number[]]
    for (let round = 0; round < 5; round++) {
      const known = await timed('anna@shop.test')
      const stranger = await timed('nobody@shop.test')
      expect(stranger.failure).toEqual(known.failure)
      expect(known.failure.code).toBe('UNAUTHENTICATED')
      wrong.push(known.ms)
      unknown.push(stranger.ms)
    }
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...wrong) / 4)
  })

  it('takes many at once, in turn', async () => {
    const many = Array.from({ length: 20 }, () => logIn(parley.deps, anna, visitor))
    expect(await Promise.all(many)).toHaveLength(20)
  })

  it('opens the account that was used last', async () => {
    const { account } = await logIn(parley.deps, anna, visitor)
    expect(account.name).toBe('Second Shop')
  })
})

describe('a new password', () => {
  it('is asked for in the same way for everybody', async () => {
    expect(await requestPasswordReset(parley.deps, { email: 'nobody@shop.test' })).toBe(true)
    expect(await requestPasswordReset(parley.deps, { email: 'ANNA@shop.test' })).toBe(true)
    expect(await parley.mailsTo('nobody@shop.test')).toEqual([])
  })

  it('works once, ends every other session and announces that to sockets (I11)', async () => {
    const { deps } = parley
    const before = await logIn(deps, anna, visitor)
    const token = tokenOf((await parley.mailsTo('anna@shop.test')).at(-1))
    const input = { token, password: 'another fine passphrase' }
    const results = await Promise.allSettled([
      resetPassword(deps, input, visitor),
      resetPassword(deps, { ...input, password: 'a third fine passphrase' }, visitor),
    ])
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    const started = results.find((result) => result.status === 'fulfilled')?.value
    expect(await failureOf(resetPassword(deps, input, visitor))).toMatchObject({ code: 'INVALID', field: 'token' })
    expect(await signedInAs(before.session)).toBeUndefined()
    expect(started && (await signedInAs(started.session))).toMatchObject({ name: 'Anna' })
    const announced = await deps.system.sql`select 1 from access_changes where session_id = ${before.session.sessionId}`
    expect(announced).toHaveLength(1)
    expect(await failureOf(logIn(deps, anna, visitor))).toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('leaves no session of a log-in that had proven the old one', async () => {
    const user = await unsafeFindUserByEmail(parley.deps.system, 'anna@shop.test')
    if (!user) throw new Error('no user')
    const before = { ...user, passwordHash: 'as it was when it was proven' }
    expect(await failureOf(startSession(parley.deps, before, visitor))).toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('comes too late after an hour', async () => {
    await requestPasswordReset(parley.deps, { email: 'anna@shop.test' })
    const token = tokenOf((await parley.mailsTo('anna@shop.test')).at(-1))
    parley.pass(61 * 60_000)
    expect(await failureOf(resetPassword(parley.deps, { token, password: PASSWORD }, visitor))).toMatchObject({
      code: 'INVALID',
    })
  })
})

describe('the platform administrator', () => {
  it('is one from the moment the address is proven by its signed-in user, not by a click alone', async () => {
    const { deps } = parley
    const { session, user } = await signUp(deps, { ...anna, email: 'root@parley.test' }, visitor)
    expect(await signedInAs(session)).toMatchObject({ platformAdministrator: false })
    const token = tokenOf((await parley.mailsTo('root@parley.test'))[0])
    expect(await failureOf(verifyEmail(deps, { token }, undefined))).toMatchObject({ code: 'UNAUTHENTICATED' })
    await verifyEmail(deps, { token }, user.id)
    const signedIn = await signedInAs(session)
    expect(signedIn).toMatchObject({ platformAdministrator: true })
    expect(signedIn && (await getMe(deps, signedIn)).own).toMatchObject({ platformAdministrator: true })
  })
})

describe('a profile', () => {
  it('changes name and language, live in every account of the user', async () => {
    const { userId, accountId } = await parley.aBusiness('profile@shop.test')
    const { session } = await logIn(parley.deps, { email: 'profile@shop.test', password: PASSWORD }, visitor)
    const signedIn = await signedInAs(session)
    if (!signedIn) throw new Error('not signed in')
    const changed = await updateProfile(parley.deps, signedIn, { name: 'Beate', locale: 'th-TH' })
    expect(changed).toMatchObject({ name: 'Beate', own: { locale: 'th' } })
    const events = await parley.deps.system.sql`select type, data from account_events where account_id = ${accountId}`
    expect(events).toEqual([{ type: 'member.updated', data: { userId } }])
  })
})
