import type { TypedDocumentString } from './generated.ts'
import { accessToken, refreshAccessToken } from './access-token.ts'
import { observeServerTime } from '../kit/server-time.ts'

/** The server's closed list, and NETWORK when no answer came. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'INVALID'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'WINDOW_CLOSED'
  | 'CHANNEL_REJECTED'
  | 'CHANNEL_UNAVAILABLE'
  | 'CHANNEL_REAUTH'
  | 'FEATURE_DISABLED'
  | 'INTERNAL'
  | 'NETWORK'

export class ApiError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.details = details
  }
}

interface GraphqlAnswer<Result> {
  data?: Result | null
  errors?: { message: string; extensions?: Record<string, unknown> }[]
}

/** Longer than the server lets a provider take; then nobody knows what became of the request. */
const ANSWER_WITHIN_MS = 30_000

/** Runs one query or mutation; throws ApiError. A token that has run out is renewed once and the request repeated. */
export async function request<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const body = JSON.stringify({ query: document.toString(), variables })
  const token = accessToken()
  try {
    return await post<Result>(body, token)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED' || !token) throw error
    const outcome = await refreshAccessToken(token)
    if (outcome === 'unreachable') throw new ApiError('NETWORK', 'The session could not be renewed')
    if (outcome === 'ended') throw error
    return post<Result>(body, accessToken())
  }
}

async function post<Result>(body: string, token: string | undefined): Promise<Result> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (token) headers['authorization'] = `Bearer ${token}`
  const { status, answer } = await exchange<Result>(headers, body)
  const failure = answer?.errors?.[0]
  if (failure) throw toApiError(failure.message, failure.extensions ?? {})
  if (answer?.data) return answer.data
  throw new ApiError(codeOfStatus(status), `The server answered ${status}`)
}

async function exchange<Result>(headers: Record<string, string>, body: string) {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const response = await fetch('/graphql', { method: 'POST', headers, body, credentials: 'same-origin', signal })
    observeServerTime(response.headers.get('date'))
    return { status: response.status, answer: parse<Result>(await response.text()) }
  } catch {
    throw new ApiError('NETWORK', 'No connection')
  }
}

/** A proxy answers with pages of its own. */
function parse<Result>(text: string): GraphqlAnswer<Result> | undefined {
  try {
    return JSON.parse(text) as GraphqlAnswer<Result>
  } catch {
    return undefined
  }
}

function toApiError(message: string, extensions: Record<string, unknown>): ApiError {
  const { code, details } = extensions as { code?: ErrorCode; details?: Record<string, unknown> }
  return new ApiError(code ?? 'INTERNAL', message, details)
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'UNAUTHENTICATED'
  if (status === 429) return 'RATE_LIMITED'
  // A proxy's 502 or 504 says nothing about whether the server did the work.
  return status >= 502 ? 'NETWORK' : 'INTERNAL'
}
