import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import { openSql } from '../support/sql.ts'
import { addBothSides, connectRespondIo, connectTikTok } from '../support/swaps.ts'
import { startWorld, type World } from '../support/world.ts'
import { Past } from './past.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ jobs: false })
})
afterAll(() => world.close())

it('what is on its way at a provider that an inbox leaves goes out there with a token that is renewed for it (I15)', async () => {
  const { tiktok, respondio } = world.standin
  const sql = openSql(world)
  const admin = await world.business()
  const sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
  const person = tiktok.addPerson({ username: 'alice', displayName: 'Alice Demo' })
  const inboxId = await connectTikTok(admin, sides)
  const { conversationId: threadRef } = tiktok.customerWrites({ business: sides.business, person, text: 'Hello' })
  await new Past(world, sql, admin).workOff()
  const [conversation] = await admin.conversations({ inboxId })
  const { id } = await admin.send(conversation?.id ?? '', 'with the renewed one')
  const kept = async () => {
    const [row] = await sql`select from_credentials as sealed, (from_connection->>'credentialsVersion')::int as version,
      from_connection->'reauthorizationRequired' as ended from inbox_swaps where inbox_id = ${inboxId}`
    return row ?? {}
  }

  await connectRespondIo(admin, sides, inboxId)
  const before = await kept()
  tiktok.expireAccessTokens(sides.business)
  const [thread] = await sql<{ id: string }[]>`select id from threads where inbox_id = ${inboxId}`
  const scope = world.deps.scopes.system(admin.accountId)
  for (let wait: number | undefined = 0; wait !== undefined;) {
    await new Promise((done) => setTimeout(done, wait))
    wait = await drainQueuedMessages(world.deps, scope, thread?.id ?? '', () => false)
  }

  const [message] = await sql`select status, channel_type from messages where id = ${id}`
  expect(message).toEqual({ status: 'sent', channel_type: 'tiktok' })
  expect(tiktok.messages(threadRef).map(({ content }) => content)).toMatchObject([
    { body: 'Hello' },
    { body: 'with the renewed one' },
  ])
  expect(respondio.ledger.calls('send')).toEqual([])
  expect(tiktok.ledger.calls('refresh')).toHaveLength(1)
  const after = await kept()
  expect(after).toMatchObject({ version: Number(before['version']) + 1, ended: false })
  expect(after['sealed']).not.toBe(before['sealed'])
  expect(await admin.inbox(inboxId)).toMatchObject({ channelType: 'respondio', reauthorizationRequired: false })
  await sql.end()
})
