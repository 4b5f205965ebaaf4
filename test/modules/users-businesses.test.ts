import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inviteMember, listInvitations } from '../../server/modules/accounts/invitations.service.ts'
import { removeMember, updateMember } from '../../server/modules/accounts/members.service.ts'
import { unsafeListMemberships } from '../../server/modules/accounts/accounts.queries.ts'
import { createVerifiedUser } from '../../server/modules/users/create-user.ts'
import { acceptInvitation } from '../../server/modules/users/invitation.service.ts'
import { requestPasswordReset, resetPassword } from '../../server/modules/users/recovery.service.ts'
import { logIn } from '../../server/modules/users/users.service.ts'
import { failureOf, openParley, PASSWORD, tokenOf, type Business, type Parley } from './people.ts'

const visitor = { userAgent: 'test' }
const ROOT = 'root@parley.test'

let parley: Parley
let acme: Business
beforeAll(async () => {
  parley = await openParley({ PLATFORM_ADMIN_EMAIL: ROOT })
  acme = await parley.aBusiness('ada@acme.test')
})
afterAll(() => parley.close())

/** Invites an address as `inviter` and answers the token of the link. */
async function invite(inviter: Business, email: string, role: 'administrator' | 'agent' = 'agent'): Promise<string> {
  await inviteMember(inviter.scope, { email, role, inboxIds: [] })
  return tokenOf((await parley.mailsTo(email)).at(-1))
}

async function join(token: string, name = 'Nina'): Promise<Business> {
  const { user, account } = await acceptInvitation(parley.deps, { token, name, password: PASSWORD }, visitor)
  const scope = await parley.scopeOf(account.id, user.id)
  return { accountId: account.id, userId: user.id, scope }
}

describe('a login without a business', () => {
  it('opens for the platform’s administrator, who gets one', async () => {
    const { userId, accountId } = await createVerifiedUser(parley.deps, {
      email: ROOT,
      name: 'Rut',
      password: PASSWORD,
    })
    expect(accountId).toBeUndefined()
    const first = await logIn(parley.deps, { email: ROOT, password: PASSWORD }, visitor)
    expect(first).toMatchObject({ account: { name: 'Rut' }, user: { own: { platformAdministrator: true } } })
    const again = await logIn(parley.deps, { email: ROOT, password: PASSWORD }, visitor)
    expect(again.account.id).toBe(first.account.id)
    expect(await unsafeListMemberships(parley.deps.system, userId)).toMatchObject([{ role: 'administrator' }])
  })

  it('says why it does not open for anybody else, also after a new password, which then is the password', async () => {
    const email = 'gone@acme.test'
    const gone = await join(await invite(acme, email))
    await removeMember(acme.scope, { userId: gone.userId })
    const refused = await failureOf(logIn(parley.deps, { email, password: PASSWORD }, visitor))
    expect(refused).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('no business') as string })
    await requestPasswordReset(parley.deps, { email })
    const token = tokenOf((await parley.mailsTo(email)).at(-1))
    const password = 'another long password'
    const reset = await failureOf(resetPassword(parley.deps, { token, password }, visitor))
    expect(reset).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('is changed') as string })
    const back = await acceptInvitation(parley.deps, { token: await invite(acme, email), password }, visitor)
    expect(back.account.id).toBe(acme.accountId)
  })
})

describe('an invitation ends with the role of whoever sent it', () => {
  const open = async () => (await listInvitations(acme.scope)).map(({ email }) => email).sort()

  it.each([
    ['removed', (userId: string) => removeMember(acme.scope, { userId })],
    ['demoted', (userId: string) => updateMember(acme.scope, { userId, role: 'agent' })],
  ])('when they are %s', async (how, leave) => {
    const boss = await join(await invite(acme, `boss-${how}@acme.test`, 'administrator'))
    const theirs = await invite(boss, `friend-${how}@acme.test`, 'administrator')
    const ours = await invite(acme, `colleague-${how}@acme.test`)
    await leave(boss.userId)
    expect(await failureOf(join(theirs))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await open()).toEqual([`colleague-${how}@acme.test`])
    await join(ours)
    // Who they were when their request began is not who they are.
    const late = inviteMember(boss.scope, { email: `late-${how}@acme.test`, role: 'agent', inboxIds: [] })
    expect(await failureOf(late)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await open()).toEqual([])
  })

  it('and stays while they only lose an inbox', async () => {
    const boss = await join(await invite(acme, 'boss@acme.test', 'administrator'))
    const theirs = await invite(boss, 'friend@acme.test')
    await updateMember(acme.scope, { userId: boss.userId, inboxIds: [] })
    await join(theirs)
  })
})
