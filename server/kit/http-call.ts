import http from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'

export interface HttpCall {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string | Buffer
  timeoutMs: number
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export type TransportReason = 'timeout' | 'too_large' | 'broken'

/** No usable answer came. `sent: false` is proof that not one byte of the request left. */
export class TransportError extends Error {
  readonly reason: TransportReason
  readonly sent: boolean

  constructor(reason: TransportReason, sent: boolean, cause: unknown) {
    super(`${sent ? 'sent' : 'not sent'}: ${reason}`, { cause })
    this.name = 'TransportError'
    this.reason = reason
    this.sent = sent
  }
}

const MAX_ANSWER_BYTES = 1024 * 1024

class AnswerTooLarge extends Error {}

// Idle sockets end before common servers close theirs: a request on a socket that just went away is ambiguous.
const idle = { keepAlive: true, timeout: 4000 }
const agents = { http: new http.Agent(idle), https: new https.Agent(idle) }

/** Sockets that once were ready: whatever is written to them leaves at once. */
const readySockets = new WeakSet<Socket>()

/**
 * Calls `ready` when the request's bytes begin to flow. node:http instead of fetch, because fetch does not tell a
 * connection that was never made from an answer that never came, and its own limit for connecting is beyond ours.
 */
function onReady(socket: Socket, secure: boolean, ready: () => void): void {
  if (readySockets.has(socket) || (!secure && !socket.connecting)) return ready()
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    readySockets.add(socket)
    ready()
  })
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new AnswerTooLarge(`more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  const { statusCode: status = 0, headers } = response
  return { status, headers, text: Buffer.concat(chunks).toString('utf8') }
}

/**
 * One request and its whole answer, of at most 1 MB, within `timeoutMs`. Follows no redirects; any HTTP status is an
 * answer.
 * @throws TransportError
 */
export function callHttp(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const secure = call.url.startsWith('https:')
    const signal = AbortSignal.timeout(call.timeoutMs)
    let sent = false
    const fail = (cause: unknown) => {
      const reason = cause instanceof AnswerTooLarge ? 'too_large' : signal.aborted ? 'timeout' : 'broken'
      reject(new TransportError(reason, sent, cause))
    }
    const { method, headers } = call
    const options = { method, headers, signal, agent: secure ? agents.https : agents.http }
    const request = (secure ? https : http).request(call.url, options, (response) => {
      readAnswer(response).then(resolve, fail)
    })
    request.on('socket', (socket) =>
      onReady(socket, secure, () => {
        sent = true
      }),
    )
    request.on('error', fail)
    request.end(call.body)
  })
}
