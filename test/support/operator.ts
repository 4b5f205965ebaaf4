import { createVerifiedUser } from '../../server/modules/users/create-user.ts'
import { Actor } from './actor.ts'
import type { World } from './world.ts'

const EMAIL = 'operator@example.com'
const made = new WeakSet<World['deps']>()

/** The platform's administrator, as the operator's command makes them. */
export async function operator(world: World): Promise<Actor> {
  if (!made.has(world.deps)) {
    made.add(world.deps)
    await createVerifiedUser(world.deps, {
      email: EMAIL,
      name: 'Operator',
      password: Actor.password,
      accountName: 'Platform',
    })
  }
  return Actor.logIn(world, EMAIL)
}
