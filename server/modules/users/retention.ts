import type { System } from '../../deps.ts'

const DAY_MS = 24 * 3_600_000

/**
 * Forgets what has ended: sessions and mails after 30 days, links after 7, what sockets were told after 1. At most
 * `limit` rows of each kind at a time, so that no round takes long.
 */
export async function unsafePruneIdentity({ sql }: System, now: Date, limit: number): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS)
  await sql`delete from sessions where id in (
    select id from sessions where least(ended_at, expires_at) < ${before(30)} limit ${limit})`
  await sql`delete from mail_tokens where token_hash in (
    select token_hash from mail_tokens where expires_at < ${before(7)} limit ${limit})`
  await sql`delete from mails where id in (
    select id from mails where coalesce(sent_at, failed_at) < ${before(30)} limit ${limit})`
  await sql`delete from access_changes where id in (
    select id from access_changes where created_at < ${before(1)} limit ${limit})`
}
