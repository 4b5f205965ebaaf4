import { ApiError, PRIVACY, TOO_FAST } from './errors.ts'
import type { Knobs } from './knobs.ts'
import type { Message } from './types.ts'

const WINDOW_MS = 48 * 3_600_000
const QUOTA = 10
const AFTER_SILENCE = 3

interface Tally {
  lastInboundAt: number | null
  /** What the business sent since then: by API, app or web; automatic messages are not counted. */
  sent: number
  sentAfterWindow: number
  isFirstInbound: boolean
}

/** What of a conversation its window goes by. */
export interface Exchange {
  blocked: boolean
  /** Oldest first. */
  messages: Pick<Message, 'at' | 'from' | 'source' | 'autoType'>[]
}

function tally(conversation: Exchange): Tally {
  const { messages } = conversation
  const result: Tally = { lastInboundAt: null, sent: 0, sentAfterWindow: 0, isFirstInbound: true }
  let index = messages.length - 1
  const since: number[] = []
  for (; index >= 0; index--) {
    const message = messages[index]
    if (!message) break
    if (message.from === 'person') break
    if (message.autoType === undefined && message.source !== 'OTHERS') since.push(message.at)
  }
  const last = messages[index]
  if (!last) return { ...result, sent: since.length }
  result.lastInboundAt = last.at
  result.sent = since.length
  result.sentAfterWindow = since.filter((at) => at > last.at + WINDOW_MS).length
  result.isFirstInbound = messages.findIndex((message) => message.from === 'person') === index
  return result
}

/** §7: throws 40064 when the policy closes the conversation. SENDER_ACTION does not come here. */
export function enforceWindow(policy: Knobs['windowPolicy'], conversation: Exchange, now: number): void {
  if (conversation.blocked) throw new ApiError(40064, PRIVACY)
  if (policy === 'off') return
  const { lastInboundAt, sent, sentAfterWindow, isFirstInbound } = tally(conversation)
  if (lastInboundAt === null) throw new ApiError(40064)
  const expired = now > lastInboundAt + WINDOW_MS
  if (policy === 'strict10') {
    if (expired || sent >= QUOTA) throw new ApiError(40064)
    return
  }
  if (expired && sentAfterWindow >= AFTER_SILENCE) throw new ApiError(40064)
  if (!expired && isFirstInbound && sent >= QUOTA) throw new ApiError(40064)
}

/** Per-account daily conversation cap, reported as "too fast" (§7). */
export class DailyCap {
  private day = ''
  private readonly reached = new Map<string, Set<string>>()

  check(businessId: string, conversationId: string, now: number, cap: number): void {
    const seen = this.today(now).get(businessId)
    if (cap !== Infinity && !seen?.has(conversationId) && (seen?.size ?? 0) >= cap) throw new ApiError(40064, TOO_FAST)
  }

  count(businessId: string, conversationId: string, now: number): void {
    const today = this.today(now)
    const seen = today.get(businessId) ?? new Set()
    today.set(businessId, seen.add(conversationId))
  }

  private today(now: number): Map<string, Set<string>> {
    const day = new Date(now).toISOString().slice(0, 10)
    if (day !== this.day) this.reached.clear()
    this.day = day
    return this.reached
  }
}

/**
 * Calls per second for the whole app. A second of real time, whatever the clock says: a frozen clock would
 * otherwise lock the app out for good.
 */
export class QpsBucket {
  private second = 0
  private used = 0
  private lockedUntil = 0

  take(qps: number, penaltyS: number): void {
    const now = performance.now()
    const second = Math.floor(now / 1000)
    if (second !== this.second) this.used = 0
    this.second = second
    if (now >= this.lockedUntil && this.used < qps) {
      this.used++
      return
    }
    if (now >= this.lockedUntil) this.lockedUntil = now + penaltyS * 1000
    throw new ApiError(40100)
  }

  reset(): void {
    this.used = 0
    this.lockedUntil = 0
  }
}
