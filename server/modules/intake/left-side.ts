import type { InboundEvent } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { noteLeftEnded } from '../inboxes/left-side.ts'
import { LISTEN_MS } from '../messages/match-thread.ts'
import { saidElsewhere, type ThreadInbound } from '../messages/said-elsewhere.ts'
import { ingestThread as ingestThreadJob } from './intake.jobs.ts'
import { postpone, type IntakeInbox, type PendingEvent } from './intake.queries.ts'

/** How long somebody who is new at the provider that was left may wait for the other one to tell of them. */
const HOLD_MS = 60_000
const RETRY_MS = 2_000

const SWAPPED: InboundEvent = { kind: 'ignored', code: 'SWAPPED' }

interface Left {
  channelType: string
  accountRef: string
  threadKey: string
}

interface Parsed {
  event: PendingEvent
  inbound: InboundEvent[]
}

/**
 * What the provider tells whom an inbox has left: of its customers as far as it happened up to a while after the swap. A
 * withdrawal of the consent ends what was left, and not the inbox's connection. Who is new there is new at the other
 * provider as well, so they wait a moment until that tells of them: they are one customer.
 */
export async function leaveToOther(
  tx: Tx,
  left: Left,
  inbox: IntakeInbox,
  parsed: readonly Parsed[],
): Promise<Parsed[]> {
  const { swap } = inbox
  const until = (swap?.swappedAt.getTime() ?? 0) + LISTEN_MS
  const told: Parsed[] = []
  const early: Parsed[] = []
  for (const { event, inbound } of parsed) {
    const facts = inbound.map((fact) => (isLate(fact, until) ? SWAPPED : fact))
    for (const fact of facts)
      if (fact.kind === 'authorization_removed' && swap) await noteLeftEnded(tx, swap.id, fact.reason)
    const current = facts.map((fact) => (isOthers(fact, swap?.swappedAt) ? SWAPPED : fact))
    const news = current.filter((fact): fact is ThreadInbound => 'threadRef' in fact && isAfter(fact, swap?.swappedAt))
    const verdict = news.length ? await saidElsewhere(tx, { ...left, inboxId: inbox.id }, news) : 'known'
    const waited = tx.clock.now().getTime() - event.receivedAt.getTime()
    if (verdict === 'elsewhere')
      told.push({ event, inbound: current.map((fact) => (fact.kind === 'ignored' ? fact : SWAPPED)) })
    else if (verdict === 'unknown' && waited < HOLD_MS) early.push({ event, inbound })
    else told.push({ event, inbound: current })
  }
  await wait(tx, left, early)
  return told
}

/** Who is not named is told of by the other provider, unless that was before it had to. */
const isOthers = (fact: InboundEvent, swappedAt: Date | undefined): boolean =>
  fact.kind === 'authorization_removed' || (fact.kind === 'unnamed' && isAfter(fact, swappedAt))

/** 0 where nothing is said to have happened. */
function timeOf(fact: InboundEvent): number {
  if (fact.kind === 'ignored' || fact.kind === 'hint') return 0
  return (fact.kind === 'read' ? fact.readUpTo : fact.at).getTime()
}

const isLate = (fact: InboundEvent, until: number): boolean =>
  fact.kind !== 'authorization_removed' && timeOf(fact) > until

const isAfter = (fact: InboundEvent, swappedAt: Date | undefined): boolean => timeOf(fact) > (swappedAt?.getTime() ?? 0)

async function wait(tx: Tx, left: Left, early: readonly Parsed[]): Promise<void> {
  if (!early.length) return
  const ids = early.map(({ event }) => event.id)
  await postpone(tx, ids, new Date(tx.clock.now().getTime() + RETRY_MS))
  tx.enqueue(ingestThreadJob, left, { delayMs: RETRY_MS + 50 })
}
