import { describe, expect, it } from 'vitest'
import { waitsForCustomer, windowMeter } from '../../client/features/messages/window-meter.ts'
import { at, noon } from './fixtures.ts'

const HOUR = 3_600_000
const window = (change = {}) => ({
  open: true,
  closesAt: at(48 * 60),
  remaining: 10,
  limit: 10,
  reason: null,
  ...change,
})

describe('the reply window at the composer (I8)', () => {
  it('is open with hours and replies left', () => {
    expect(windowMeter(window(), noon)).toMatchObject({ state: 'open', leftMs: 48 * HOUR, remaining: 10, limit: 10 })
  })

  it('turns amber below four hours', () => {
    expect(windowMeter(window(), noon + 44 * HOUR).state).toBe('open')
    expect(windowMeter(window(), noon + 44 * HOUR + 1).state).toBe('closing')
  })

  it('turns amber at two replies', () => {
    expect(windowMeter(window({ remaining: 3 }), noon).state).toBe('open')
    expect(windowMeter(window({ remaining: 2 }), noon).state).toBe('closing')
  })

  it('closes by the clock, before the server says so', () => {
    const meter = windowMeter(window(), noon + 48 * HOUR)
    expect(meter).toMatchObject({ state: 'closed', reason: 'EXPIRED', leftMs: 0 })
    expect(waitsForCustomer(meter)).toBe(true)
  })

  it('says the server’s reason when that is what closes it', () => {
    const meter = windowMeter(window({ open: false, reason: 'CHANNEL_REAUTH' }), noon + 48 * HOUR)
    expect(meter).toMatchObject({ state: 'closed', reason: 'CHANNEL_REAUTH' })
    expect(waitsForCustomer(meter)).toBe(false)
  })

  it('goes on after the hours where a few more may follow, before the server says so', () => {
    const late = { state: 'closing', leftMs: undefined, remaining: 3, limit: 3, late: true, reason: undefined }
    expect(windowMeter(window(), noon + 48 * HOUR, 3)).toEqual(late)
    const used = window({ open: false, remaining: 0, reason: 'QUOTA_USED' })
    expect(windowMeter(used, noon, 3).state).toBe('closed')
    expect(windowMeter(used, noon + 48 * HOUR, 3)).toEqual(late)
    expect(windowMeter(window({ closesAt: null, remaining: 2, limit: 3 }), noon, 3)).toEqual({ ...late, remaining: 2 })
    const over = windowMeter(window({ open: false, remaining: 0, limit: 3, reason: 'EXPIRED' }), noon + 50 * HOUR, 3)
    expect(over).toMatchObject({ state: 'closed', reason: 'EXPIRED' })
  })

  it('counts no replies where there is no limit', () => {
    const free = windowMeter(window({ remaining: null, limit: null }), noon, 3)
    expect(free).toMatchObject({
      state: 'open',
      leftMs: 48 * HOUR,
      remaining: undefined,
      limit: undefined,
      late: false,
    })
  })

  it('has nothing to count for a channel without a window', () => {
    const free = { open: true, closesAt: null, remaining: null, limit: null, reason: null }
    expect(windowMeter(free, noon)).toMatchObject({ state: 'open', leftMs: undefined, remaining: undefined })
  })
})
