import type { Channel, Rate, RatedCall } from './contract.ts'

/** The name of a limit that counts for some credentials alone. */
export const scopedBucket = (bucket: string, scope: string): string => `${bucket}:${scope}`

/** The limit that a call for an inbox counts by: the whole app's, or the inbox's own where the provider counts so. */
export function rateOf(
  { manifest }: Pick<Channel, 'manifest'>,
  { rateScope }: { rateScope: string | null },
  call: RatedCall = 'send',
): Rate {
  const rate = manifest.rates?.[call] ?? manifest.rate
  return rateScope === null ? rate : { ...rate, bucket: scopedBucket(rate.bucket, rateScope) }
}
