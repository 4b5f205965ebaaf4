import { ChannelError } from '../../contract.ts'
import type { ChannelErrorKind } from '../../contract.ts'
import type { Operation } from '../errors.ts'

/** `ambiguous` becomes `unknown` for a send, which is never repeated, and `unavailable` for everything else. */
type Meaning = { kind: ChannelErrorKind | 'ambiguous'; code: string }

const invalidMessage: Meaning = { kind: 'rejected', code: 'INVALID_MESSAGE' }
const blocked: Meaning = { kind: 'rejected', code: 'BLOCKED_BY_PROVIDER' }
const codeRejected: Meaning = { kind: 'rejected', code: 'CODE_REJECTED' }
const tokenRefused: Meaning = { kind: 'unauthorized', code: 'TOKEN_REFUSED' }
const refreshRefused: Meaning = { kind: 'reauth', code: 'REFRESH_REFUSED' }
const scopeMissing: Meaning = { kind: 'reauth', code: 'SCOPE_MISSING' }
const notPermitted: Meaning = { kind: 'misconfigured', code: 'NOT_PERMITTED' }
const misconfigured: Meaning = { kind: 'misconfigured', code: 'APP_MISCONFIGURED' }
const rateLimited: Meaning = { kind: 'rate_limited', code: 'RATE_LIMITED' }
const perhapsDone: Meaning = { kind: 'ambiguous', code: 'PROVIDER_UNAVAILABLE' }
const badAnswer: Meaning = { kind: 'ambiguous', code: 'BAD_ANSWER' }

/** `error.code` of the v2 API, and `error` of the token calls (TikTok wire reference §3). */
const meanings = new Map<string, Meaning>([
  ['access_token_invalid', tokenRefused],
  ['scope_not_authorized', scopeMissing],
  ['scope_permission_missed', notPermitted],
  ['invalid_params', invalidMessage],
  ['invalid_file_upload', invalidMessage],
  ['rate_limit_exceeded', rateLimited],
  ['internal_error', perhapsDone],
  ['invalid_client', misconfigured],
  ['unauthorized_client', misconfigured],
  ['unsupported_grant_type', misconfigured],
  ['invalid_scope', misconfigured],
])

/** Where a code says something else to a token call. Only a refused grant costs the consent. */
const overrides: Partial<Record<Operation, Map<string, Meaning>>> = {
  exchange: new Map(['invalid_grant', 'invalid_request', 'access_denied'].map((code) => [code, codeRejected])),
  renew: new Map([
    ['invalid_grant', refreshRefused],
    ['access_denied', refreshRefused],
    ['invalid_request', misconfigured],
  ]),
  revoke: new Map([['invalid_grant', tokenRefused]]),
}

/** What a status says where no known code does: here it is part of the verdict (TikTok wire reference §3, §15.1). */
function statusMeaning(status: number, operation: Operation, hasCode: boolean): Meaning {
  if (status === 401) return tokenRefused
  if (status === 403) return operation === 'send' ? blocked : notPermitted
  if (status === 408) return perhapsDone
  if (status < 400) return badAnswer
  return hasCode && (operation === 'send' || operation === 'read') ? invalidMessage : misconfigured
}

/** Translates an answer that is not a success; `code` is the provider's word, if there is one. */
export function answeredFailure(status: number, code: string | undefined, operation: Operation): ChannelError {
  const { kind, code: stable } = meaningOf(status, code, operation)
  // TikTok's words stay out: they may quote what was sent.
  const cause = new Error(`HTTP ${status}, code ${code && /^\w{1,64}$/.test(code) ? code : 'none'}`)
  const ambiguous = operation === 'send' ? 'unknown' : 'unavailable'
  return new ChannelError(kind === 'ambiguous' ? ambiguous : kind, stable, { cause })
}

function meaningOf(status: number, code: string | undefined, operation: Operation): Meaning {
  if (status >= 500) return perhapsDone
  if (status === 429) return rateLimited
  const known = code === undefined ? undefined : (overrides[operation]?.get(code) ?? meanings.get(code))
  return known ?? statusMeaning(status, operation, code !== undefined)
}
