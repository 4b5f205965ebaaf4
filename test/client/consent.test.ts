import { describe, expect, it } from 'vitest'
import { consentDaysLeft } from '../../client/features/inboxes/consent.ts'
import { at, noon } from './fixtures.ts'

const DAY_MINUTES = 24 * 60
const ending = (days: number, change = {}) => ({
  connected: true,
  reauthorizationRequired: false,
  consentExpiresAt: at(days * DAY_MINUTES),
  ...change,
})

describe('the end of a consent', () => {
  it('is counted down from 30 days on, never overstated', () => {
    expect([30.1, 30, 29.9, 2, 0.5, -0.1].map((days) => consentDaysLeft(ending(days), noon))).toEqual([
      ...[undefined, 30, 29, 2, 0, -1],
    ])
  })

  it('is no matter where there is no consent, or none any more', () => {
    expect(consentDaysLeft(ending(1, { consentExpiresAt: null }), noon)).toBeUndefined()
    expect(consentDaysLeft(ending(1, { connected: false }), noon)).toBeUndefined()
    expect(consentDaysLeft(ending(1, { reauthorizationRequired: true }), noon)).toBeUndefined()
  })
})
