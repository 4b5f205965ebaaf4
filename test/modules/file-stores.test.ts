import Fastify from 'fastify'
import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFiles } from '../../server/files/create-files.ts'
import type { Files } from '../../server/files/files.ts'
import { FetchError, guardedFetch, isPublicAddress } from '../../server/kit/guarded-fetch.ts'

const SECRET = 'the secret of the bucket'
const sha256 = (value: string | Buffer) => createHash('sha256').update(value).digest('hex')
const hmac = (key: string | Buffer, value: string) => createHmac('sha256', key).update(value).digest()

interface Signed {
  method: string
  url: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** Signature version 4, as Amazon writes it down: what the request should have been signed with. */
function signatureOf({ method, url, headers, body }: Signed): { expected: string; given: string } {
  const authorization = String(headers['authorization'])
  const [, credential = '', names = '', given = ''] =
    /Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]+)/.exec(authorization) ?? []
  const [, day = '', region = '', service = ''] = credential.split('/')
  if (headers['x-amz-content-sha256'] !== sha256(body)) return { expected: 'of another body', given }
  const canonical = [
    ...[method, url, ''],
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    ...['', names, sha256(body)],
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n')
  const key = [region, service, 'aws4_request'].reduce((before, part) => hmac(before, part), hmac(`AWS4${SECRET}`, day))
  return { expected: hmac(key, text).toString('hex'), given }
}

/** A bucket that takes nothing unsigned. */
async function startBucket() {
  const objects = new Map<string, { bytes: Buffer; mime: string }>()
  const app = Fastify({ forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.route({
    method: ['GET', 'PUT', 'DELETE'],
    url: '/*',
    handler: (request, reply) => {
      const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
      const { expected, given } = signatureOf({
        method: request.method,
        url: request.url,
        headers: request.headers,
        body,
      })
      if (expected !== given) return reply.code(403).send()
      const object = objects.get(request.url)
      if (request.method === 'PUT') {
        objects.set(request.url, { bytes: body, mime: String(request.headers['content-type']) })
        return reply.code(200).send()
      }
      if (request.method === 'DELETE') {
        objects.delete(request.url)
        return reply.code(204).send()
      }
      if (!object) return reply.code(404).send('<Error/>')
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      const part = first === undefined ? object.bytes : object.bytes.subarray(Number(first), Number(last) + 1)
      return reply
        .code(first === undefined ? 200 : 206)
        .type(object.mime)
        .send(part)
    },
  })
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), objects, close: () => app.close() }
}

let dataDir: string
let bucket: Awaited<ReturnType<typeof startBucket>>
const s3Of = (secretAccessKey: string) => ({
  ...{ endpoint: bucket.url, region: 'eu-central-1', bucket: 'parley', forcePathStyle: true },
  ...{ accessKeyId: 'AKIA', secretAccessKey },
})

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'parley-files-'))
  bucket = await startBucket()
})

afterAll(async () => {
  await bucket.close()
  await rm(dataDir, { recursive: true })
})

describe.each(['the disk', 'S3'])('files on %s', (name) => {
  const open = (): Files => createFiles({ dataDir, ...(name === 'S3' && { s3: s3Of(SECRET) }) })

  it('come back as they were, are replaced, and go', async () => {
    const files = open()
    const key = 'account-1/file_1'
    await files.put(key, Buffer.from('one'), 'image/png')
    await files.put(key, Buffer.from('the other'), 'image/png')
    const found = await files.open(key)
    expect(found?.bytes).toBe(9)
    expect(found && (await buffer(found.stream)).toString()).toBe('the other')
    const part = await files.open(key, { first: 4, last: 6 })
    expect(part?.bytes).toBe(3)
    expect(part && (await buffer(part.stream)).toString()).toBe('oth')
    await files.remove(key)
    await files.remove(key)
    expect(await files.open(key)).toBeUndefined()
    expect(await files.open(key, { first: 0, last: 1 })).toBeUndefined()
    expect(await readdir(path.join(dataDir, 'files/account-1')).catch(() => [])).toEqual([])
  })

  it('have no names that lead elsewhere', async () => {
    for (const key of ['../x', 'a/../b', '/etc/passwd', 'a/b/c', 'a', 'a/b\0', 'a/.b'])
      await expect((async () => open().open(key))()).rejects.toThrow('not the key')
  })
})

it('S3 says so when it is not let in, and does not tell the secret', async () => {
  const files = createFiles({ dataDir, s3: s3Of('another secret') })
  await expect(files.put('a/b', Buffer.from('x'), 'image/png')).rejects.toThrow(/answered 403/)
  expect(bucket.objects.size).toBe(0)
})

describe('a guarded fetch', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', 'ff02::1', 'localhost', ''],
  ])('does not take %s for a public address', (address) => expect(isPublicAddress(address)).toBe(false))

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])('takes %s for one', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  )

  const faultOf = async (call: Partial<Parameters<typeof guardedFetch>[0]> & { url: string }) => {
    const error: unknown = await guardedFetch({ maxBytes: 1_000, timeoutMs: 2_000, ...call }).catch(
      (cause: unknown) => cause,
    )
    return error instanceof FetchError ? error.fault : error
  }

  it('refuses what is not plain http(s) on the public network, however it is written', async () => {
    for (const url of [
      ...['http://127.0.0.1:1/', 'http://localhost:1/', 'http://[::1]:1/', 'http://2130706433:1/', 'http://0x7f.1:1/'],
      ...[
        'http://[::ffff:127.0.0.1]:1/',
        'ftp://example.com/',
        'file:///etc/passwd',
        'http://a:b@8.8.8.8/',
        'nonsense',
      ],
    ])
      expect(await faultOf({ url }), url).toBe('unsafe')
  })

  it('does not carry headers to another host, and ends what does not end', async () => {
    const seen: Record<string, unknown>[] = []
    const app = Fastify({ forceCloseConnections: true })
    app.get('/from', (request, reply) => {
      seen.push(request.headers)
      return reply.redirect(`${String((request.query as { to: string }).to)}/to`)
    })
    app.get('/to', (request) => {
      seen.push(request.headers)
      return 'here'
    })
    app.get('/silent', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200)
      reply.raw.write('a')
    })
    const here = await app.listen({ port: 0, host: '127.0.0.1' })
    const there = here.replace('127.0.0.1', 'localhost')
    const trustedOrigins = [here, there]
    const headers = { 'x-user': 'a token' }
    const limits = { maxBytes: 10, timeoutMs: 2_000, headers, trustedOrigins }
    expect((await guardedFetch({ url: `${here}/from?to=${here}`, ...limits })).toString()).toBe('here')
    expect((await guardedFetch({ url: `${here}/from?to=${there}`, ...limits })).toString()).toBe('here')
    expect(seen.map((one) => one['x-user'])).toEqual(['a token', 'a token', 'a token', undefined])
    expect(await faultOf({ url: `${here}/from?to=${there}`, headers, trustedOrigins: [here] })).toBe('unsafe')
    expect(await faultOf({ url: `${here}/silent`, trustedOrigins, timeoutMs: 200 })).toBe('unreachable')
    await app.close()
  })
})
