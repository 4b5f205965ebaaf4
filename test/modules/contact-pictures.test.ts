import type postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveContact, updateContactProfile } from '../../server/modules/contacts/contacts.service.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql

beforeAll(async () => {
  world = await startWorld({ jobs: false })
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

it('takes any address for a picture that a channel hands over: it poisons no message of its customer (I4)', async () => {
  const admin = await world.business()
  const { inboxId } = await admin.connect()
  const person = { ref: 'anan', name: 'Anan', avatarUrl: 'https://x.test/a\0.jpg' }
  const contactId = await world.deps.scopes
    .system(admin.accountId)
    .tx((tx) => resolveContact(tx, inboxId, person, new Date()))
  const shown = async () => {
    const [row] = await sql<{ avatar_url: string }[]>`select avatar_url from contacts where id = ${contactId}`
    return row?.avatar_url
  }
  expect(await shown()).toBe('https://x.test/a\uFFFD.jpg')
  const later = { ...person, avatarUrl: 'https://x.test/b\0.jpg' }
  await world.deps.scopes.system(admin.accountId).tx((tx) => updateContactProfile(tx, contactId, later))
  expect(await shown()).toBe('https://x.test/b\uFFFD.jpg')
})
