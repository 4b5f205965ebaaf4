import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listDeadLetters, replayDeadLetter } from '../../server/modules/platform/platform.service.ts'
import type { Actor } from '../support/actor.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const operator = { sessionId: 's', userId: crypto.randomUUID(), name: 'Root', platformAdministrator: true }

describe('events that cannot be worked off', () => {
  let world: World
  let admin: Actor
  let sql: postgres.Sql
  beforeAll(async () => {
    world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
    admin = await world.business()
    sql = postgres(world.config.databaseUrl ?? '', { max: 2, onnotice: () => {} })
  }, 120_000)
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await world.close()
  })

  it('I4 end in the dead letters, hold up nobody, and are worked off by a replay once their cause is gone', async () => {
    const { tiktok } = world.standin
    const { business } = await admin.connect()
    const { conversation, person } = await admin.customerWrites(business, 'before')
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`
    const refuse = (texts: string[]) => sql`
      create or replace trigger refuse before insert on messages for each row
      when (new.content = any(${sql.unsafe(`'{${texts.join()}}'`)})) execute function refuse()`
    await refuse(['poison', 'venom'])
    const now = Date.now()
    for (const [place, text] of ['poison', 'after', 'venom', 'and after that'].entries())
      tiktok.customerWrites({ business, person, text, at: now + place })
    const texts = async () => (await admin.messages(conversation.id)).map((message) => message.content)
    await until(async () => (await texts()).length === 3, 'the others come through')
    expect(await texts()).toEqual(['before', 'after', 'and after that'])

    const letters = async () => (await listDeadLetters(world.deps, operator, { first: 10 })).nodes
    await until(async () => (await letters()).length === 2, 'both are dead letters', 60_000)
    for (const letter of await letters())
      expect(letter).toMatchObject({ channelType: 'tiktok', code: 'POISON', attempts: 3 })

    await refuse(['venom'])
    for (const { id } of await letters()) await replayDeadLetter(world.deps, operator, { id })
    await until(async () => (await texts()).length === 4, 'what was refused is there')
    expect(await texts()).toEqual(['before', 'poison', 'after', 'and after that'])
    await until(async () => (await letters()).length === 1, 'the other one is dead again', 60_000)
    expect((await admin.conversation(conversation.id)).unreadCount).toBe(4)
  })
}, 150_000)
