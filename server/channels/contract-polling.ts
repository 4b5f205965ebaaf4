import type { Credentials } from './contract-connecting.ts'
import type { InboundEvent } from './contract-events.ts'

/**
 * How a provider is read that has to be asked: one call of the provider's a function, so that the core spends its limits.
 * All of them throw ChannelError; `unavailable` with CURSOR_REPEATS for a list that would go round for ever.
 */
export interface ChannelPolling {
  /** Who there is, a page at a time, in no order of time. Counts by the rate `list`. */
  list(credentials: Credentials, of: { page?: string; changedSince?: Date }): Promise<PeoplePage>
  /** Whether `changedSince` does what it says. Two calls that count by `list`. */
  narrows(credentials: Credentials): Promise<boolean>
  /** When something was last written. Undefined: the person is not in the inbox's channel. Counts by `check`. */
  check(credentials: Credentials, threadRef: string): Promise<Presence | undefined>
  /** What was written, a page at a time, the newest first. Counts by `read`. */
  read(credentials: Credentials, person: PolledPerson, page?: string): Promise<MessagesPage>
}

export interface PolledPerson {
  threadRef: string
  name?: string
  avatarUrl?: string
}

export interface ListedPerson extends PolledPerson {
  /** As `Routing` has it: reading a thread and working off its deliveries take turns. */
  threadKey: string
}

export interface PeoplePage {
  people: ListedPerson[]
  next?: string
}

/** When something last happened between a person and the inbox's channel; the wire may have whole seconds. */
export interface Presence {
  /** Null: nothing ever was written. Undefined: not told. */
  lastMessageAt?: Date | null
  lastIncomingAt?: Date | null
}

export interface MessagesPage {
  /** Newest first: those of the inbox's channel. */
  messages: Extract<InboundEvent, { kind: 'message' | 'echo' }>[]
  /** The times of the newest and the oldest message on the page, whichever channel they are of. */
  newest?: Date
  oldest?: Date
  next?: string
}
