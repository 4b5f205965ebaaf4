import http from 'node:http'
import https from 'node:https'

export interface PostResult {
  /** null: no answer came (refused, reset, timed out). */
  status: number | null
  body: string
  error?: string
}

const agents = {
  http: new http.Agent({ keepAlive: true, maxSockets: 64 }),
  https: new https.Agent({ keepAlive: true, maxSockets: 64 }),
}

/** Posts raw bytes. Unlike `fetch` it keeps the case of header names, which is one of the knobs. */
export function httpPost(
  url: string,
  body: string | Buffer,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<PostResult> {
  return new Promise((resolve) => {
    const secure = url.startsWith('https:')
    const send = secure ? https.request : http.request
    const fail = (error: unknown): void => resolve({ status: null, body: '', error: String(error) })
    try {
      const request = send(
        url,
        {
          method: 'POST',
          agent: secure ? agents.https : agents.http,
          headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', fail)
          response.on('end', () => {
            clearTimeout(timer)
            resolve({ status: response.statusCode ?? null, body: Buffer.concat(chunks).toString('utf8') })
          })
        },
      )
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
      request.on('error', (error) => {
        clearTimeout(timer)
        fail(error)
      })
      request.end(body)
    } catch (error) {
      fail(error)
    }
  })
}
