import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkEncryptionKey, renewCanary } from '../../server/boot.ts'
import { rotateKeys } from '../../server/modules/inboxes/rotate-keys.ts'
import { Vault } from '../../server/kit/crypto.ts'
import type { Actor } from '../support/actor.ts'
import { InboxWebhookDocument, TakeBackSwapDocument } from '../support/generated.ts'
import { untilStatus } from '../support/messages.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ loopback: true })
  admin = await world.business()
})
afterAll(() => world.close())

it('keys rotate while messages go out, and the command tells when the old one may go (I14)', async () => {
  const { business } = await admin.connect()
  const formInboxId = await admin.connectByForm({ id: 'shop-1', name: 'The shop' })
  const [old] = world.config.encryptionKeys
  if (!old) throw new Error('no key')
  const next = { kid: 'next', key: Buffer.alloc(32, 9) }
  const deps = { ...world.deps, vault: new Vault([next, old]) }
  expect(await rotateKeys(deps)).toEqual({ rotated: 2, left: 0 })
  expect(await rotateKeys(deps)).toEqual({ rotated: 0, left: 0 })
  const sealed = await world.deps.system.sql<{ keys: string }[]>`
    select webhook_keys as keys from inboxes where id = ${formInboxId}`
  expect(sealed[0]?.keys).toMatch(/^v1\.next\./)
  expect(await rotateKeys({ ...world.deps, vault: new Vault([old, next]) })).toEqual({ rotated: 2, left: 0 })
  const at = { accountId: admin.accountId, id: formInboxId }
  expect((await admin.gql(InboxWebhookDocument, at)).inbox.webhook).toMatchObject({ keys: 1 })
  await renewCanary(deps)
  await expect(checkEncryptionKey(world.deps)).rejects.toThrow('ENCRYPTION_KEYS')
  await expect(checkEncryptionKey(deps)).resolves.toBeUndefined()
  const { conversation } = await admin.customerWrites(business)
  const { id } = await admin.send(conversation.id, 'with the key of now')
  await untilStatus(admin, conversation.id, id, 'SENT')
})

it('the keys of a connection that a swap has left rotate too, and it can be taken back with them (I14)', async () => {
  const { accountId } = admin
  const inboxId = await admin.connectByForm({ id: 'shop-2', name: 'The other shop' })
  const business = world.standin.tiktok.addBusiness({ username: 'other.shop', displayName: 'The other shop' })
  expect(await admin.authorize({ business, inboxId })).toContain('connected=1')
  const [old] = world.config.encryptionKeys
  if (!old) throw new Error('no key')
  const next = { kid: 'later', key: Buffer.alloc(32, 11) }
  const kept = async () => {
    const [row] = await world.deps.scopes.system(accountId).read(
      (tx) => tx.sql`
        select from_credentials as credentials, from_webhook_keys as keys from inbox_swaps where inbox_id = ${inboxId}`,
    )
    return row
  }
  const sealedUnder = (kid: string) => {
    const sealed = expect.stringMatching(`^v1\\.${kid}\\.`) as string
    return { credentials: sealed, keys: sealed }
  }
  expect(await kept()).toEqual(sealedUnder(old.kid))
  expect(await rotateKeys({ ...world.deps, vault: new Vault([next, old]) })).toMatchObject({ left: 0 })
  expect(await kept()).toEqual(sealedUnder(next.kid))
  expect(await rotateKeys({ ...world.deps, vault: new Vault([old, next]) })).toMatchObject({ left: 0 })
  await admin.gql(TakeBackSwapDocument, { input: { accountId, inboxId } })
  expect((await admin.gql(InboxWebhookDocument, { accountId, id: inboxId })).inbox.webhook).toMatchObject({ keys: 1 })
})
