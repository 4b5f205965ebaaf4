import type { ListedReferral, Referral } from '../../contract.ts'
import { asList, asRecord, asText, asUrl } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'

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

// Not the audit of the prefilled text: its outcome changes, and by its facts a link is known again.
const readLink = ({ ref, prefilled_message }: Json): Referral => ({
  source: 'short_link',
  facts: factsOf({ ref: asText(ref), prefilledText: asText(prefilled_message) }),
})

function readBlock(source: string, block: Json): ListedReferral {
  if (source === 'short_link') return { referral: readLink(block) }
  if (source !== 'ad') return { referral: { source: 'other', facts: factsOf({ source }) } }
  // Lists have whole seconds, deliveries the same time in ms (TikTok wire reference §4.2): one referral is one moment.
  const at = asDate(block.timestamp)?.setMilliseconds(0)
  return { referral: readAd(block), ...(at !== undefined && { at: new Date(at) }) }
}

/** `referral` of a webhook: where somebody came from (TikTok wire reference §6.4). Undefined: it does not say. */
export function readReferral(value: unknown): ListedReferral | undefined {
  const referral = asRecord(value)
  const source = asText(referral?.source)
  return referral && source ? readBlock(source, asRecord(referral[source]) ?? {}) : undefined
}

/** `referral` of a listed conversation: lists by source, and empty for most (TikTok wire reference §4.2). */
export const readReferrals = (value: unknown): ListedReferral[] =>
  Object.entries(asRecord(value) ?? {}).flatMap(([source, blocks]) =>
    asList(blocks).map((block) => readBlock(source, asRecord(block) ?? {})),
  )
