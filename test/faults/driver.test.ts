import { setTimeout as pause } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool, type Sql } from '../../server/db/client.ts'
import { createTestDatabase } from '../support/database.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let admin: postgres.Sql

beforeAll(async () => {
  database = await createTestDatabase()
  admin = postgres(database.url, { max: 1, onnotice: () => {} })
  await admin`create table kept (id integer primary key)`
  await admin`grant select, insert on kept to parley_app`
})

afterAll(async () => {
  await admin.end()
  await database.drop()
})

const pool = (max: number): Sql => openPool(database.url, { role: 'parley_app', max })

const endSessions = () => admin`
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'parley_app'`

describe('a session of Postgres that ends (I1, I18)', () => {
  it('takes its transaction along: what that still asks reaches nobody else’s connection', async () => {
    const sql = pool(1)
    let asks = true
    let asking: Promise<void> | undefined
    const transaction = sql.begin(async (tx) => {
      await tx`select 1`
      await endSessions()
      asking = (async () => {
        for (; asks; await pause(1)) await Promise.race([tx`select 'astray' as told`.catch(() => {}), pause(20)])
      })()
      await asking
    })
    await expect(transaction).rejects.toThrow()
    const answers: unknown[] = []
    for (let time = 0; time < 12; time++)
      answers.push(await Promise.race([sql`select ${time}::integer as told`.catch(() => 'refused'), pause(8_000)]))
    // The session's end itself may still hit the first.
    const [first, ...others] = answers
    expect(first === 'refused' ? [{ told: 0 }] : first).toEqual([{ told: 0 }])
    expect(others).toEqual(others.map((_, place) => [{ told: place + 1 }]))
    asks = false
    await asking
    await sql.end({ timeout: 1 })
  })

  it('leaves no question without an answer, and calls nothing written that is not', async () => {
    const sql = pool(4)
    const told: number[] = []
    let next = 0
    let done = false
    const write = async (place: number) => {
      while (!done) {
        const id = ++next
        const insert =
          place % 2 ? sql`insert into kept values (${id})` : sql.begin((tx) => tx`insert into kept values (${id})`)
        const outcome = await Promise.race([
          insert.then(
            () => 'told',
            () => 'refused',
          ),
          pause(12_000, 'nothing'),
        ])
        expect(outcome).not.toBe('nothing')
        if (outcome === 'told') told.push(id)
        else await pause(5)
      }
    }
    const writers = Array.from({ length: 12 }, (_, place) => write(place))
    for (let round = 0; round < 12; round++) {
      await pause(Math.random() * 400)
      await endSessions()
    }
    done = true
    await Promise.all(writers)
    const kept = new Set((await admin<{ id: number }[]>`select id from kept`).map(({ id }) => id))
    expect(told.filter((id) => !kept.has(id))).toEqual([])
    expect(told.length).toBeGreaterThan(0)
    await sql.end({ timeout: 1 })
  })
}, 60_000)
