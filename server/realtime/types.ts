/** A member of an account as the feed knows them. */
export interface Viewer {
  readonly userId: string
  readonly role: 'administrator' | 'agent'
  readonly inboxIds: ReadonlySet<string>
}

/** A numbered row of the account's log. */
export interface LogEntry {
  readonly seq: number
  /** What a client resumes after. */
  readonly cursor: string
  readonly type: string
  readonly inboxId: string | null
  readonly conversationId: string | null
  readonly messageId: string | null
  readonly userId: string | null
  readonly data: Record<string, unknown> | null
}

/** The root value of AccountEvent. */
export interface FeedEvent {
  readonly cursor: string
  readonly type: string
  readonly message?: unknown
  readonly conversation?: unknown
  readonly inbox?: unknown
  readonly data?: unknown
}

/** `shared` is the GraphQL context below the event; it knows no viewer. */
export interface Hydrated {
  readonly event: FeedEvent
  readonly shared: unknown
}

/**
 * Turns log rows into root values, in the same order, with a constant number of statements per call. Undefined where
 * the row that an entry speaks of is gone: nobody gets that entry.
 */
export type Hydrate = (accountId: string, entries: readonly LogEntry[]) => Promise<readonly (Hydrated | undefined)[]>

/** The member as of now; undefined without membership, when removed, or while the account is suspended. */
export type FindViewer = (accountId: string, userId: string) => Promise<Viewer | undefined>

/** Whom a socket belongs to. */
export interface FeedSession {
  readonly sessionId: string
  readonly userId: string
  readonly expiresAt: Date
}

/** What the feed needs of a WebSocket. */
export interface FeedSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  send(frame: string): void
  close(code: number, reason: string): void
  terminate(): void
}

/** Figures that tests and benches set to others; times in milliseconds. */
export interface Tuning {
  heartbeatMs: number
  /** Bytes that may wait for one socket before it counts as fallen behind. */
  bufferLimit: number
  /** Bytes that may wait for all sockets together; beyond it each may hold only a sixteenth of `bufferLimit`. */
  totalBufferLimit: number
  /** How long a socket may stay behind before it is closed. */
  stallMs: number
  /** How long a room outlives its last subscriber. */
  lingerMs: number
  socketsPerUser: number
  /** Nothing heard for so long: the line may be broken. */
  silentMs: number
  subscriptionsPerSocket: number
}

export const DEFAULT_TUNING: Tuning = {
  heartbeatMs: 10_000,
  bufferLimit: 1 << 20,
  totalBufferLimit: 256 << 20,
  stallMs: 30_000,
  lingerMs: 15_000,
  socketsPerUser: 20,
  silentMs: 15_000,
  subscriptionsPerSocket: 10,
}

/** WebSocket close codes; what they mean to our client stands in the contract. */
export const CLOSE = {
  goingAway: 1001,
  tryAgainLater: 1013,
  malformed: 4400,
  sessionEnded: 4401,
  refused: 4403,
  idInUse: 4409,
  tooMany: 4429,
} as const
