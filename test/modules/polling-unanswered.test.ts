import { describe, expect, it } from 'vitest'
import { repairGap } from '../../server/modules/history/history.service.ts'
import { readHistoryOn } from '../../server/modules/history/read-history.ts'
import type { FaultKind, Operation } from '../standin/respondio/knobs.ts'
import { ImportHistoryDocument } from '../support/generated.ts'
import { usePolling } from './polling-stage.ts'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
const stage = usePolling()

const standingFault = (kind: FaultKind, operation: Operation) =>
  stage.world.standin.respondio.fault({
    kind,
    operations: [operation],
    spaceId: stage.polling.shop.space.id,
    count: Infinity,
  })

/** Reads the past as far as that is possible now; answers how far that is. */
async function readPast() {
  const { accountId, inboxId: id } = stage.polling.shop
  for (;;) {
    const wait = await readHistoryOn(stage.world.deps, stage.world.deps.scopes.system(accountId), id)
    if (wait === undefined) break
    await new Promise((done) => setTimeout(done, Math.min(wait, 300)))
  }
  const [run] = await stage.sql`
    select state, failure_code, threads_found, threads_read from history_runs where inbox_id = ${id}`
  return run
}

async function gapSince(): Promise<Date | null> {
  const [row] = await stage.sql<
    { at: Date | null }[]
  >`select gap_since as at from inboxes where id = ${stage.polling.shop.inboxId}`
  return row?.at ?? null
}

describe('one person about whom nothing is to be had', () => {
  it.each<FaultKind>(['403', '403_html'])('holds nobody else up for long: %s', async (kind) => {
    const [one, other] = [await stage.somebody('one'), await stage.somebody('other')]
    // One at a time.
    stage.world.standin.respondio.setKnobs({ rateLimit: 5 })
    await stage.polling.hurry('read', one)
    await stage.polling.all('read')
    for (const contact of [one, other]) stage.polling.writes(contact, 'again')
    stage.fault(kind, 'message_list', one, 3)
    await stage.sql`
      update polled_threads set read_due_at = now() - case when thread_ref = ${String(one)} then interval '1 minute' else '0' end
      where inbox_id = ${stage.polling.shop.inboxId}`
    await stage.polling.all('read')
    expect((await stage.polling.poll())['failure_code']).not.toBeNull()
    expect(await stage.polling.row(one)).toMatchObject({ attempts: 1 })
    stage.advance(6 * SECOND)
    await stage.polling.all('read')
    expect(await stage.texts(other)).toEqual(['other', 'again'])
    for (let attempt = 0; attempt < 3; attempt++) {
      stage.advance(3 * MINUTE)
      await stage.polling.all('read')
    }
    expect(await stage.texts(one)).toEqual(['one', 'again'])
    expect((await stage.polling.poll())['failure_code']).toBeNull()
  })

  it('does not keep the past of everybody else from being read', async () => {
    const at = Date.now() - 3 * HOUR
    const [one, other] = [
      stage.polling.writes({ firstName: 'One' }, 'long ago', at),
      stage.polling.writes({ firstName: 'Other' }, 'so, too', at),
    ]
    stage.fault('400', 'contact_channels', one.contactId, Infinity)
    await stage.polling.hurry('list')
    await stage.polling.all()
    expect(await readPast()).toMatchObject({ state: 'listing' })
    expect(await stage.polling.row(other.contactId)).toMatchObject({ present: true })
    for (let attempt = 1; attempt < 8; attempt++) {
      stage.advance(10 * MINUTE)
      await stage.polling.all('check')
    }
    expect(await stage.polling.row(one.contactId)).toMatchObject({ present: null, attempts: 8 })
    expect(await readPast(), 'nobody knows what they wrote').toMatchObject({
      ...{ state: 'failed', failure_code: 'THREADS_PASSED_OVER', threads_found: 2, threads_read: 1 },
    })
    expect(await gapSince()).not.toBeNull()
    const { accountId, inboxId } = stage.polling.shop
    await stage.world.deps.scopes.system(accountId).tx((tx) => repairGap(tx, stage.world.deps.channels, inboxId))
    await stage.polling.all('list')
    expect(await readPast(), 'it is not repaired for ever').toMatchObject({ state: 'done' })
    expect(await gapSince()).toBeNull()
  })

  it('holds up the past for a day where there is nobody else', async () => {
    const { contactId } = stage.polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    stage.fault('400', 'contact_channels', contactId, Infinity)
    for (const hours of [0, 1, 2, 20]) {
      stage.advance(hours * HOUR)
      await stage.polling.hurry('list')
      await stage.polling.all('list', 'check')
      expect(await readPast()).toMatchObject({ state: 'listing' })
    }
    stage.advance(2 * HOUR)
    expect(await readPast()).toMatchObject({ state: 'failed', failure_code: 'THREADS_PASSED_OVER', threads_found: 1 })
  })

  it('holds up the past no longer once they are on the list no more', async () => {
    const { contactId } = stage.polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    stage.fault('400', 'contact_channels', contactId, Infinity)
    await stage.polling.hurry('list')
    await stage.polling.all()
    expect(await stage.polling.row(contactId)).toMatchObject({ present: null })
    stage.world.standin.respondio.world.contacts.delete(contactId)
    stage.advance(2 * MINUTE)
    await stage.polling.all('list')
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 0 })
  })
})

describe('a provider that tells of nobody', () => {
  it.each<FaultKind>(['502', '404_html'])('has the past waited for, and read once it tells again: %s', async (kind) => {
    const at = Date.now() - 3 * HOUR
    const { contactId } = stage.polling.writes({ firstName: 'One' }, 'long ago', at)
    stage.polling.writes({ firstName: 'Other' }, 'so, too', at)
    standingFault(kind, 'contact_channels')
    await stage.polling.hurry('list')
    await stage.polling.all()
    for (let attempt = 1; attempt < 10; attempt++) {
      stage.advance(10 * MINUTE)
      await stage.polling.all('check')
    }
    expect(await stage.polling.row(contactId)).toMatchObject({ present: null })
    expect(await readPast()).toMatchObject({ state: 'listing' })
    stage.world.standin.respondio.clearFaults()
    stage.advance(10 * MINUTE)
    await stage.polling.all('check')
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 2, threads_read: 2 })
    expect((await stage.texts()).toSorted()).toEqual(['long ago', 'so, too'])
  })

  it('but answers with pages, which makes those who are known seem gone, has the past of others waited for', async () => {
    const known = await stage.somebody()
    const { contactId } = stage.polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    standingFault('404_html', 'contact_channels')
    await stage.polling.hurry('list')
    await stage.polling.all('list')
    for (let attempt = 0; attempt < 10; attempt++) {
      for (const contact of [known, contactId]) await stage.polling.hurry('check', contact)
      await stage.polling.all('check')
      stage.advance(10 * MINUTE)
    }
    expect(await stage.polling.row(known)).toMatchObject({ present: false })
    expect(await readPast()).toMatchObject({ state: 'listing' })
  })

  it('for a moment, and takes people for gone, has the past of those on the list read all the same', async () => {
    const contact = await stage.somebody()
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 1 })
    stage.advance(2 * MINUTE)
    const { accountId, inboxId } = stage.polling.shop
    await stage.admin.gql(ImportHistoryDocument, { input: { accountId, inboxId } })
    stage.fault('404_html', 'contact_channels', contact)
    await stage.polling.hurry('check', contact)
    await stage.polling.all('list', 'check')
    expect(await stage.polling.row(contact)).toMatchObject({ present: false })
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 1, threads_read: 1 })
  })

  it('and answers with pages while the past is read has it end as not read', async () => {
    stage.polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    await stage.polling.hurry('list')
    await stage.polling.all('list', 'check')
    standingFault('404_html', 'message_list')
    expect(await readPast()).toMatchObject({
      ...{ state: 'failed', failure_code: 'THREADS_PASSED_OVER', threads_found: 1, threads_read: 0 },
    })
    expect(await gapSince()).not.toBeNull()
  })
})
