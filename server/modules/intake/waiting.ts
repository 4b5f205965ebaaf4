import type { Tx } from '../../db/scope.ts'
import type { Deps, System } from '../../deps.ts'
import { FEATURE_FLAGS } from '../accounts/feature-flags.ts'
import { ingestThread } from './intake.jobs.ts'
import type { StaleThread } from './intake.queries.ts'

/** What an administrator's click works off by itself; the sweep does the rest. */
const AT_ONCE = 500
const BATCH = 2_000
const BATCHES = 10

/**
 * What waited for this account (an inbox that was not there, a flag, a suspension) is worked off now (I1), the oldest
 * first. Bounded, since it is part of somebody's request; rows that the sweep is at are left to it.
 */
export async function rearmDeliveries(tx: Tx): Promise<void> {
  const { sql, accountId } = tx
  const rows = await sql<StaleThread[]>`
    update webhook_events set state = 0, code = null, next_attempt_at = null
    where id = any(array(
      select id from webhook_events
      where state = 3 and (channel_type, account_ref) in (
        select channel_type, external_id from inboxes where account_id = ${accountId} and disconnected_at is null
        union all select from_channel_type, from_external_id from inbox_swaps
        where account_id = ${accountId} and state = 'open')
      order by id limit ${AT_ONCE} for no key update skip locked))
    returning channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"`
  const threads = new Map(rows.map((row) => [row.threadKey, row]))
  for (const thread of threads.values()) tx.enqueue(ingestThread, thread)
}

/** The flag that a channel's inboxes depend on. */
interface ChannelFlag {
  channelType: string
  key: string
  enabledByDefault: boolean
}

/** Channels whose flag is in no list are always off. */
function channelFlags({ channels }: Deps): ChannelFlag[] {
  return channels.all().flatMap(({ manifest }) => {
    const flag = FEATURE_FLAGS.find(({ key }) => key === manifest.featureFlag)
    return flag ? [{ channelType: manifest.id, key: flag.key, enabledByDefault: flag.enabledByDefault }] : []
  })
}

/** Whatever waits and need not any more is tried again; what still keeps it sets it aside once more. */
export async function rearmWaiting(deps: Deps): Promise<void> {
  const flags = channelFlags(deps)
  for (let batch = 0; batch < BATCHES; batch++) {
    if ((await unsafeRearmWaiting(deps.system, flags, BATCH)) < BATCH) return
  }
}

/** Crosses tenants. By inbox first, so that it costs a look into the index each, however much there is; then by age. */
async function unsafeRearmWaiting(system: System, flags: readonly ChannelFlag[], limit: number): Promise<number> {
  const rows = await system.sql`
    with open as (
      select i.channel_type, i.external_id from (
        select account_id, channel_type, external_id from inboxes where disconnected_at is null
        union all select account_id, from_channel_type, from_external_id from inbox_swaps where state = 'open') i
      join accounts a on a.id = i.account_id and a.status = 'active'
      join unnest(${flags.map((flag) => flag.channelType)}::text[], ${flags.map((flag) => flag.key)}::text[],
        ${flags.map((flag) => String(flag.enabledByDefault))}::text[]) as c(type, flag, enabled) on c.type = i.channel_type
      left join feature_flags f on f.account_id = i.account_id and f.key = c.flag
      where coalesce(f.enabled, c.enabled::boolean)
    ), oldest as (
      select w.id from open cross join lateral (
        select id from webhook_events
        where state = 3 and channel_type = open.channel_type and account_ref = open.external_id
        order by id limit ${limit}) w
      order by w.id limit ${limit})
    update webhook_events set state = 0, code = null, next_attempt_at = null
    where id = any(array(
      select id from webhook_events where state = 3 and id = any(array(select id from oldest))
      order by id for no key update skip locked))
    returning id`
  return rows.length
}
