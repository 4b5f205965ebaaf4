import { describe, expect, it } from 'vitest'
import { claimChecks } from '../../server/modules/polling/polling.queries.ts'
import { bumpThread, noteHints } from '../../server/modules/polling/polling.service.ts'
import { until } from '../support/until.ts'
import { usePolling } from './polling-stage.ts'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
const stage = usePolling()

describe('who is looked at next', () => {
  const began = Date.UTC(2026, 0, 5, 9)
  const ago = (ms: number) => new Date(began - ms)
  interface Person {
    present?: boolean
    activeAt?: Date
    dueAt: Date
  }
  const lively: Person = { present: true, activeAt: ago(10 * MINUTE), dueAt: ago(SECOND) }
  const unseen: Person = { dueAt: ago(HOUR) }
  const quiet: Person = { present: true, activeAt: ago(72 * HOUR), dueAt: ago(20 * MINUTE) }

  async function add(count: number, name: string, { present, activeAt, dueAt }: Person): Promise<void> {
    const { accountId, inboxId } = stage.polling.shop
    const rows = Array.from({ length: count }, (_, place) => ({
      ...{ account_id: accountId, inbox_id: inboxId, thread_ref: `${name} ${place}`, thread_key: `${name} ${place}` },
      ...{ present: present ?? null, active_at: activeAt ?? null, check_due_at: dueAt, listed_at: ago(HOUR) },
    }))
    await stage.sql`insert into polled_threads ${stage.sql(rows)}`
  }

  async function claim(now: Date, limit: number): Promise<string[]> {
    const { accountId, inboxId } = stage.polling.shop
    const claiming = { inboxId, now, until: new Date(now.getTime() + HOUR), limit, spare: false }
    const rows = await stage.world.deps.scopes.system(accountId).tx((tx) => claimChecks(tx, claiming))
    return rows.map((row) => row.threadRef.replace(/ \d+$/, ''))
  }

  it('is now and then somebody quiet, however many write and however many are new', async () => {
    await add(150, 'lively', lively)
    await add(150, 'unseen', unseen)
    await add(1, 'quiet', quiet)
    const claimed: string[] = []
    for (let at = 0; at < 100; at++) claimed.push(...(await claim(new Date(began + at * 250), 1)))
    const share = (name: string) => claimed.filter((one) => one === name).length
    expect(share('quiet')).toBe(1)
    expect(share('unseen')).toBeGreaterThan(20)
    expect(share('lively')).toBeGreaterThan(20)
  })

  it('is everybody who is due, as far as that is allowed', async () => {
    await add(2, 'lively', lively)
    await add(2, 'unseen', unseen)
    await add(2, 'quiet', quiet)
    const every = ['lively', 'lively', 'quiet', 'quiet', 'unseen', 'unseen']
    expect((await claim(new Date(began), 8)).sort()).toEqual(every)
  })
})

describe('whoever is told of while the provider is being asked', () => {
  /** A conversation that pauses, so that nothing but a reason has it read. */
  async function somebodyPausing(): Promise<number> {
    const contactId = await stage.somebody()
    stage.advance(10 * MINUTE)
    await stage.polling.all('check', 'read')
    return contactId
  }

  /** Asks slowly, and has something happen meanwhile. */
  async function during(lane: 'check' | 'read', contact: number, happens: () => Promise<unknown>): Promise<number> {
    const operation = lane === 'check' ? 'contact_channels' : 'message_list'
    const before = stage.polling.calls(operation)
    await stage.polling.hurry(lane, contact)
    stage.world.standin.respondio.setKnobs({ latencyMs: 1_000 })
    const asking = stage.polling.step(lane)
    await until(async () => (await stage.polling.row(contact))['claimed_until'] !== null, 'it is being asked')
    await happens()
    stage.world.standin.respondio.setKnobs({ latencyMs: 0 })
    await asking
    await stage.polling.all(lane)
    return stage.polling.calls(operation) - before
  }

  const hint = (contact: number) => {
    const { accountId, inboxId } = stage.polling.shop
    return stage.world.deps.scopes
      .system(accountId)
      .tx((tx) => noteHints(tx, { inboxId, threadRefs: [String(contact)] }))
  }

  it.each(['read', 'check'] as const)('by a delivery that says no more is asked about again: %s', async (lane) => {
    const contact = await somebodyPausing()
    expect(await during(lane, contact, async () => {}), 'once is enough').toBe(1)
    expect(await during(lane, contact, () => hint(contact))).toBe(2)
  })

  it('by somebody here who opens the conversation is read again', async () => {
    const contact = await somebodyPausing()
    const [alias] = await stage.sql<{ thread_id: string }[]>`
      select thread_id from thread_aliases where inbox_id = ${stage.polling.shop.inboxId} and external_id = ${String(contact)}`
    const opens = () =>
      stage.world.deps.scopes.system(stage.polling.shop.accountId).tx((tx) => bumpThread(tx, alias?.thread_id ?? ''))
    expect(await during('read', contact, opens)).toBe(2)
  })
})
