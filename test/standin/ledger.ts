/** What every provider's side of the stand-in writes down; each adds its own facts to these. */
export interface Stamp {
  seq: number
  /** The stand-in's clock, ms. */
  at: number
}

/** A send that took effect, whether or not its caller ever heard so. */
interface SendBase extends Stamp {
  kind: 'send'
  /** Whom it went to, in the provider's own terms. */
  conversationId: string
}

interface CallBase extends Stamp {
  kind: 'call'
  operation: string
  httpStatus: number | null
  fault?: string
  /** Whether the handler ran to its end. */
  committed: boolean
  durationMs: number
}

interface WebhookBase extends Stamp {
  kind: 'webhook'
  webhookId: number
  event: string
  rawBody: string
  fate: string
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
interface ActionBase extends Stamp {
  kind: 'action'
  action: string
}

/** A provider's entries, by kind. */
export interface Entries {
  send: SendBase
  call: CallBase
  webhook: WebhookBase
  action: ActionBase
}

type EntryOf<E extends Entries> = E[keyof Entries] | AttemptEntry
type Unstamped<T> = T extends Stamp ? Omit<T, 'seq' | 'at'> : never
type NewEntry<E extends Entries> = Unstamped<EntryOf<E>>

type WebhookRecord<W extends WebhookBase> = W & {
  attempts: AttemptEntry[]
  delivered: boolean
}

export interface Ledger<E extends Entries> {
  readonly entries: readonly EntryOf<E>[]
  append(entry: NewEntry<E>): void
  since(seq: number): EntryOf<E>[]
  sends(conversationId?: string): E['send'][]
  calls(operation?: E['call']['operation']): E['call'][]
  /** Calls that were not answered as they should have been. */
  rejected(operation?: E['call']['operation']): E['call'][]
  /** Webhooks with every attempt made so far. */
  webhooks(filter?: Partial<E['webhook']>): WebhookRecord<E['webhook']>[]
  actions(): E['action'][]
  onAppend(listener: (entry: EntryOf<E>) => void): () => void
  clear(): void
}

const matches = <T extends object>(entry: T, filter: Partial<T>): boolean =>
  Object.entries(filter).every(([key, value]) => value === undefined || entry[key as keyof T] === value)

export function createLedger<E extends Entries>(now: () => number, accepted: (call: E['call']) => boolean): Ledger<E> {
  type Entry = EntryOf<E>
  const entries: Entry[] = []
  const attempts = new Map<number, AttemptEntry[]>()
  const listeners = new Set<(entry: Entry) => void>()
  let seq = 0

  const ofKind = <K extends keyof Entries>(kind: K): E[K][] =>
    entries.filter((entry) => entry.kind === kind) as unknown as E[K][]
  const calls = (operation?: string): E['call'][] =>
    ofKind('call').filter((call) => operation === undefined || call.operation === operation)

  return {
    entries,
    append: (entry) => {
      const stamped = { seq: ++seq, at: now(), ...entry } as unknown as Entry
      entries.push(stamped)
      if (stamped.kind === 'attempt') {
        const attempt = stamped as AttemptEntry
        attempts.set(attempt.webhookId, [...(attempts.get(attempt.webhookId) ?? []), attempt])
      }
      for (const listener of listeners) listener(stamped)
    },
    since: (after) => {
      const first = entries[0]?.seq ?? 1
      return entries.slice(Math.max(0, after + 1 - first))
    },
    sends: (conversationId) =>
      ofKind('send').filter((send) => conversationId === undefined || send.conversationId === conversationId),
    calls,
    rejected: (operation) => calls(operation).filter((call) => !accepted(call)),
    webhooks: (filter = {}) =>
      ofKind('webhook')
        .filter((entry) => matches(entry, filter))
        .map((entry) => {
          const made = attempts.get(entry.webhookId) ?? []
          return { ...entry, attempts: made, delivered: made.some(({ result }) => result === 'delivered') }
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
