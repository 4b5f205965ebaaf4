import { and, eq } from 'drizzle-orm'
import { isDeepStrictEqual } from 'node:util'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { connectInbox, type ConnectInput } from './connect-inbox.ts'
import { unsealCredentials } from './credentials.ts'
import type { InboxRow } from './inboxes.queries.ts'

export interface Adoption {
  inboxId: string
  name: string
  /** It was connected with just that before, and nothing was written. */
  known: boolean
}

const adoptionOf = ({ id, name }: InboxRow, known: boolean): Adoption => ({ inboxId: id, name, known })

async function findOwn(tx: ReadTx, channelType: string, externalId: string): Promise<InboxRow | undefined> {
  const ofBusiness = and(eq(inboxes.channelType, channelType), eq(inboxes.externalId, externalId))
  const [inbox] = await tx.orm
    .select()
    .from(inboxes)
    .where(and(eq(inboxes.accountId, tx.accountId), ofBusiness))
  return inbox
}

const works = (inbox: InboxRow) => !inbox.disconnectedAt && !inbox.reauthorizationRequired

/** The account's own inbox of a business, as long as it works. */
export async function findWorking(
  scope: Scope,
  channelType: string,
  externalId: string,
): Promise<Adoption | undefined> {
  const inbox = await scope.read((tx) => findOwn(tx, channelType, externalId))
  return inbox && works(inbox) ? adoptionOf(inbox, true) : undefined
}

/**
 * Makes an inbox of a connection that was made elsewhere, unless the account has one that works with just that. `note`
 * writes beside it, in its transaction. Errors as of `connectInbox`.
 */
export async function adoptConnection(
  deps: Deps,
  scope: Scope,
  input: ConnectInput,
  note: (tx: Tx) => Promise<void> = () => Promise.resolve(),
): Promise<Adoption> {
  const { channelType, connection } = input
  const own = await scope.read((tx) => findOwn(tx, channelType, connection.externalId))
  if (own && works(own) && isDeepStrictEqual(unsealCredentials(deps, own), connection.credentials))
    return adoptionOf(own, true)
  const inbox = await connectInbox(deps, scope, async (tx) => {
    await note(tx)
    return input
  })
  return adoptionOf(inbox, false)
}
