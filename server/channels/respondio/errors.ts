import type { TransportError } from '../../kit/http-call.ts'
import { ChannelError } from '../contract.ts'
import type { ChannelErrorKind } from '../contract.ts'

/** What was being done: the same answer means different things for a send, a list and the form. */
export type Operation = 'connect' | 'send' | 'read'

/** `ambiguous` becomes `unknown` for a send, which is never repeated, and `unavailable` for everything else. */
type Meaning = { kind: ChannelErrorKind | 'ambiguous'; code: string }

const invalidMessage: Meaning = { kind: 'rejected', code: 'INVALID_MESSAGE' }
const threadGone: Meaning = { kind: 'rejected', code: 'THREAD_GONE' }
const pageGone: Meaning = { kind: 'rejected', code: 'CONTACT_PAGE_GONE' }
const blocked: Meaning = { kind: 'rejected', code: 'BLOCKED_BY_PROVIDER' }
const refusedInForm: Meaning = { kind: 'rejected', code: 'TOKEN_REFUSED' }
// Nothing renews a token, so the core has the inbox connected again.
const tokenRefused: Meaning = { kind: 'unauthorized', code: 'TOKEN_REFUSED' }
const requestBlocked: Meaning = { kind: 'misconfigured', code: 'REQUEST_BLOCKED' }
const notPermitted: Meaning = { kind: 'misconfigured', code: 'NOT_PERMITTED' }
const misconfigured: Meaning = { kind: 'misconfigured', code: 'APP_MISCONFIGURED' }
const rateLimited: Meaning = { kind: 'rate_limited', code: 'RATE_LIMITED' }
// "Retry with": the contact is still being made, and nothing has been done for it.
const notReady: Meaning = { kind: 'unavailable', code: 'CONTACT_NOT_READY' }
const perhapsDone: Meaning = { kind: 'ambiguous', code: 'PROVIDER_UNAVAILABLE' }
const badAnswer: Meaning = { kind: 'ambiguous', code: 'BAD_ANSWER' }

const NOT_READY_MS = 10_000

/**
 * The code of a refusal that TikTok gave and respond.io passes on in words (respond.io wire reference §5.4).
 * Undefined: the words are not TikTok's.
 */
function tiktokRefusal(words: string): Meaning | undefined {
  if (/too fast/i.test(words)) return { kind: 'rejected', code: 'SENDING_TOO_FAST' }
  return /\[4\d{4}\]|\bwindow\b/i.test(words) ? blocked : undefined
}

/** Why a message was not delivered although it was taken, by the words on its status, as a stable code. */
export const failureCode = (words: string): string => (tiktokRefusal(words) ?? blocked).code

interface Refusal {
  status: number
  /** respond.io's words, if it was respond.io that answered. */
  words: string | undefined
  /** One contact was asked about. */
  ofContact?: boolean | undefined
  retryAfterMs?: number | undefined
}

/** respond.io wire reference §2.1. */
function meaningOf({ status, words, ofContact }: Refusal, operation: Operation): Meaning {
  if (status >= 500 || status === 408) return perhapsDone
  if (status < 400) return badAnswer
  switch (status) {
    case 401:
      return operation === 'connect' ? refusedInForm : tokenRefused
    case 429:
      return rateLimited
    case 449:
      return notReady
    case 403:
      // A page, and no envelope: the call did not get as far as the API (§1).
      if (words === undefined) return requestBlocked
      return operation === 'send' ? blocked : notPermitted
  }
  // Where the address leads nowhere the lists say so: of a contact, a page likely means the contact, but nobody says so.
  if (status === 404 && words === undefined && ofContact && operation === 'read') return pageGone
  if (words === undefined || operation === 'connect') return misconfigured
  if (status === 404) return threadGone
  return (operation === 'send' ? tiktokRefusal(words) : undefined) ?? invalidMessage
}

function failure(meaning: Meaning, operation: Operation, cause: unknown, retryAfterMs?: number): ChannelError {
  const ambiguous = operation === 'send' ? 'unknown' : 'unavailable'
  const kind = meaning.kind === 'ambiguous' ? ambiguous : meaning.kind
  return new ChannelError(kind, meaning.code, { cause, ...(retryAfterMs !== undefined && { retryAfterMs }) })
}

/** Translates an answer that is no success. respond.io's words stay out: they may quote what was sent. */
export function refusalFailure(refusal: Refusal, operation: Operation): ChannelError {
  const meaning = meaningOf(refusal, operation)
  const { status, words, retryAfterMs = meaning === notReady ? NOT_READY_MS : undefined } = refusal
  const cause = new Error(`HTTP ${status} ${words === undefined ? 'without' : 'with'} an envelope`)
  return failure(meaning, operation, cause, retryAfterMs)
}

/** Translates the lack of an answer. What provably never left is `unavailable`, for a send too. */
export function transportFailure(error: TransportError, operation: Operation): ChannelError {
  if (!error.sent) return new ChannelError('unavailable', 'NO_CONNECTION', { cause: error })
  if (error.reason === 'timeout') return failure({ kind: 'ambiguous', code: 'TIMEOUT' }, operation, error)
  return failure(error.reason === 'too_large' ? badAnswer : perhapsDone, operation, error)
}

/** An answer that is not what the reference says. */
export const answerFailure = (operation: Operation, what: string): ChannelError =>
  failure(badAnswer, operation, new Error(`answer without ${what}`))

/** The token is none: no call is made with it. */
export const tokenFailure = (operation: Operation): ChannelError =>
  failure(operation === 'connect' ? refusedInForm : tokenRefused, operation, new Error('not the shape of a token'))
