import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimChecks } from '../../server/modules/polling/polling.queries.ts'
import { bumpThread, noteHints } from '../../server/modules/polling/polling.service.ts'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

let offset = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let polling: Polling

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + offset) }
  const standin = { clock: { now: () => Date.now() + offset }, respondio: { knobs: { rateLimit: 1_000 } } }
  world = await startWorld({ jobs: false, clock, standin, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

beforeEach(async () => {
  offset = 0
  world.standin.respondio.resetKnobs()
  polling = new Polling(world, sql, await connectRespondIo(world, admin))
})

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
    const { accountId, inboxId } = polling.shop
    const rows = Array.from({ length: count }, (_, place) => ({
      ...{ account_id: accountId, inbox_id: inboxId, thread_ref: `${name} ${place}`, thread_key: `${name} ${place}` },
      ...{ present: present ?? null, active_at: activeAt ?? null, check_due_at: dueAt, listed_at: ago(HOUR) },
    }))
    await sql`insert into polled_threads ${sql(rows)}`
  }

  async function claim(now: Date, limit: number): Promise<string[]> {
    const { accountId, inboxId } = polling.shop
    const claiming = { inboxId, now, until: new Date(now.getTime() + HOUR), limit, spare: false }
    const rows = await world.deps.scopes.system(accountId).tx((tx) => claimChecks(tx, claiming))
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
  async function somebody(): Promise<number> {
    const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Hello')
    await polling.hurry('list')
    await polling.all()
    offset += 10 * MINUTE
    await polling.all('check', 'read')
    return contactId
  }

  /** Asks slowly, and has something happen meanwhile. */
  async function during(lane: 'check' | 'read', contact: number, happens: () => Promise<unknown>): Promise<number> {
    const operation = lane === 'check' ? 'contact_channels' : 'message_list'
    const before = polling.calls(operation)
    await polling.hurry(lane, contact)
    world.standin.respondio.setKnobs({ latencyMs: 1_000 })
    const asking = polling.step(lane)
    await until(async () => (await polling.row(contact))['claimed_until'] !== null, 'it is being asked')
    await happens()
    world.standin.respondio.setKnobs({ latencyMs: 0 })
    await asking
    await polling.all(lane)
    return polling.calls(operation) - before
  }

  const hint = (contact: number) => {
    const { accountId, inboxId } = polling.shop
    return world.deps.scopes.system(accountId).tx((tx) => noteHints(tx, { inboxId, threadRefs: [String(contact)] }))
  }

  it.each(['read', 'check'] as const)('by a delivery that says no more is asked about again: %s', async (lane) => {
    const contact = await somebody()
    expect(await during(lane, contact, async () => {}), 'once is enough').toBe(1)
    expect(await during(lane, contact, () => hint(contact))).toBe(2)
  })

  it('by somebody here who opens the conversation is read again', async () => {
    const contact = await somebody()
    const [alias] = await sql<{ thread_id: string }[]>`
      select thread_id from thread_aliases where inbox_id = ${polling.shop.inboxId} and external_id = ${String(contact)}`
    const opens = () =>
      world.deps.scopes.system(polling.shop.accountId).tx((tx) => bumpThread(tx, alias?.thread_id ?? ''))
    expect(await during('read', contact, opens)).toBe(2)
  })
})
