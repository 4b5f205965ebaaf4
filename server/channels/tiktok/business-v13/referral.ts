import type { Referral } from '../../contract.ts'
import { asRecord, asText, asUrl } from '../values.ts'
import type { Json } from '../values.ts'

/** A reference has up to 2,083 characters (TikTok wire reference §6.4). */
const LONGEST = 2083

const factsOf = (facts: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value ? [[name, value.slice(0, LONGEST)]] : [])))

const readAd = ({ ad_id, ad_name, advertiser_id, embed_url }: Json): Referral => ({
  source: 'ad',
  facts: factsOf({
    adName: asText(ad_name),
    adId: asText(ad_id),
    advertiserId: asText(advertiser_id),
    url: asUrl(embed_url),
  }),
})

const readLink = ({ ref, prefilled_message, prefilled_message_audit_status }: Json): Referral => ({
  source: 'short_link',
  facts: factsOf({
    ref: asText(ref),
    prefilledText: asText(prefilled_message),
    prefilledAudit: asText(prefilled_message_audit_status),
  }),
})

/** `referral` of a webhook: where somebody came from (TikTok wire reference §6.4). Undefined: it does not say. */
export function readReferral(value: unknown): Referral | undefined {
  const referral = asRecord(value)
  const source = asText(referral?.source)
  if (!referral || !source) return undefined
  if (source === 'ad') return readAd(asRecord(referral.ad) ?? {})
  if (source === 'short_link') return readLink(asRecord(referral.short_link) ?? {})
  return { source: 'other', facts: factsOf({ source }) }
}
