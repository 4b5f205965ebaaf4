import { and, eq } from 'drizzle-orm'
import type { PersonRef } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { contactIdentities, contacts } from '../../db/schema/index.ts'
import { newId } from '../../kit/ids.ts'
import { storable } from '../../kit/text.ts'

/**
 * The contact behind a person of an inbox, made when the person is new. The provider's id decides, names change. Two
 * workers that meet the same new person end with one contact.
 */
export async function resolveContact(tx: Tx, inboxId: string, person: PersonRef, seenAt: Date): Promise<string> {
  const found = await findIdentity(tx, inboxId, person.ref)
  if (found) return found
  const id = newId()
  await tx.orm.insert(contacts).values({
    accountId: tx.accountId,
    id,
    name: displayName(person),
    username: person.username ? storable(person.username) : null,
    avatarUrl: person.avatarUrl ? storable(person.avatarUrl) : null,
    firstSeenAt: seenAt,
  })
  const made = await tx.orm
    .insert(contactIdentities)
    .values({ accountId: tx.accountId, inboxId, externalId: person.ref, contactId: id })
    .onConflictDoNothing()
    .returning({ contactId: contactIdentities.contactId })
  if (made.length) return id
  await tx.orm.delete(contacts).where(and(eq(contacts.accountId, tx.accountId), eq(contacts.id, id)))
  const other = await findIdentity(tx, inboxId, person.ref)
  if (!other) throw new Error('an identity vanished between two statements')
  return other
}

/** A contact is also this person of the inbox, unless somebody else is. */
export async function addIdentity(tx: Tx, inboxId: string, externalId: string, contactId: string): Promise<void> {
  await tx.orm
    .insert(contactIdentities)
    .values({ accountId: tx.accountId, inboxId, externalId, contactId })
    .onConflictDoNothing()
}

async function findIdentity(tx: Tx, inboxId: string, externalId: string): Promise<string | undefined> {
  const [row] = await tx.sql<{ contact_id: string }[]>`
    select contact_id from contact_identities
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and external_id = ${externalId}`
  return row?.contact_id
}

const displayName = (person: PersonRef) =>
  storable(person.name?.trim() || person.username?.trim() || person.ref.slice(0, 40)).slice(0, 200)

/** Takes over what the provider says of a person: name, username, picture. */
export async function updateContactProfile(
  tx: Tx,
  contactId: string,
  person: Omit<PersonRef, 'ref'> | undefined,
): Promise<void> {
  await tx.orm
    .update(contacts)
    .set({
      ...(person?.name?.trim() ? { name: storable(person.name.trim()).slice(0, 200) } : {}),
      ...(person?.username ? { username: storable(person.username) } : {}),
      ...(person?.avatarUrl ? { avatarUrl: storable(person.avatarUrl) } : {}),
      profileSyncedAt: tx.clock.now(),
    })
    .where(and(eq(contacts.accountId, tx.accountId), eq(contacts.id, contactId)))
}

/** Takes over a new username, and with it the name where that was all we had. */
export async function renameContact(tx: Tx, contactId: string, username: string): Promise<void> {
  const text = storable(username)
  await tx.sql`
    update contacts set username = ${text}, name = case when name = username then ${text} else name end
    where account_id = ${tx.accountId} and id = ${contactId}`
}

/** Takes over what is said of somebody who goes by the name of their thread so far, and the id that they turn out to have. */
export async function nameContact(
  tx: Tx,
  place: { inboxId: string; contactId: string; namedAfter: string },
  person: PersonRef,
): Promise<void> {
  const { sql, accountId } = tx
  const { inboxId, contactId, namedAfter } = place
  const nameless = await sql`
    select 1 from contacts where account_id = ${accountId} and id = ${contactId}
      and name = ${displayName({ ref: namedAfter })} and username is null`
  if (!nameless.length) return
  await updateContactProfile(tx, contactId, { ...person, name: displayName(person) })
  await sql`
    insert into contact_identities (account_id, inbox_id, external_id, contact_id)
    values (${accountId}, ${inboxId}, ${person.ref}, ${contactId}) on conflict do nothing`
}
