import { AwsClient } from 'aws4fetch'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { S3Config } from '../config.ts'
import { checkKey, type Files } from './files.ts'

/** Until the answer begins; what it holds may take as long as its reader. */
const TIMEOUT_MS = 30_000

function bucketUrl({ endpoint, region, bucket, forcePathStyle }: S3Config): string {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`)
  if (forcePathStyle) url.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}`
  else url.hostname = `${bucket}.${url.hostname}`
  return url.href.replace(/\/$/, '')
}

interface Content {
  body?: Buffer
  headers?: Record<string, string>
}

/** Files in a bucket of S3, or of what speaks like it. */
export function createS3Files(config: S3Config): Files {
  const { accessKeyId, secretAccessKey, region } = config
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 2 })
  const base = bucketUrl(config)
  const call = async (method: string, key: string, { body, headers: more }: Content = {}): Promise<Response> => {
    const headers = {
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
      ...more,
    }
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS)
    const init = { method, headers, signal: late.signal, ...(body && { body: new Uint8Array(body) }) }
    const response = await client.fetch(`${base}/${checkKey(key)}`, init).finally(() => clearTimeout(timer))
    if (response.ok || response.status === 404) return response
    await response.body?.cancel()
    throw new Error(`the file store answered ${response.status} to ${method}`)
  }
  return {
    async put(key, bytes, mime) {
      const { ok, body } = await call('PUT', key, { body: bytes, headers: { 'content-type': mime } })
      await body?.cancel()
      if (!ok) throw new Error('the file store has no such bucket')
    },
    async open(key, range) {
      const part = range && { headers: { range: `bytes=${range.first}-${range.last}` } }
      const { status, body, headers } = await call('GET', key, part)
      if (body && status === (range ? 206 : 200)) {
        return { stream: Readable.fromWeb(body as ReadableStream), bytes: Number(headers.get('content-length')) }
      }
      await body?.cancel()
      if (status === 404) return undefined
      throw new Error(`the file store answered ${status} to GET`)
    },
    async remove(key) {
      await (await call('DELETE', key)).body?.cancel()
    },
  }
}
