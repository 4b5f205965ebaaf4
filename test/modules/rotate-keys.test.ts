import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkEncryptionKey, renewCanary } from '../../server/boot.ts'
import { rotateKeys } from '../../server/modules/inboxes/rotate-keys.ts'
import { Vault } from '../../server/kit/crypto.ts'
import type { Actor } from '../support/actor.ts'
import { untilStatus } from '../support/messages.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let admin: Actor

beforeAll(async () => {
  world = await startWorld()
  admin = await world.business()
})
afterAll(() => world.close())

it('keys rotate while messages go out, and the command tells when the old one may go (I14)', async () => {
  const { business } = await admin.connect()
  const [old] = world.config.encryptionKeys
  if (!old) throw new Error('no key')
  const next = { kid: 'next', key: Buffer.alloc(32, 9) }
  const deps = { ...world.deps, vault: new Vault([next, old]) }
  expect(await rotateKeys(deps)).toEqual({ rotated: 1, left: 0 })
  expect(await rotateKeys(deps)).toEqual({ rotated: 0, left: 0 })
  expect(await rotateKeys({ ...world.deps, vault: new Vault([old, next]) })).toEqual({ rotated: 1, left: 0 })
  await renewCanary(deps)
  await expect(checkEncryptionKey(world.deps)).rejects.toThrow('ENCRYPTION_KEYS')
  await expect(checkEncryptionKey(deps)).resolves.toBeUndefined()
  const { conversation } = await admin.customerWrites(business)
  const { id } = await admin.send(conversation.id, 'with the key of now')
  await untilStatus(admin, conversation.id, id, 'SENT')
})
