import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inviteMember, listInvitations, revokeInvitation } from '../../server/modules/accounts/invitations.service.ts'
import { listMembers, removeMember } from '../../server/modules/accounts/members.service.ts'
import { acceptInvitation, getInvitation } from '../../server/modules/users/invitation.service.ts'
import { logIn } from '../../server/modules/users/users.service.ts'
import { failureOf, openParley, PASSWORD, tokenOf, type Business, type Parley } from './people.ts'

const visitor = { userAgent: 'test' }
const DAY_MS = 24 * 3_600_000

let parley: Parley
let acme: Business
let other: Business
let inboxId: string
beforeAll(async () => {
  parley = await openParley()
  acme = await parley.aBusiness('ada@acme.test', 'Acme <b>&</b> Sons')
  other = await parley.aBusiness('olga@other.test', 'Other')
  inboxId = await anInbox(acme)
})
afterAll(() => parley.close())

async function anInbox({ scope, accountId }: Business): Promise<string> {
  const id = crypto.randomUUID()
  await scope.tx(
    async (tx) => tx.sql`insert into inboxes (account_id, id, name, channel_type, external_id)
      values (${accountId}, ${id}, 'Shop', 'tiktok', ${id})`,
  )
  return id
}

async function invite(email: string, inboxIds: string[] = [inboxId]) {
  const invitation = await inviteMember(acme.scope, { email, role: 'agent', inboxIds })
  return { invitation, token: tokenOf((await parley.mailsTo(email.toLowerCase())).at(-1)) }
}

describe('an invitation', () => {
  it('makes a new user a member who sees the chosen inboxes, once', async () => {
    const { token } = await invite('Nina@new.test')
    expect(await getInvitation(parley.deps, token)).toMatchObject({
      accountName: 'Acme <b>&</b> Sons',
      inviterName: 'Ada',
      email: 'nina@new.test',
      role: 'agent',
      userExists: false,
    })
    const input = { token, name: 'Nina', password: PASSWORD }
    const attempts = await Promise.allSettled([1, 2].map(() => acceptInvitation(parley.deps, input, visitor)))
    expect(attempts.map((attempt) => attempt.status).sort()).toEqual(['fulfilled', 'rejected'])
    const members = await listMembers(acme.scope)
    expect(members.map(({ name, role, inboxIds }) => ({ name, role, inboxIds }))).toEqual([
      { name: 'Ada', role: 'administrator', inboxIds: [] },
      { name: 'Nina', role: 'agent', inboxIds: [inboxId] },
    ])
    expect(await failureOf(acceptInvitation(parley.deps, input, visitor))).toMatchObject({ code: 'NOT_FOUND' })
    const started = await logIn(parley.deps, { email: 'nina@new.test', password: PASSWORD }, visitor)
    expect(started).toMatchObject({ account: { id: acme.accountId }, user: { own: { emailVerified: true } } })
  })

  it('gives a new user the language that they read it in, and else the inviter’s', async () => {
    for (const [email, locale, first] of [
      ['thai@new.test', 'th', 'th'],
      ['nobody@new.test', undefined, 'en'],
    ] as const) {
      const { token } = await invite(email)
      const input = { token, name: 'Nina', password: PASSWORD, ...(locale && { locale }) }
      expect(await acceptInvitation(parley.deps, input, visitor)).toMatchObject({ user: { own: { locale: first } } })
    }
    const { token } = await invite('odd@new.test')
    const odd = acceptInvitation(parley.deps, { token, name: 'N', password: PASSWORD, locale: 'xx' }, visitor)
    expect(await failureOf(odd)).toMatchObject({ code: 'INVALID', field: 'locale' })
  })

  it('needs a name and a fit password of a new user', async () => {
    const { token } = await invite('fields@new.test')
    const accept = (input: { name?: string; password: string }) =>
      failureOf(acceptInvitation(parley.deps, { token, ...input }, visitor))
    expect(await accept({ password: PASSWORD })).toMatchObject({ code: 'INVALID', field: 'name' })
    expect(await accept({ name: 'F', password: 'short' })).toMatchObject({ code: 'INVALID', field: 'password' })
  })

  it('needs the password of an address that has a login', async () => {
    const { token } = await invite('olga@other.test')
    expect(await getInvitation(parley.deps, token)).toMatchObject({ userExists: true })
    const wrong = acceptInvitation(parley.deps, { token, password: 'not her password' }, visitor)
    expect(await failureOf(wrong)).toMatchObject({ code: 'UNAUTHENTICATED' })
    const started = await acceptInvitation(parley.deps, { token, password: PASSWORD }, visitor)
    expect(started).toMatchObject({ user: { id: other.userId }, account: { id: acme.accountId } })
  })

  it('is replaced by the next one to the same address', async () => {
    const first = await invite('again@new.test')
    const second = await invite('AGAIN@new.test', [])
    expect(await failureOf(getInvitation(parley.deps, first.token))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await getInvitation(parley.deps, second.token)).toMatchObject({ id: second.invitation.id, inboxIds: [] })
    const open = await listInvitations(acme.scope)
    expect(open.filter(({ email }) => email === 'again@new.test')).toHaveLength(1)
  })

  it('ends when it is revoked, and after seven days', async () => {
    const revoked = await invite('revoked@new.test')
    await revokeInvitation(acme.scope, { invitationId: revoked.invitation.id })
    expect(await failureOf(getInvitation(parley.deps, revoked.token))).toMatchObject({ code: 'NOT_FOUND' })
    const late = await invite('late@new.test')
    parley.pass(7 * DAY_MS + 1_000)
    expect(await failureOf(getInvitation(parley.deps, late.token))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await listInvitations(acme.scope)).toEqual([])
  })

  it('is not for members, and only of inboxes of the account', async () => {
    const foreign = await anInbox(other)
    const failed = (email: string, inboxIds: string[]) =>
      failureOf(inviteMember(acme.scope, { email, role: 'agent', inboxIds }))
    expect(await failed('ADA@acme.test', [])).toMatchObject({ code: 'CONFLICT' })
    expect(await failed('x@new.test', [foreign])).toMatchObject({ code: 'NOT_FOUND' })
    expect(await failed('x@new.test', ['nonsense'])).toMatchObject({ code: 'NOT_FOUND' })
    expect(await failed('nonsense', [])).toMatchObject({ code: 'INVALID', field: 'email' })
    const theirs = await invite('theirs@new.test')
    const revoke = revokeInvitation(other.scope, { invitationId: theirs.invitation.id })
    expect(await failureOf(revoke)).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('brings a removed member back', async () => {
    await removeMember(acme.scope, { userId: other.userId })
    const { token } = await invite('olga@other.test')
    await acceptInvitation(parley.deps, { token, password: PASSWORD }, visitor)
    const olga = (await listMembers(acme.scope)).find(({ userId }) => userId === other.userId)
    expect(olga).toMatchObject({ role: 'agent', inboxIds: [inboxId] })
  })

  it('is escaped in its mail, and its token stands nowhere but there (I14)', async () => {
    const { token } = await invite('safe@new.test')
    const mail = (await parley.mailsTo('safe@new.test'))[0]
    expect(mail?.html).toContain('Acme &lt;b&gt;&amp;&lt;/b&gt; Sons')
    expect(mail?.html).not.toContain('<b>')
    const [rows] = await parley.deps.system.sql`
      select (select json_agg(m) from mails m)::text || (select json_agg(i) from invitations i)::text as stored`
    expect(rows?.stored).not.toContain(token)
  })

  it('is refused while the business is suspended', async () => {
    const { token } = await invite('suspended@new.test')
    await parley.deps.system.sql`update accounts set status = 'suspended' where id = ${acme.accountId}`
    const accept = acceptInvitation(parley.deps, { token, name: 'S', password: PASSWORD }, visitor)
    expect(await failureOf(accept)).toMatchObject({ code: 'FORBIDDEN' })
    await parley.deps.system.sql`update accounts set status = 'active' where id = ${acme.accountId}`
  })
})
