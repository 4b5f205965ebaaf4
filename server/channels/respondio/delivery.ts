import { asList, asRecord, asText } from '../../kit/json.ts'
import type { Delivery } from '../contract.ts'
import { failureCode } from './errors.ts'
import { asTime } from './values.ts'

/** In the order of their going; what is still `pending`, or not known, says nothing yet. */
const STATES = ['sent', 'delivered', 'read', 'failed'] as const

/**
 * What has become of a message by its stamps, which only grow (respond.io wire reference §5.1): how far it came, unless
 * the last that is said is that it failed.
 */
export function deliveryOf(status: unknown): Delivery | undefined {
  const stamps = asList(status).flatMap((stamp) => {
    const { value, timestamp, message } = asRecord(stamp) ?? {}
    const state = STATES.find((one) => one === value)
    return state ? { state, at: asTime(timestamp), words: asText(message) ?? '' } : []
  })
  const last = stamps.at(-1)
  const came = stamps.filter(({ state }) => state !== 'failed').toSorted(byState)
  const { state, at, words } = (last?.state === 'failed' ? last : came.at(-1)) ?? {}
  if (!state) return undefined
  return { state, ...(at && { at }), ...(state === 'failed' && { code: failureCode(words ?? '') }) }
}

const byState = (a: Pick<Delivery, 'state'>, b: Pick<Delivery, 'state'>): number =>
  STATES.indexOf(a.state) - STATES.indexOf(b.state)
