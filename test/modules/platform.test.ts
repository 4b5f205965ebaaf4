import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsafeFindMember } from '../../server/modules/accounts/accounts.queries.ts'
import {
  listDeadLetters,
  listPlatformAccounts,
  replayDeadLetter,
  setAccountStatus,
} from '../../server/modules/platform/platform.service.ts'
import { failureOf, openParley, type Parley } from './people.ts'

const root = { sessionId: 's', userId: crypto.randomUUID(), name: 'Root', platformAdministrator: true }
const plain = { ...root, platformAdministrator: false }

let parley: Parley
beforeAll(async () => {
  parley = await openParley()
  const names = ['Acme 10%', 'Acme 100', 'Beta', 'Beta', 'Zeta']
  for (const [index, name] of names.entries()) await parley.aBusiness(`admin${index}@shop.test`, name)
})
afterAll(() => parley.close())

async function aDeadLetter(key: string, state = 2): Promise<void> {
  await parley.deps.intake`insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw)
    values ('tiktok', ${key}, 'business', ${`thread ${key}`}, '\\x00')`
  await parley.deps.system.sql`update webhook_events set state = ${state}, code = 'UNREADABLE', attempts = 3
    where event_key = ${key}`
}

const stateOf = async (key: string) => {
  const [row] = await parley.deps.system.sql`select state, attempts, code from webhook_events where event_key = ${key}`
  return row
}

describe('the accounts of the installation', () => {
  it('are listed by name in pages, with their counts', async () => {
    const names: string[] = []
    let after: string | null = null
    do {
      const page = await listPlatformAccounts(parley.deps, root, { first: 2, after })
      names.push(...page.nodes.map((account) => account.name))
      expect(page.nodes[0]).toMatchObject({ status: 'active', memberCount: 1, inboxCount: 0, flags: {} })
      expect(page.nodes[0]?.createdAt).toBeInstanceOf(Date)
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null)
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after)
    expect(names).toEqual(['Acme 10%', 'Acme 100', 'Beta', 'Beta', 'Zeta'])
  })

  it('are found by a part of the name, in which % is a letter like any other', async () => {
    const found = async (query: string) =>
      (await listPlatformAccounts(parley.deps, root, { query })).nodes.map((account) => account.name)
    expect(await found('ACME')).toEqual(['Acme 10%', 'Acme 100'])
    expect(await found('10%')).toEqual(['Acme 10%'])
    expect(await found('_')).toEqual([])
    expect(await found('\\')).toEqual([])
  })

  it('refuse malformed cursors and sizes', async () => {
    const { deps } = parley
    const nul = Buffer.from(JSON.stringify(['\0', crypto.randomUUID()])).toString('base64url')
    for (const after of ['', 'x', nul]) {
      expect(await failureOf(listPlatformAccounts(deps, root, { after }))).toMatchObject({ code: 'INVALID' })
    }
    expect(await failureOf(listPlatformAccounts(deps, root, { first: 101 }))).toMatchObject({ code: 'INVALID' })
  })
})

describe('an account', () => {
  it('is suspended and reactivated: audited, announced to sockets and screens (I11)', async () => {
    const { deps } = parley
    const { accountId, userId } = await parley.aBusiness('suspended@shop.test', 'Suspended')
    const input = { accountId, status: 'suspended' } as const
    expect(await setAccountStatus(deps, root, input)).toMatchObject({ id: accountId, status: 'suspended' })
    await setAccountStatus(deps, root, input)
    expect(await unsafeFindMember(deps.system, accountId, userId)).toMatchObject({ accountStatus: 'suspended' })
    expect(await deps.system.sql`select kind from access_changes where account_id = ${accountId}`).toEqual([
      { kind: 'account' },
    ])
    await setAccountStatus(deps, root, { accountId, status: 'active' })
    const audited = await deps.scopes.readOnly(
      accountId,
      (tx) => tx.sql`select action from audit_log where user_id = ${root.userId} order by id`,
    )
    expect(audited).toEqual([{ action: 'account.suspended' }, { action: 'account.reactivated' }])
    const events = await deps.system.sql`select distinct type from account_events where account_id = ${accountId}`
    expect(events).toEqual([{ type: 'account.updated' }])
  })
})

describe('dead letters', () => {
  it('are listed newest first, and go back to work one by one', async () => {
    for (const key of ['a', 'b', 'c']) await aDeadLetter(key)
    await aDeadLetter('done', 1)
    const first = await listDeadLetters(parley.deps, root, { first: 2 })
    expect(first.nodes).toMatchObject([{ channelType: 'tiktok', code: 'UNREADABLE', attempts: 3 }, {}])
    const rest = await listDeadLetters(parley.deps, root, { first: 2, after: first.pageInfo.endCursor })
    expect(rest.nodes).toHaveLength(1)
    expect(rest.pageInfo.hasNextPage).toBe(false)
    const id = rest.nodes[0]?.id ?? ''
    expect(await replayDeadLetter(parley.deps, root, { id })).toBe(true)
    expect(await stateOf('a')).toMatchObject({ state: 0, attempts: 0, code: null })
    expect(await failureOf(replayDeadLetter(parley.deps, root, { id }))).toMatchObject({ code: 'NOT_FOUND' })
    for (const wrong of ['', '1', rest.pageInfo.endCursor ?? '']) {
      expect(await failureOf(replayDeadLetter(parley.deps, root, { id: wrong }))).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

describe('the console', () => {
  it('is for platform administrators alone', async () => {
    const { deps } = parley
    const { accountId } = await parley.aBusiness('plain@shop.test', 'Plain')
    const attempts = [
      listPlatformAccounts(deps, plain, {}),
      setAccountStatus(deps, plain, { accountId, status: 'suspended' }),
      listDeadLetters(deps, plain, {}),
      replayDeadLetter(deps, plain, { id: 'x' }),
    ]
    for (const attempt of attempts) expect(await failureOf(attempt)).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('answers NOT_FOUND for accounts that are none', async () => {
    for (const accountId of ['x', crypto.randomUUID()]) {
      const attempt = setAccountStatus(parley.deps, root, { accountId, status: 'suspended' })
      expect(await failureOf(attempt)).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})
