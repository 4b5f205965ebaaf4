import type { z } from 'zod'
import { ChannelError, type ChannelErrorKind } from '../../../server/channels/contract.ts'

export interface LoopbackSettings {
  apiUrl: string
  timeoutMs?: number
}

const REFUSALS: Readonly<Record<number, [ChannelErrorKind, string]>> = {
  400: ['rejected', 'INVALID_MESSAGE'],
  401: ['unauthorized', 'TOKEN_REFUSED'],
  404: ['rejected', 'THREAD_GONE'],
  429: ['rate_limited', 'RATE_LIMITED'],
  449: ['unavailable', 'CONTACT_NOT_READY'],
}

/** Calls of the provider: its answer as `shape` has it, or a ChannelError. What has a body changes something. */
export function caller({ apiUrl, timeoutMs = 5_000 }: LoopbackSettings) {
  return async function call<Shape extends z.ZodType>(
    token = '',
    path: string,
    shape: Shape,
    body?: object,
  ): Promise<z.output<Shape>> {
    // It may have been done (I5), unless nothing was to be done or the request never left.
    const lost = (code: string, cause: unknown, kind: ChannelErrorKind = body ? 'unknown' : 'unavailable') =>
      new ChannelError(kind, code, { cause })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const options = body ? { method: 'POST', body: JSON.stringify(body) } : {}
      const response = await fetch(apiUrl + path, { ...options, headers, signal })
      const refusal = REFUSALS[response.status]
      const retryAfterMs = Number(response.headers.get('retry-after')) * 1000
      if (refusal) throw new ChannelError(...refusal, retryAfterMs ? { retryAfterMs } : {})
      return shape.parse(await response.json())
    } catch (error) {
      if (error instanceof ChannelError) throw error
      if (signal.aborted) throw lost('TIMEOUT', error)
      const refused = ((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED'
      throw refused ? lost('NO_CONNECTION', error, 'unavailable') : lost('PROVIDER_UNAVAILABLE', error)
    }
  }
}
