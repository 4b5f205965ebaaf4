import type { Operation } from './knobs.ts'
import type { MessageSource } from './types.ts'

interface Stamp {
  seq: number
  /** The stand-in's clock, ms. */
  at: number
}

/** A send that took effect, whether or not its caller ever heard so. */
export interface SendEntry extends Stamp {
  kind: 'send'
  businessId: string
  conversationId: string
  /** Empty for SENDER_ACTION. */
  messageId: string
  messageType: string
  body: Record<string, unknown>
}

export interface CallEntry extends Stamp {
  kind: 'call'
  operation: Operation
  requestId: string
  httpStatus: number | null
  /** null when a fault kept the envelope back. */
  code: number | null
  message: string
  businessId?: string
  conversationId?: string
  fault?: string
  /** Whether the handler ran to its end. */
  committed: boolean
  durationMs: number
}

export type WebhookFate = 'queued' | 'dropped' | 'not_subscribed' | 'no_grant'

export interface WebhookEntry extends Stamp {
  kind: 'webhook'
  webhookId: number
  event: string
  businessId: string
  conversationId?: string
  messageId?: string
  rawBody: string
  fate: WebhookFate
  /** The webhook that this one repeats. */
  duplicateOf?: number
}

export interface AttemptEntry extends Stamp {
  kind: 'attempt'
  webhookId: number
  attempt: number
  url: string
  signature: string
  status: number | null
  error?: string
  durationMs: number
  result: 'delivered' | 'retry' | 'given_up'
}

/** What somebody did by hand: typed as the customer, read, revoked. */
export interface ActionEntry extends Stamp {
  kind: 'action'
  action: string
  businessId?: string
  personId?: string
  conversationId?: string
  messageId?: string
  source?: MessageSource
}

export type LedgerEntry = SendEntry | CallEntry | WebhookEntry | AttemptEntry | ActionEntry
type Unstamped<T> = T extends Stamp ? Omit<T, 'seq' | 'at'> : never
export type NewEntry = Unstamped<LedgerEntry>

export interface WebhookRecord extends WebhookEntry {
  attempts: AttemptEntry[]
  delivered: boolean
}

export interface Ledger {
  readonly entries: readonly LedgerEntry[]
  append<T extends NewEntry>(entry: T): T & Stamp
  since(seq: number): LedgerEntry[]
  sends(conversationId?: string): SendEntry[]
  calls(operation?: Operation): CallEntry[]
  /** Calls that were answered with something other than code 0. */
  rejected(operation?: Operation): CallEntry[]
  /** Webhooks with every attempt made so far. */
  webhooks(filter?: { event?: string; conversationId?: string; messageId?: string }): WebhookRecord[]
  actions(): ActionEntry[]
  onAppend(listener: () => void): () => void
  clear(): void
}

const matches = (entry: WebhookEntry, filter: Record<string, string | undefined>): boolean =>
  Object.entries(filter).every(
    ([key, value]) => value === undefined || entry[key as 'event' | 'conversationId' | 'messageId'] === value,
  )

export function createLedger(now: () => number): Ledger {
  const entries: LedgerEntry[] = []
  const attempts = new Map<number, AttemptEntry[]>()
  const listeners = new Set<() => void>()
  let seq = 0

  const ofKind = <K extends LedgerEntry['kind']>(kind: K): Extract<LedgerEntry, { kind: K }>[] =>
    entries.filter((entry): entry is Extract<LedgerEntry, { kind: K }> => entry.kind === kind)
  const calls = (operation?: Operation): CallEntry[] =>
    ofKind('call').filter((call) => operation === undefined || call.operation === operation)

  return {
    entries,
    append: (entry) => {
      const stamped = { seq: ++seq, at: now(), ...entry }
      entries.push(stamped as unknown as LedgerEntry)
      if (stamped.kind === 'attempt') {
        const list = attempts.get(stamped.webhookId) ?? []
        attempts.set(stamped.webhookId, [...list, stamped as unknown as AttemptEntry])
      }
      for (const listener of listeners) listener()
      return stamped
    },
    since: (after) => {
      const first = entries[0]?.seq ?? 1
      return entries.slice(Math.max(0, after + 1 - first))
    },
    sends: (conversationId) =>
      ofKind('send').filter((send) => conversationId === undefined || send.conversationId === conversationId),
    calls,
    rejected: (operation) => calls(operation).filter((call) => call.code !== 0),
    webhooks: (filter = {}) =>
      ofKind('webhook')
        .filter((entry) => matches(entry, filter))
        .map((entry) => {
          const made = attempts.get(entry.webhookId) ?? []
          return { ...entry, attempts: made, delivered: made.some((attempt) => attempt.status === 200) }
        }),
    actions: () => ofKind('action'),
    onAppend: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    clear: () => {
      entries.length = 0
      attempts.clear()
    },
  }
}
