import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scope } from '../../server/db/scope.ts'
import { unsafeFindMember } from '../../server/modules/accounts/accounts.queries.ts'
import { getAccount, updateAccount } from '../../server/modules/accounts/accounts.service.ts'
import {
  isEnabled,
  listFeatureFlags,
  requireFeature,
  setFeatureFlag,
  unsafeIsEnabled,
} from '../../server/modules/accounts/feature-flags.ts'
import { inviteMember, listInvitations } from '../../server/modules/accounts/invitations.service.ts'
import { listMembers, removeMember, updateMember } from '../../server/modules/accounts/members.service.ts'
import { createVerifiedUser } from '../../server/modules/users/create-user.ts'
import { failureOf, openParley, PASSWORD, type Business, type Parley } from './people.ts'

let parley: Parley
let acme: Business
let other: Business
beforeAll(async () => {
  parley = await openParley()
  acme = await parley.aBusiness('ada@acme.test', 'Acme')
  other = await parley.aBusiness('olga@other.test', 'Other')
})
afterAll(() => parley.close())

let people = 0

async function aMember(role: 'administrator' | 'agent'): Promise<Business> {
  const { accountId } = acme
  const email = `member${++people}@acme.test`
  const { userId } = await createVerifiedUser(parley.deps, { email, name: `Member ${people}`, password: PASSWORD })
  await acme.scope.tx(
    async (tx) => tx.sql`insert into memberships (account_id, user_id, role) values (${accountId}, ${userId}, ${role})`,
  )
  return { accountId, userId, scope: await parley.scopeOf(accountId, userId) }
}

async function anInbox(scope: Scope): Promise<string> {
  const id = crypto.randomUUID()
  await scope.tx(
    async (tx) => tx.sql`insert into inboxes (account_id, id, name, channel_type, external_id)
      values (${tx.accountId}, ${id}, 'Shop', 'tiktok', ${id})`,
  )
  return id
}

const audited = (accountId: string) =>
  parley.deps.scopes.readOnly(accountId, async (tx) => {
    const rows = await tx.sql`select action, user_id, data from audit_log order by id`
    return rows.map((row) => ({
      action: row.action as string,
      userId: row.user_id as string,
      data: row.data as object,
    }))
  })

const changesOf = async (kind: string, accountId: string, userId: string | null = null) =>
  (
    await parley.deps.system.sql`select 1 from access_changes
      where kind = ${kind} and account_id = ${accountId} and user_id is not distinct from ${userId}`
  ).length

const publishedIn = async (accountId: string) =>
  (
    await parley.deps.system.sql`select type, user_id from account_events where account_id = ${accountId} order by id`
  ).map((row) => ({ type: row.type as string, userId: row.user_id as string | null }))

const root = { sessionId: 's', userId: crypto.randomUUID(), name: 'Root', platformAdministrator: true }

describe('an account', () => {
  it('is renamed by administrators, live and audited', async () => {
    expect(await updateAccount(acme.scope, { name: ' Acme 2 ' })).toMatchObject({ name: 'Acme 2' })
    expect(await getAccount(acme.scope)).toMatchObject({
      id: acme.accountId,
      name: 'Acme 2',
      status: 'active',
      flags: {},
    })
    expect(await publishedIn(acme.accountId)).toContainEqual({ type: 'account.updated', userId: null })
    expect(await audited(acme.accountId)).toContainEqual({
      action: 'account.updated',
      userId: acme.userId,
      data: { name: 'Acme 2' },
    })
  })

  it('is closed to agents where administrators decide, and open for reading members', async () => {
    const { scope, userId } = await aMember('agent')
    const attempts = [
      updateAccount(scope, { name: 'Mine' }),
      inviteMember(scope, { email: 'a@b.test', role: 'agent', inboxIds: [] }),
      listInvitations(scope),
      updateMember(scope, { userId, role: 'administrator' }),
      removeMember(scope, { userId: acme.userId }),
    ]
    for (const attempt of attempts) expect(await failureOf(attempt)).toMatchObject({ code: 'FORBIDDEN' })
    expect((await listMembers(scope)).length).toBeGreaterThan(1)
  })

  it('does not exist for others (I10)', async () => {
    expect(await unsafeFindMember(parley.deps.system, acme.accountId, other.userId)).toBeUndefined()
    const foreign = updateMember(acme.scope, { userId: other.userId, role: 'agent' })
    expect(await failureOf(foreign)).toMatchObject({ code: 'NOT_FOUND' })
    const malformed = removeMember(acme.scope, { userId: "' or 1=1" })
    expect(await failureOf(malformed)).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a member', () => {
  it('gets another role and other inboxes, on open sockets too (I11)', async () => {
    const member = await aMember('agent')
    const [one, two] = [await anInbox(acme.scope), await anInbox(acme.scope)]
    const changed = await updateMember(acme.scope, { userId: member.userId, inboxIds: [one, two, one] })
    expect(changed).toMatchObject({ role: 'agent', inboxIds: [one, two].sort() })
    await updateMember(acme.scope, { userId: member.userId, inboxIds: [two] })
    const found = await unsafeFindMember(parley.deps.system, acme.accountId, member.userId)
    expect(found).toMatchObject({ actor: { role: 'agent', inboxIds: [two] }, accountStatus: 'active' })
    expect(await changesOf('membership', acme.accountId, member.userId)).toBe(2)
    expect(await publishedIn(acme.accountId)).toContainEqual({ type: 'access.changed', userId: member.userId })
    await updateMember(acme.scope, { userId: member.userId, role: 'administrator' })
    const promoted = await unsafeFindMember(parley.deps.system, acme.accountId, member.userId)
    expect(promoted?.actor).toMatchObject({ role: 'administrator', inboxIds: [] })
    await updateMember(acme.scope, { userId: member.userId, role: 'agent' })
  })

  it('is given inboxes of the account alone, all or none', async () => {
    const member = await aMember('agent')
    const inboxIds = [await anInbox(acme.scope), await anInbox(other.scope)]
    const change = updateMember(acme.scope, { userId: member.userId, inboxIds })
    expect(await failureOf(change)).toMatchObject({ code: 'NOT_FOUND' })
    expect((await unsafeFindMember(parley.deps.system, acme.accountId, member.userId))?.actor.inboxIds).toEqual([])
  })

  it('learns of the inboxes of colleagues only those that are their own too (I11)', async () => {
    const [shared, hidden] = [await anInbox(acme.scope), await anInbox(acme.scope)]
    const [one, two] = [await aMember('agent'), await aMember('agent')]
    await updateMember(acme.scope, { userId: one.userId, inboxIds: [shared] })
    await updateMember(acme.scope, { userId: two.userId, inboxIds: [shared, hidden] })
    const seen = await listMembers(await parley.scopeOf(acme.accountId, one.userId))
    expect(seen.find(({ userId }) => userId === two.userId)?.inboxIds).toEqual([shared])
  })

  it('is removed with inboxes and session rights, and keeps the name on what they wrote', async () => {
    const member = await aMember('agent')
    await updateMember(acme.scope, { userId: member.userId, inboxIds: [await anInbox(acme.scope)] })
    expect(await removeMember(acme.scope, { userId: member.userId })).toBe(true)
    expect(await unsafeFindMember(parley.deps.system, acme.accountId, member.userId)).toBeUndefined()
    const left = await acme.scope.read(
      (
        tx,
      ) => tx.sql`select m.removed_at, u.name, (select count(*)::int from inbox_members i where i.user_id = u.id) as inboxes
        from memberships m join users u on u.id = m.user_id where m.user_id = ${member.userId}`,
    )
    expect(left).toMatchObject([{ removed_at: expect.any(Date), inboxes: 0 }])
    expect(await changesOf('membership', acme.accountId, member.userId)).toBe(2)
    const again = removeMember(acme.scope, { userId: member.userId })
    expect(await failureOf(again)).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('the last administrator', () => {
  it('can be neither demoted nor removed', async () => {
    const attempts = [
      updateMember(other.scope, { userId: other.userId, role: 'agent' }),
      removeMember(other.scope, { userId: other.userId }),
    ]
    for (const attempt of attempts) expect(await failureOf(attempt)).toMatchObject({ code: 'CONFLICT' })
  })

  it('remains when administrators demote and remove each other at once', async () => {
    for (let round = 0; round < 10; round++) {
      const second = await aMember('administrator')
      const results = await Promise.allSettled([
        updateMember(acme.scope, { userId: second.userId, role: 'agent' }),
        round % 2
          ? removeMember(second.scope, { userId: acme.userId })
          : updateMember(second.scope, { userId: acme.userId, role: 'agent' }),
      ])
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
      const rows = await parley.deps.system.sql<{ user_id: string }[]>`select user_id from memberships
        where account_id = ${acme.accountId} and role = 'administrator' and removed_at is null`
      expect(rows).toHaveLength(1)
      await parley.deps.system.sql`update memberships set role = case when user_id = ${acme.userId} then 'administrator'
        else 'agent' end, removed_at = null where account_id = ${acme.accountId}`
    }
  })
})

describe('feature flags', () => {
  it('follow one list of defaults, and rows for what differs', async () => {
    expect(await listFeatureFlags(acme.scope)).toMatchObject([
      { key: 'channel_tiktok', enabled: true },
      { key: 'channel_respondio', enabled: true },
    ])
    expect(await isEnabled(acme.scope, 'channel_tiktok')).toBe(true)
    expect(await isEnabled(acme.scope, 'channel_unheard_of')).toBe(false)
  })

  it('are switched live, audited and everywhere (I12)', async () => {
    const { accountId, scope } = acme
    const set = (enabled: boolean) => setFeatureFlag(parley.deps, root, { accountId, key: 'channel_tiktok', enabled })
    const before = (await publishedIn(accountId)).length
    expect((await set(false)).flags).toEqual({ channel_tiktok: false })
    await set(false)
    expect(await isEnabled(scope, 'channel_tiktok')).toBe(false)
    expect(await unsafeIsEnabled(parley.deps.system, accountId, 'channel_tiktok')).toBe(false)
    expect(await scope.tx((tx) => isEnabled(tx, 'channel_tiktok'))).toBe(false)
    expect(await failureOf(requireFeature(scope, 'channel_tiktok'))).toMatchObject({ code: 'FEATURE_DISABLED' })
    expect(await isEnabled(other.scope, 'channel_tiktok')).toBe(true)
    expect((await publishedIn(accountId)).slice(before)).toEqual([{ type: 'account.updated', userId: null }])
    expect(await changesOf('account', accountId)).toBe(1)
    expect((await audited(accountId)).at(-1)).toEqual({
      action: 'flag.set',
      userId: root.userId,
      data: { key: 'channel_tiktok', enabled: false },
    })
    expect((await set(true)).flags).toEqual({})
    expect(await isEnabled(scope, 'channel_tiktok')).toBe(true)
  })

  it('are switched by platform administrators alone, for accounts and keys that exist', async () => {
    const { deps } = parley
    const input = { accountId: acme.accountId, key: 'channel_tiktok', enabled: false }
    const plain = { ...root, platformAdministrator: false }
    const codeOf = async (work: Promise<unknown>) => (await failureOf(work)).code
    expect(await codeOf(setFeatureFlag(deps, plain, input))).toBe('FORBIDDEN')
    expect(await codeOf(setFeatureFlag(deps, root, { ...input, key: 'x' }))).toBe('INVALID')
    expect(await codeOf(setFeatureFlag(deps, root, { ...input, accountId: crypto.randomUUID() }))).toBe('NOT_FOUND')
    expect(await codeOf(setFeatureFlag(deps, root, { ...input, accountId: '1' }))).toBe('NOT_FOUND')
  })
})
