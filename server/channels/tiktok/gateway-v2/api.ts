import { ChannelError } from '../../contract.ts'
import type { Credentials } from '../../contract.ts'
import { answerFailure, transportFailure, verdictFailure } from '../errors.ts'
import type { Operation } from '../errors.ts'
import { TransportError, callHttp } from '../../../kit/http-call.ts'
import type { HttpAnswer, HttpCall } from '../../../kit/http-call.ts'
import { DEFAULT_TIMEOUT_MS } from '../settings.ts'
import type { TikTokSettings } from '../settings.ts'
import { asRecord, asText, parseObject } from '../../../kit/json.ts'
import type { Json } from '../../../kit/json.ts'
import { answeredFailure } from './errors.ts'

interface OpenCall {
  operation: Operation
  method: 'GET' | 'POST'
  path: `/v2/${string}/`
  query?: Record<string, string>
  body?: Json
  credentials: Credentials
}

interface ListCall {
  path: `/customer_service/${string}/`
  query: Record<string, string>
  credentials: Credentials
}

/** The three kinds of call that this dialect makes. All throw ChannelError, translated for the call's operation. */
export interface Api {
  /** A form in the app's own name; the answer is flat (TikTok wire reference §3). */
  form(operation: Operation, path: `/v2/oauth/${string}/`, fields: Record<string, string>): Promise<Json>
  /** By Bearer; answers `data` when `error.code` is `ok`. */
  open(call: OpenCall): Promise<Json>
  /** The Business API's lists by Access-Token; answers `data` when `code` is 0. */
  list(call: ListCall): Promise<Json>
}

const encoded = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')

const withQuery = (url: string, query: Record<string, string> = {}): string =>
  Object.keys(query).length ? `${url}?${encoded(query)}` : url

function tokenOf({ accessToken = '' }: Credentials): string {
  // Characters that no header takes cannot be a token either.
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw new ChannelError('unauthorized', 'TOKEN_REFUSED')
  return accessToken
}

interface Read extends HttpAnswer {
  isOk: boolean
  json: Json
}

/** Undefined JSON reads as an empty object: then the verdict is missing. */
async function ask(operation: Operation, call: HttpCall): Promise<Read> {
  try {
    const answer = await callHttp(call)
    const parsed = parseObject(answer.text)
    const isOk = answer.status >= 200 && answer.status < 300
    return { ...answer, isOk, json: parsed.ok ? parsed.value : {} }
  } catch (error) {
    throw error instanceof TransportError ? transportFailure(error, operation) : error
  }
}

function flatOf({ status, isOk, json }: Read, operation: Operation): Json {
  const code = asText(json.error) ?? asText(asRecord(json.error)?.code)
  if (isOk && (code === undefined || code === 'ok')) return json
  throw answeredFailure(status, code, operation)
}

function openDataOf({ status, isOk, json }: Read, operation: Operation): Json {
  const code = asText(asRecord(json.error)?.code)
  if (isOk && code === 'ok') return asRecord(json.data) ?? {}
  if (isOk && code === undefined) throw answerFailure(operation, 'a verdict')
  throw answeredFailure(status, code, operation)
}

const READ_SCOPE = 'im.message.read'

/** Codes are the Business API's own, the status is this dialect's: 429 and 5xx say enough. */
function listDataOf({ status, isOk, json }: Read, { credentials }: ListCall): Json {
  const { code, message, request_id } = json
  if (isOk && code === 0) return asRecord(json.data) ?? {}
  if (isOk && typeof code !== 'number') throw answerFailure('read', 'a verdict')
  if (status >= 429 || typeof code !== 'number' || code === 0) throw answeredFailure(status, undefined, 'read')
  const requestId = typeof request_id === 'string' && /^[\w-]{1,64}$/.test(request_id) ? request_id : 'unnamed'
  const lacks = Boolean(credentials.scope && !credentials.scope.split(',').includes(READ_SCOPE))
  throw verdictFailure({ code, message: asText(message) ?? '', requestId }, 'read', lacks)
}

/** The calls of the gateway's reference: Login Kit and `im` on one host, `customer_service` on the other. */
export function createApi(settings: TikTokSettings): Api {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const post = (type: string, body: string) => ({
    headers: { accept: 'application/json', 'content-type': type, 'content-length': String(Buffer.byteLength(body)) },
    body,
  })
  return {
    async form(operation, path, fields) {
      const sent = post('application/x-www-form-urlencoded', encoded(fields))
      return flatOf(
        await ask(operation, { method: 'POST', url: `${settings.openApiUrl}${path}`, ...sent, timeoutMs }),
        operation,
      )
    },
    async open({ operation, method, path, query, body, credentials }) {
      const authorization = `Bearer ${tokenOf(credentials)}`
      const sent = body ? post('application/json', JSON.stringify(body)) : { headers: { accept: 'application/json' } }
      const url = withQuery(`${settings.openApiUrl}${path}`, query)
      const headers = { ...sent.headers, authorization }
      return openDataOf(await ask(operation, { method, url, ...sent, headers, timeoutMs }), operation)
    },
    async list(call) {
      const headers = { accept: 'application/json', 'access-token': tokenOf(call.credentials) }
      const url = withQuery(`${settings.apiUrl}/open_api/v1.3${call.path}`, call.query)
      return listDataOf(await ask('read', { method: 'GET', url, headers, timeoutMs }), call)
    },
  }
}
