import type { ChannelPolling, Credentials } from '../../channels/contract.ts'
import type { ReadTx, Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import type { InboxRow } from '../inboxes/inboxes.queries.ts'
import type { PollLane } from './polling.jobs.ts'
import type { Agenda, PollRow } from './polling.queries.ts'
import type { Manner } from './tiers.ts'

/** An inbox that is asked. */
export interface Poll {
  deps: Deps
  scope: Scope
  inbox: InboxRow
  poll: PollRow
  manner: Manner
  /** One call to its provider. Throws ChannelError. */
  ask<Answer>(question: (polling: ChannelPolling, credentials: Credentials) => Promise<Answer>): Promise<Answer>
  /** Nothing more is to be asked in this round. */
  stopped: boolean
}

/** One kind of question. */
export interface Lane {
  readonly name: PollLane
  agenda(tx: ReadTx, poll: Pick<Poll, 'deps' | 'inbox' | 'manner'>, most: number): Promise<Agenda>
  /** Takes up to so many of what is due; each one asks, writes down the answer and gives back what was taken. */
  claim(poll: Poll, limit: number): Promise<(() => Promise<void>)[]>
}

/** Longer than a call and its renewal of credentials take; a killed process costs no more than that. */
export const LEASE_MS = 30_000
