import type { Tx } from '../../db/scope.ts'

/** Makes one contact of two who turned out to be the same customer of an inbox: what the kept one lacks the other gives. */
export async function mergeContacts(tx: Tx, inboxId: string, kept: string, gone: string): Promise<void> {
  if (kept === gone) return
  const { sql, accountId } = tx
  await sql`
    update contact_identities set contact_id = ${kept}
    where account_id = ${accountId} and inbox_id = ${inboxId} and contact_id = ${gone}`
  await sql`update referrals set contact_id = ${kept} where account_id = ${accountId} and contact_id = ${gone}
    and thread_id in (select id from threads where account_id = ${accountId} and contact_id = ${kept})`
  await sql`
    update contacts k set username = coalesce(k.username, g.username), avatar_url = coalesce(k.avatar_url, g.avatar_url),
      name = case when k.name = k.username and g.profile_synced_at is not null then g.name else k.name end,
      profile_synced_at = coalesce(k.profile_synced_at, g.profile_synced_at),
      first_seen_at = least(k.first_seen_at, g.first_seen_at)
    from contacts g
    where k.account_id = ${accountId} and k.id = ${kept} and g.account_id = k.account_id and g.id = ${gone}`
}

/** Nobody's any more once its last thread has gone over to another contact. */
export async function removeContactIfAlone(tx: Tx, contactId: string): Promise<void> {
  await tx.sql`
    delete from contacts c where c.account_id = ${tx.accountId} and c.id = ${contactId}
      and not exists (select 1 from threads t where t.account_id = c.account_id and t.contact_id = c.id)
      and not exists (select 1 from conversations v where v.account_id = c.account_id and v.contact_id = c.id)
      and not exists (select 1 from referrals r where r.account_id = c.account_id and r.contact_id = c.id)
      and not exists (select 1 from contact_identities n where n.account_id = c.account_id and n.contact_id = c.id)`
}
