import type { Inbox } from '../../api/types.ts'

const DAY = 86_400_000
const WARN_FROM_DAYS = 30

type Consent = Pick<Inbox, 'connected' | 'reauthorizationRequired' | 'consentExpiresAt'>

/** Whole days until the consent ends, from the last 30 on; negative once it has ended. Undefined: nothing to say. */
export function consentDaysLeft(inbox: Consent, now: number): number | undefined {
  if (!inbox.connected || inbox.reauthorizationRequired || !inbox.consentExpiresAt) return undefined
  const left = Date.parse(inbox.consentExpiresAt) - now
  return left > WARN_FROM_DAYS * DAY ? undefined : Math.floor(left / DAY)
}
