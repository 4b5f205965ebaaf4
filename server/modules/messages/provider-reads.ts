import { ChannelError } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Deps } from '../../deps.ts'
import type { Taker } from '../../queue/token-bucket.ts'
import type { InboxRow } from '../inboxes/inboxes.queries.ts'

const RETRY_MS = 30_000

/**
 * Runs a job that reads from a provider: under its rate, after the sends (I9). Answers when to come again: while there is
 * no token, and later when the provider could not answer; a refusal ends it.
 */
export async function readUnderRate(
  deps: Deps,
  inbox: Pick<InboxRow, 'channelType' | 'rateScope'> | undefined,
  taker: Taker,
  work: () => Promise<void>,
): Promise<number | undefined> {
  if (!inbox) return undefined
  const { channelType } = inbox
  const rate = rateOf(deps.channels.get(channelType), inbox, 'read')
  const wait = await deps.buckets.takeSpare(rate, taker)
  if (wait > 0) return wait
  try {
    await work()
    await deps.buckets.accepted(rate).catch(() => {})
    return undefined
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    deps.log.info({ err: error, channelType }, 'a provider could not be read')
    if (error.kind === 'unavailable') return Math.max(RETRY_MS, error.retryAfterMs ?? 0)
    if (error.kind !== 'rate_limited') return undefined
    return Math.max(RETRY_MS, await deps.buckets.pause(rate, error.retryAfterMs).catch(() => 0))
  }
}
