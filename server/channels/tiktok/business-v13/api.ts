import { ChannelError } from '../../contract.ts'
import type { Credentials } from '../../contract.ts'
import { answerFailure, statusFailure, transportFailure, verdictFailure } from '../errors.ts'
import type { Operation } from '../errors.ts'
import { TransportError, callHttp } from '../../../kit/http-call.ts'
import type { HttpAnswer } from '../../../kit/http-call.ts'
import { DEFAULT_TIMEOUT_MS } from '../settings.ts'
import type { TikTokSettings } from '../settings.ts'
import { asRecord, parseObject } from '../../../kit/json.ts'
import type { Json } from '../../../kit/json.ts'
import { encodeForm } from './form.ts'
import type { Form } from './form.ts'

export interface ApiCall {
  operation: Operation
  method: 'GET' | 'POST'
  /** Below /open_api/v1.3; without its trailing slash TikTok answers 404 (TikTok wire reference §4). */
  path: `/${string}/`
  query?: Record<string, string>
  body?: Json
  /** In place of `body`: a form with a file in it. */
  form?: Form
  /** Whose token goes along; calls in the app's own name carry none. */
  credentials?: Credentials
  /** The scope that the call needs, to tell a partial grant from an app without approval. */
  scope?: string
}

/** Makes one call and returns its `data`. Throws ChannelError, translated for the call's operation. */
export type Api = (call: ApiCall) => Promise<Json>

function urlOf(settings: TikTokSettings, { path, query }: ApiCall): string {
  // A bare `+` arrives as a space and spoils the id (§4.1); encodeURIComponent leaves none.
  const pairs = Object.entries(query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${settings.apiUrl}/open_api/v1.3${path}${pairs.length ? `?${pairs.join('&')}` : ''}`
}

interface Payload {
  type: string
  bytes: string | Buffer
}

function payloadOf({ body, form }: ApiCall): Payload | undefined {
  if (form) return encodeForm(form)
  return body && { type: 'application/json', bytes: JSON.stringify(body) }
}

function headersOf({ credentials }: ApiCall, payload: Payload | undefined): Record<string, string> {
  const token = credentials?.accessToken ?? ''
  // Characters that no header takes cannot be a token either.
  if (credentials && !/^[\x21-\x7e]+$/.test(token)) throw new ChannelError('unauthorized', 'TOKEN_REFUSED')
  return {
    accept: 'application/json',
    ...(credentials && { 'access-token': token }),
    ...(payload && { 'content-type': payload.type, 'content-length': String(Buffer.byteLength(payload.bytes)) }),
  }
}

async function exchangeHttp(settings: TikTokSettings, call: ApiCall): Promise<HttpAnswer> {
  const payload = payloadOf(call)
  try {
    return await callHttp({
      method: call.method,
      url: urlOf(settings, call),
      headers: headersOf(call, payload),
      timeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(payload && { body: payload.bytes }),
    })
  } catch (error) {
    throw error instanceof TransportError ? transportFailure(error, call.operation) : error
  }
}

const lacks = ({ credentials, scope }: ApiCall): boolean =>
  Boolean(scope && credentials?.scope && !credentials.scope.split(',').includes(scope))

/** HTTP status is not the verdict: `code` is, when there is one (TikTok wire reference §0.3, §11). */
function dataOf({ status, text }: HttpAnswer, call: ApiCall): Json {
  const parsed = parseObject(text)
  const envelope = parsed.ok ? parsed.value : {}
  const { code, message, request_id } = envelope
  if (status >= 500 || typeof code !== 'number') {
    throw status >= 200 && status < 300
      ? answerFailure(call.operation, 'a verdict')
      : statusFailure(status, call.operation)
  }
  if (code === 0) return asRecord(envelope.data) ?? {}
  const requestId = typeof request_id === 'string' && /^[\w-]{1,64}$/.test(request_id) ? request_id : 'unnamed'
  throw verdictFailure(
    { code, message: typeof message === 'string' ? message : '', requestId },
    call.operation,
    lacks(call),
  )
}

/** The REST side of the Business API v1.3. */
export function createApi(settings: TikTokSettings): Api {
  return async (call) => dataOf(await exchangeHttp(settings, call), call)
}
