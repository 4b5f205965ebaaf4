import type { ReplyWindow } from '../../api/types.ts'

export type WindowState = 'open' | 'closing' | 'closed'

export interface WindowMeter {
  state: WindowState
  /** Until the window closes; undefined when this channel has no window. */
  leftMs: number | undefined
  remaining: number | undefined
  limit: number | undefined
  /** The hours are over, and a few more may follow until the customer writes. */
  late: boolean
  /** Why it is closed: a code of the server, EXPIRED also by the clock here. */
  reason: string | undefined
}

const CLOSING_MS = 4 * 3_600_000
const CLOSING_REPLIES = 2

/**
 * What the composer says about the reply window at this moment; the server decides again when something is sent.
 * `afterwards`: how many replies the channel takes once the hours are over.
 */
export function windowMeter(window: ReplyWindow, now: number, afterwards = 0): WindowMeter {
  const leftMs = window.closesAt ? Math.max(0, Date.parse(window.closesAt) - now) : undefined
  // The server has not been asked since the hours ended; what was used up counts anew.
  if (leftMs === 0 && afterwards && (window.open || window.reason === 'QUOTA_USED'))
    return {
      state: 'closing',
      leftMs: undefined,
      remaining: afterwards,
      limit: afterwards,
      late: true,
      reason: undefined,
    }
  const remaining = window.remaining ?? undefined
  const expired = window.open && leftMs === 0
  return {
    state: stateOf(window.open && !expired, leftMs, remaining),
    leftMs,
    remaining,
    limit: window.limit ?? undefined,
    late: window.open && window.limit !== null && !window.closesAt,
    reason: expired ? 'EXPIRED' : (window.reason ?? undefined),
  }
}

/** Whether the customer's next message opens the window again; otherwise somebody here has to do something. */
export function waitsForCustomer(meter: WindowMeter): boolean {
  return ['EXPIRED', 'QUOTA_USED', 'NO_INBOUND', 'NOT_AT_PROVIDER'].includes(meter.reason ?? '')
}

function stateOf(open: boolean, leftMs: number | undefined, remaining: number | undefined): WindowState {
  if (!open) return 'closed'
  if (leftMs !== undefined && leftMs < CLOSING_MS) return 'closing'
  return remaining !== undefined && remaining <= CLOSING_REPLIES ? 'closing' : 'open'
}
