import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Conversation, Message } from '../standin/tiktok/types.ts'
import { enforceWindow } from '../standin/tiktok/windows.ts'
import { replyWindow, type WindowFacts } from '../../server/modules/conversations/reply-window.ts'

const HOUR = 3_600_000
const policy = { hours: 48, messages: 10, laterMessages: 10, afterwards: 0 }
const now = new Date('2026-11-22T12:00:00.000Z')
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * HOUR)
/** So many, half an hour ago. */
const sent = (count: number) => Array.from({ length: count }, () => now.getTime() - HOUR / 2)
const facts = (more: Partial<WindowFacts> = {}): WindowFacts => ({
  lastInboundAt: hoursAgo(1),
  sentAt: [],
  queued: 0,
  again: false,
  named: true,
  ...more,
})

const anyFacts: fc.Arbitrary<WindowFacts> = fc.record(
  {
    lastInboundAt: fc.option(fc.integer({ min: -1, max: 60 }).map(hoursAgo), { nil: null }),
    sentAt: fc.nat(15).map(sent),
    queued: fc.nat(15),
    again: fc.boolean(),
    named: fc.boolean(),
    blocked: fc.constantFrom('CHANNEL_REAUTH' as const, 'CHANNEL_DISABLED' as const),
  },
  { requiredKeys: ['lastInboundAt', 'sentAt', 'queued', 'again', 'named'] },
)

describe('the reply window (I8)', () => {
  it('is open if and only if there is no reason against it', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const window = replyWindow(policy, given, now)
        expect(window.open).toBe(window.reason === null)
        if (window.open) expect(window.remaining).toBeGreaterThan(0)
        expect(window.remaining).toBeGreaterThanOrEqual(0)
        expect(window.remaining).toBeLessThanOrEqual(policy.messages)
        expect(window.limit).toBe(policy.messages)
        expect(window.closesAt === null).toBe(given.lastInboundAt === null)
      }),
    )
  })

  it('never opens by sending more, by waiting, or by a blocked inbox', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(5), fc.nat(5), fc.nat(100), (given, used, queued, hours) => {
        const before = replyWindow(policy, given, now)
        const later = new Date(now.getTime() + hours * HOUR)
        const more = { ...given, sentAt: [...given.sentAt, ...sent(used)], queued: given.queued + queued }
        const after = replyWindow(policy, more, later)
        if (!before.open) expect(after.open).toBe(false)
        expect(after.remaining).toBeLessThanOrEqual(before.remaining ?? 0)
        expect(replyWindow(policy, { ...given, blocked: 'CHANNEL_REAUTH' }, now).open).toBe(false)
      }),
    )
  })

  it('subtracts what was sent and what is on its way alike', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(12), (used, queued) => {
        const { remaining, open } = replyWindow(policy, facts({ sentAt: sent(used), queued }), now)
        expect(remaining).toBe(Math.max(10 - used - queued, 0))
        expect(open).toBe(used + queued < 10)
      }),
    )
  })

  it('ends to the millisecond', () => {
    const lastInboundAt = hoursAgo(48)
    expect(replyWindow(policy, facts({ lastInboundAt }), now)).toMatchObject({
      open: false,
      reason: 'EXPIRED',
      closesAt: now,
    })
    const before = new Date(now.getTime() - 1)
    expect(replyWindow(policy, facts({ lastInboundAt }), before)).toMatchObject({ open: true, closesAt: now })
  })

  it('names the reason that an agent can do most about first', () => {
    const expired = { lastInboundAt: hoursAgo(50), sentAt: sent(10) }
    expect(replyWindow(policy, facts({ ...expired, blocked: 'CHANNEL_DISABLED' }), now).reason).toBe('CHANNEL_DISABLED')
    expect(replyWindow(policy, facts({ ...expired, blocked: 'CHANNEL_REAUTH' }), now).reason).toBe('CHANNEL_REAUTH')
    expect(replyWindow(policy, facts({ lastInboundAt: null, sentAt: sent(10) }), now).reason).toBe('NO_INBOUND')
    expect(replyWindow(policy, facts(expired), now).reason).toBe('EXPIRED')
    expect(replyWindow(policy, facts({ sentAt: sent(10) }), now).reason).toBe('QUOTA_USED')
  })

  it('of a channel without a window is open unless the inbox is blocked', () => {
    const open = { open: true, closesAt: null, remaining: null, limit: null, reason: null }
    expect(replyWindow(undefined, facts({ lastInboundAt: null, sentAt: sent(99) }), now)).toEqual(open)
    const blocked = replyWindow(undefined, facts({ blocked: 'CHANNEL_REAUTH' }), now)
    expect(blocked).toEqual({ ...open, open: false, reason: 'CHANNEL_REAUTH' })
  })
})

const guide = { hours: 48, messages: 10, laterMessages: null, afterwards: 3 }

describe('the reply window of the guide (TikTok wire reference §7)', () => {
  it('has ten replies after the first message, no limit after later ones, and three more once the hours are over', () => {
    const ten = facts({ sentAt: sent(10) })
    expect(replyWindow(guide, facts(), now)).toMatchObject({ open: true, remaining: 10, limit: 10 })
    expect(replyWindow(guide, ten, now)).toMatchObject({ open: false, reason: 'QUOTA_USED' })
    expect(replyWindow(guide, { ...ten, again: true }, now)).toMatchObject({ open: true, remaining: null, limit: null })
    const over = { lastInboundAt: hoursAgo(49), queued: 1 }
    const late = replyWindow(guide, facts({ ...over, sentAt: [hoursAgo(48.5).getTime()] }), now)
    expect(late).toEqual({ open: true, closesAt: null, remaining: 2, limit: 3, reason: null })
    const used = facts({
      ...over,
      sentAt: [...sent(2), ...[48.9, 48.8, 48.7].map((hours) => hoursAgo(hours).getTime())],
    })
    expect(replyWindow(guide, used, now)).toMatchObject({ open: false, remaining: 0, reason: 'EXPIRED' })
  })

  it('and the strict one open and close when the stand-in’s do, whatever was written when', () => {
    const step = fc.record({
      minutes: fc.integer({ min: 1, max: 30 * 60 }),
      from: fc.constantFrom('person', 'business'),
    })
    const steps = fc.array(step, { maxLength: 40 })
    fc.assert(
      fc.property(fc.constantFrom('strict10', 'guide10_inf_3'), steps, fc.nat(60 * 60), (name, history, minutes) => {
        const messages: Pick<Message, 'at' | 'from' | 'source'>[] = []
        let at = now.getTime()
        for (const { minutes: after, from } of history)
          messages.push({ at: (at += after * 60_000), from, source: 'API' } as Message)
        at += minutes * 60_000 + 1
        const inbound = messages.filter((message) => message.from === 'person')
        const last = inbound.at(-1)
        const given = {
          lastInboundAt: last ? new Date(last.at) : null,
          sentAt: messages
            .filter((message) => message.from === 'business' && last && message.at > last.at)
            .map((message) => message.at),
          queued: 0,
          again: inbound.length > 1,
          named: true,
        }
        const ours = replyWindow(name === 'strict10' ? policy : guide, given, new Date(at))
        const theirs = () => enforceWindow(name, { messages, blocked: false } as unknown as Conversation, at)
        if (ours.open) expect(theirs).not.toThrow()
        else expect(theirs).toThrow()
      }),
    )
  })
})
