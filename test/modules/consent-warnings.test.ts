import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsafeListUnsentMails } from '../../server/modules/mails/mails.queries.ts'
import { deliverMail } from '../../server/modules/mails/mails.service.ts'
import type { Actor } from '../support/actor.ts'
import { InboxTimesDocument } from '../support/generated.ts'
import { listMails } from '../support/mails.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

const DAY_MS = 86_400_000

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business('Baan Cha')
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** As if the consent had these days left; fractions are hours. */
const endsIn = (inboxId: string, days: number) =>
  sql`update inboxes set consent_expires_at = ${new Date(Date.now() + days * DAY_MS)} where id = ${inboxId}`

const now = () => new Date(Date.now() + 10_000)

/** One turn of the schedule. */
async function warn(): Promise<void> {
  await runSchedule(world.deps, 'consents', now())
}

async function deliver(): Promise<void> {
  for (const id of await unsafeListUnsentMails(world.deps.system, now(), 100)) await deliverMail(world.deps, id)
}

async function warningsTo(actor: Actor) {
  await deliver()
  const mails = await listMails(world.config.dataDir)
  return mails.filter((mail) => mail.to.includes(actor.email) && /permission ends|หมดอายุ/.test(mail.subject))
}

async function inviteAgent(owner: Actor, inboxId: string): Promise<Actor> {
  const postman = setInterval(() => void deliver(), 200)
  try {
    return await owner.invite('AGENT', [inboxId])
  } finally {
    clearInterval(postman)
  }
}

describe('before a consent ends', () => {
  it('administrators are told 30, 14, 7, 3 and 1 day ahead, each once, with the day and the way to the inbox', async () => {
    const { inboxId } = await admin.connect()
    await endsIn(inboxId, 30.5)
    await warn()
    expect(await warningsTo(admin)).toEqual([])
    for (const [place, days] of [29.9, 13.9, 6.9, 2.9, 0.9].entries()) {
      await endsIn(inboxId, days)
      await warn()
      await warn()
      expect(await warningsTo(admin), `${days} days`).toHaveLength(place + 1)
    }
    const [mail] = await warningsTo(admin)
    expect(mail?.subject).toMatch(/^The shop\..*: the permission ends on \d+ \w+ \d{4}$/)
    expect(mail?.text).toContain(`/a/${admin.accountId}/settings/inboxes/${inboxId}`)
    expect(mail?.text).toContain('Baan Cha')
    await endsIn(inboxId, -0.1)
    await warn()
    expect(await warningsTo(admin)).toHaveLength(5)
  })

  it('a step that was slept through is not sent with the next one, and a new connection is warned of anew', async () => {
    const owner = await world.business()
    const { inboxId, business } = await owner.connect()
    await endsIn(inboxId, 5)
    await warn()
    expect(await warningsTo(owner)).toHaveLength(1)
    await endsIn(inboxId, 10)
    await warn()
    expect(await warningsTo(owner), 'the more urgent one stands for the others').toHaveLength(1)
    await owner.authorize({ business, inboxId })
    await warn()
    expect(await warningsTo(owner), 'connecting again gives another year').toHaveLength(1)
    await endsIn(inboxId, 5)
    await warn()
    expect(await warningsTo(owner)).toHaveLength(2)
  })

  it('speaks the reader’s language, to administrators alone', async () => {
    const owner = await world.business()
    const { inboxId } = await owner.connect()
    await sql`update users set locale = 'th' where id = ${owner.userId}`
    const agent = await inviteAgent(owner, inboxId)
    await endsIn(inboxId, 2)
    await warn()
    const [mail] = await warningsTo(owner)
    expect(mail?.subject).toMatch(/สิทธิ์จะหมดอายุวันที่ \d+ \S+ 25\d\d/)
    expect(mail?.text).toContain('เชื่อมต่ออีกครั้ง')
    expect(await warningsTo(agent)).toEqual([])
  })

  it('says nothing of a connection that has ended or was made anew before the mail went out', async () => {
    const owner = await world.business()
    const [lost, again] = [await owner.connect(), await owner.connect()]
    await endsIn(lost.inboxId, 2)
    await sql`update inboxes set reauthorization_required = true where id = ${lost.inboxId}`
    await endsIn(again.inboxId, 2)
    await warn()
    await owner.authorize({ business: again.business, inboxId: again.inboxId })
    expect(await warningsTo(owner)).toEqual([])
  })
})

it('the times of a connection are told, until it is disconnected', async () => {
  const { inboxId } = await admin.connect()
  const times = async () => (await admin.gql(InboxTimesDocument, { accountId: admin.accountId, id: inboxId })).inbox
  const { accessExpiresAt, consentExpiresAt } = await times()
  expect(Date.parse(String(accessExpiresAt)) - Date.now()).toBeGreaterThan(0.9 * DAY_MS)
  expect(Date.parse(String(consentExpiresAt)) - Date.now()).toBeGreaterThan(364 * DAY_MS)
  await sql`update inboxes set disconnected_at = now() where id = ${inboxId}`
  expect(await times()).toEqual({ accessExpiresAt: null, consentExpiresAt: null })
})
