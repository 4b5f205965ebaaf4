import { TransportError, callHttp } from '../../kit/http-call.ts'
import type { HttpAnswer } from '../../kit/http-call.ts'
import { asText, parseObject } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import { answerFailure, refusalFailure, tokenFailure, transportFailure } from './errors.ts'
import type { Operation } from './errors.ts'
import { readRateLimit, retryAfterOf } from './rate-limit.ts'
import { DEFAULT_TIMEOUT_MS } from './settings.ts'
import type { RespondIoSettings } from './settings.ts'

export interface ApiCall {
  operation: Operation
  method: 'GET' | 'POST'
  /** `{contact}` stands for the contact: limits count per method and route. */
  route: `/${string}`
  contact?: string
  /** For `{message}`, likewise. */
  message?: string
  query?: Readonly<Record<string, string>>
  body?: Json
  token: string | undefined
}

/** Makes one call and returns its answer. Throws ChannelError, translated for the call's operation. */
export type Api = (call: ApiCall) => Promise<Json>

/** A JWT so far, and to be treated as opaque (respond.io wire reference §1). What no header takes is not worth a call. */
const isToken = (token: string | undefined): token is string => /^[\x21-\x7e]+$/.test(token ?? '')

function urlOf({ apiUrl }: RespondIoSettings, { route, contact = '', message = '', query }: ApiCall): string {
  const path = route.replace('{contact}', `id:${contact}`).replace('{message}', message)
  return `${apiUrl}${path}${query ? `?${new URLSearchParams(query)}` : ''}`
}

async function exchange(settings: RespondIoSettings, call: ApiCall, token: string): Promise<HttpAnswer> {
  const body = call.body && JSON.stringify(call.body)
  const length = body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }
  try {
    return await callHttp({
      method: call.method,
      url: urlOf(settings, call),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(length && { 'content-type': 'application/json', ...length }),
      },
      timeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(body !== undefined && { body }),
    })
  } catch (error) {
    throw error instanceof TransportError ? transportFailure(error, call.operation) : error
  }
}

/** An error may come under 200 too; what succeeded has no code, or 200 as a number or text (§2.1). */
function statusOf(status: number, { code }: Json): number {
  const told = typeof code === 'number' ? code : Number(asText(code))
  return status < 300 && told >= 400 && told < 600 ? told : status
}

function dataOf(answer: HttpAnswer, { operation, contact }: ApiCall): Json {
  const parsed = parseObject(answer.text)
  const isSuccess = answer.status >= 200 && answer.status < 300
  if (!parsed.ok && isSuccess) throw answerFailure(operation, 'JSON')
  const status = parsed.ok ? statusOf(answer.status, parsed.value) : answer.status
  if (parsed.ok && status >= 200 && status < 300) return parsed.value
  const words = parsed.ok ? (asText(parsed.value.message) ?? '') : undefined
  const ofContact = contact !== undefined
  throw refusalFailure({ status, words, ofContact, retryAfterMs: retryAfterOf(answer) }, operation)
}

/** The Developer API v2 (respond.io wire reference §1, §2). */
export function createApi(settings: RespondIoSettings): Api {
  return async (call) => {
    const { token, operation, method, route } = call
    if (!isToken(token)) throw tokenFailure(operation)
    const answer = await exchange(settings, call, token)
    const seen = readRateLimit(answer, `${method} ${route}`, token)
    if (seen) settings.onRateLimit?.(seen)
    return dataOf(answer, call)
  }
}
