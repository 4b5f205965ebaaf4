import type { InboundEvent } from '../../channels/contract.ts'

/** How far the provider's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000

/** What is told cannot lie in the future: it would keep a window open, or call unread what was read by nobody. */
export function notAhead<Fact extends InboundEvent>(fact: Fact, now: Date): Fact {
  const latest = now.getTime() + CLOCK_SKEW_MS
  const clamp = (time: Date) => (time.getTime() > latest ? now : time)
  if (fact.kind === 'ignored' || fact.kind === 'hint') return fact
  return fact.kind === 'read' ? { ...fact, readUpTo: clamp(fact.readUpTo) } : { ...fact, at: clamp(fact.at) }
}
