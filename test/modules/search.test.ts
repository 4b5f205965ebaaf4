import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

const OTHERS = 100_000

let world: World
let sql: postgres.Sql
let admin: Actor
let agent: Actor
let inboxId: string
let newest: string
let largeAccount: string

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
  const connected = await admin.connect()
  inboxId = connected.inboxId
  const { inboxId: hidden } = await admin.connect()
  agent = await admin.invite('AGENT', [inboxId])
  // 500 namesakes in an inbox that the agent does not see, before the one they do, and newer all the same.
  await addContacts(admin.accountId, hidden, 500, 'สมชาย')
  const person = world.standin.tiktok.addPerson({ username: 'somchai.k', displayName: 'สมชาย ใจดี' })
  newest = (await admin.customerWrites(connected.business, 'Hello', person)).conversation.id
  largeAccount = (await world.business()).accountId
  await addContacts(largeAccount, undefined, OTHERS, 'สมชาย')
  await addContacts(largeAccount, undefined, 1, 'Rare Person')
  await sql`update contacts set created_at = now() - interval '1 year' where name like 'Rare%'`
  await sql`analyze contacts, contact_identities`
}, 120_000)

afterAll(async () => {
  await sql.end()
  await world.close()
})

async function addContacts(accountId: string, inboxId: string | undefined, count: number, name: string) {
  await sql`
    insert into contacts (account_id, id, name, first_seen_at, created_at)
    select ${accountId}, gen_random_uuid(), ${name} || ' ' || n, now(), now() + interval '1 h' + n * interval '1 ms'
    from generate_series(1, ${count}::int) n`
  if (!inboxId) return
  await sql`
    insert into contact_identities (account_id, inbox_id, external_id, contact_id)
    select account_id, ${inboxId}, id, id from contacts
    where account_id = ${accountId} and id not in (select contact_id from contact_identities)`
}

const found = async (actor: Actor, query: string) => (await actor.conversations({ query })).map((row) => row.id)

/** Rows and pages that the search itself touches, of the whole table. */
async function costOf(pattern: string, inboxIds: string[] | null, accountId: string): Promise<Counts> {
  const counts = await sql.begin(async (tx) => {
    await tx`select set_config('app.account_id', ${accountId}, true)`
    await tx`set local role parley_app`
    const before = await readCounts(tx)
    await tx`select search_contact_ids(${pattern}, ${inboxIds}, 200)`
    const after = await readCounts(tx)
    return { scanned: after.scanned - before.scanned, fetched: after.fetched - before.fetched }
  })
  return counts
}

interface Counts {
  scanned: number
  fetched: number
}

/** What this transaction has read so far, of contacts and who they are, by scans and through indexes. */
async function readCounts(tx: postgres.TransactionSql): Promise<Counts> {
  const [row] = await tx<Counts[]>`
    select sum(pg_stat_get_xact_tuples_returned(c.oid)) filter (where c.relkind = 'r')::int as scanned,
      sum(pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid))
        filter (where c.relkind = 'i')::int
        + sum(pg_stat_get_xact_tuples_fetched(c.oid)) filter (where c.relkind = 'r')::int as fetched
    from pg_class c left join pg_index i on i.indexrelid = c.oid
    where coalesce(i.indrelid, c.oid) in ('contacts'::regclass, 'contact_identities'::regclass)`
  return row ?? { scanned: 0, fetched: 0 }
}

describe('search', () => {
  it('finds whom an agent sees behind any number of namesakes whom they do not', async () => {
    for (const query of ['สมชาย', 'somchai', 'SOMCHAI.K', 'ใจดี', 'ดี']) {
      expect(await found(agent, query), query).toEqual([newest])
    }
    expect(await found(admin, 'somchai')).toEqual([newest])
  })

  it('takes the newest contacts when there are too many', async () => {
    const person = world.standin.tiktok.addPerson({ username: 'late.comer', displayName: 'สมชาย คนใหม่' })
    const inbox = world.standin.tiktok.world.businesses.values().next().value
    if (!inbox) throw new Error('no business')
    const { conversation } = await admin.customerWrites(inbox, 'Hello', person)
    await sql`update contacts set created_at = now() + interval '2 h' where username = 'late.comer'`
    expect(await found(admin, 'สมชาย')).toContain(conversation.id)
  })

  it('looks for nothing but the number when it has one character', async () => {
    const { displayId } = await admin.conversation(newest)
    expect(await found(admin, String(displayId))).toEqual([newest])
    for (const query of ['s', 'ส', '#', '%']) expect(await found(admin, query), query).toEqual([])
  })

  it('reads no more than its own account, whatever the text', async () => {
    for (const pattern of ['%สมชาย%', '%ดี%', '%so%', '%k.%', '%nobody at all%', '%..%']) {
      for (const seen of [null, [inboxId], [randomUUID()]]) {
        const { scanned, fetched } = await costOf(pattern, seen, admin.accountId)
        expect(scanned, `${pattern} scans`).toBe(0)
        expect(fetched, `${pattern} reads`).toBeLessThan(10_000)
      }
    }
  })

  it('never reads through a large account for a rare name, nor for one that everybody has', async () => {
    const rare = await costOf('%rare person%', null, largeAccount)
    expect(rare.scanned).toBe(0)
    expect(rare.fetched).toBeLessThan(20_000)
    const common = await costOf('%สมชาย%', null, largeAccount)
    expect(common.scanned).toBe(0)
    expect(common.fetched).toBeLessThan(2_000)
  })
})
