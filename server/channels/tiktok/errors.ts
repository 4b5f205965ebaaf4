import { ChannelError } from '../contract.ts'
import type { ChannelErrorKind } from '../contract.ts'
import type { TransportError } from '../../kit/http-call.ts'

/** What was being done: the same answer means different things for a send, a token and a list. */
export type Operation = 'send' | 'signal' | 'read' | 'upload' | 'exchange' | 'renew' | 'revoke' | 'register'

/** The provider's verdict: a non-zero `code` over HTTP 200 (TikTok wire reference §11). */
export interface Verdict {
  code: number
  message: string
  requestId: string
}

/** `ambiguous` becomes `unknown` for a send, which is never repeated, and `unavailable` for everything else. */
type Meaning = { kind: ChannelErrorKind | 'ambiguous'; code: string }

const invalidMessage: Meaning = { kind: 'rejected', code: 'INVALID_MESSAGE' }
const uploadExpired: Meaning = { kind: 'rejected', code: 'UPLOAD_EXPIRED' }
const threadGone: Meaning = { kind: 'rejected', code: 'THREAD_GONE' }
const blocked: Meaning = { kind: 'rejected', code: 'BLOCKED_BY_PROVIDER' }
const tooFast: Meaning = { kind: 'rejected', code: 'SENDING_TOO_FAST' }
const codeRejected: Meaning = { kind: 'rejected', code: 'CODE_REJECTED' }
const tokenRefused: Meaning = { kind: 'unauthorized', code: 'TOKEN_REFUSED' }
const refreshRefused: Meaning = { kind: 'reauth', code: 'REFRESH_REFUSED' }
const consentEnded: Meaning = { kind: 'reauth', code: 'CONSENT_ENDED' }
const scopeMissing: Meaning = { kind: 'reauth', code: 'SCOPE_MISSING' }
const notPermitted: Meaning = { kind: 'misconfigured', code: 'NOT_PERMITTED' }
const notEligible: Meaning = { kind: 'misconfigured', code: 'NOT_ELIGIBLE' }
const misconfigured: Meaning = { kind: 'misconfigured', code: 'APP_MISCONFIGURED' }
// Nothing tells when: it may be the limit of a second, of a minute or of a day (§10).
const rateLimited: Meaning = { kind: 'rate_limited', code: 'RATE_LIMITED' }
const notDone: Meaning = { kind: 'unavailable', code: 'PROVIDER_UNAVAILABLE' }
const perhapsDone: Meaning = { kind: 'ambiguous', code: 'PROVIDER_UNAVAILABLE' }
const badAnswer: Meaning = { kind: 'ambiguous', code: 'BAD_ANSWER' }

/** TikTok wire reference §11. */
const groups: [Meaning, number[]][] = [
  [invalidMessage, [40000, 40002, 40700]],
  [invalidMessage, [40904, 40905, 40906, 40907, 40908, 40909, 40911, 40912, 40914, 40915, 40916]],
  [uploadExpired, [40910]],
  [notPermitted, [40001]],
  [threadGone, [40007]],
  [misconfigured, [40006, 40008, 40009, 40010, 40013, 40014, 40051, 41000, 41001, 41002]],
  [misconfigured, [40101, 40108, 40110, 40113, 40115, 40116, 40117, 40124, 40125]],
  [rateLimited, [40016, 40100, 40132, 40133, 61000]],
  // A duplicate request: done by another one.
  [badAnswer, [20001, 40050]],
  [blocked, [40064]],
  [tokenRefused, [40102, 40104, 40105]],
  [consentEnded, [40103]],
  [refreshRefused, [40107]],
  [notEligible, [40118]],
  [scopeMissing, [40130, 40131]],
  [notDone, [40201, 40202, 40902, 40903, 40913, 60001]],
]
const meanings = new Map(groups.flatMap(([meaning, codes]) => codes.map((code) => [code, meaning] as const)))

/** Where a code says something else to a token call than to a send or a list. */
const overrides: Partial<Record<Operation, Map<number, Meaning>>> = {
  exchange: new Map(
    [40000, 40002, 40007, 40050, 40102, 40103, 40105, 40107, 40110, 40115].map((code) => [code, codeRejected]),
  ),
  renew: new Map([
    [40000, misconfigured],
    [40002, misconfigured],
    [40102, consentEnded],
    [40104, misconfigured],
    [40105, refreshRefused],
  ]),
  register: new Map([40000, 40001, 40002, 40007].map((code) => [code, misconfigured])),
}

/** Codes that the reference does not list. A token call that is refused for no known reason costs nobody the consent. */
function unlisted(code: number, operation: Operation): Meaning {
  if (code >= 50000 && code < 70000) return perhapsDone
  if (code < 40000 || code >= 50000) return badAnswer
  return ['send', 'signal', 'read', 'upload'].includes(operation) ? invalidMessage : misconfigured
}

function meaningOf({ code, message }: Verdict, operation: Operation): Meaning {
  // One code for many situations; this sentence is the only one that tells one of them (§11).
  if (code === 40064 && /too fast/i.test(message)) return tooFast
  return overrides[operation]?.get(code) ?? meanings.get(code) ?? unlisted(code, operation)
}

function failure(meaning: Meaning, operation: Operation, cause: unknown): ChannelError {
  const ambiguous = operation === 'send' ? 'unknown' : 'unavailable'
  return new ChannelError(meaning.kind === 'ambiguous' ? ambiguous : meaning.kind, meaning.code, { cause })
}

/** Translates a verdict. `grantLacks`: the stored grant lacks the scope that this call needs. */
export function verdictFailure(verdict: Verdict, operation: Operation, grantLacks: boolean): ChannelError {
  const meaning = meaningOf(verdict, operation)
  // TikTok's words stay out: they may quote what was sent.
  const cause = new Error(`TikTok code ${verdict.code}, request ${verdict.requestId}`)
  return failure(meaning === notPermitted && grantLacks ? scopeMissing : meaning, operation, cause)
}

/** Translates an HTTP status that came without a verdict (TikTok wire reference §11, first and last rows). */
export function statusFailure(status: number, operation: Operation): ChannelError {
  const cause = new Error(`HTTP ${status} without a verdict`)
  if (status === 429) return failure(rateLimited, operation, cause)
  if (status >= 500 || status === 408) return failure(perhapsDone, operation, cause)
  return failure(status >= 400 ? misconfigured : badAnswer, operation, cause)
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
