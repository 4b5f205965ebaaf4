import { lookup } from 'node:dns/promises'
import http from 'node:http'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export type FetchFault =
  /** The address is not one of the public network, or it leads on and on. Final. */
  | 'unsafe'
  /** More than was asked for. Final. */
  | 'too_large'
  /** The server says that there is nothing. Final. */
  | 'gone'
  /** No whole answer came; may be tried again. */
  | 'unreachable'

export class FetchError extends Error {
  readonly fault: FetchFault

  constructor(fault: FetchFault, what: string, cause?: unknown) {
    super(`${fault}: ${what}`, { cause })
    this.name = 'FetchError'
    this.fault = fault
  }
}

export interface GuardedFetch {
  url: string
  /** For the origin of `url` alone. */
  headers?: Readonly<Record<string, string>>
  /** Origins whose address is not looked at. */
  trustedOrigins?: readonly string[]
  maxBytes: number
  /** Of everything, redirects included. */
  timeoutMs: number
}

const MAX_REDIRECTS = 3
const REDIRECTS = [301, 302, 303, 307, 308]

/** What is reserved, private, shared, local or many at once. */
const reserved = new BlockList()
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  reserved.addSubnet(address, bits, 'ipv4')
// Within 2000::/3: Teredo and its neighbours, documentation, and IPv4 in disguise.
for (const [address, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  reserved.addSubnet(address, bits, 'ipv6')

/** Global unicast: loopback, link-local, unique local, mapped and translated addresses are all outside of it. */
const globalV6 = new BlockList()
globalV6.addSubnet('2000::', 3, 'ipv6')

/** Whether an IP address is one of the public network. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !reserved.check(address, 'ipv4')
  return isIP(address) === 6 && globalV6.check(address, 'ipv6') && !reserved.check(address, 'ipv6')
}

/** The public addresses of a host; one that has others as well is not trusted with any. */
async function publicAddressOf(hostname: string): Promise<{ address: string; family: number }> {
  const name = hostname.replace(/^\[|\]$/g, '')
  const found = await lookup(name, { all: true }).catch((cause: unknown) => {
    throw new FetchError('unreachable', 'the host has no address', cause)
  })
  const [first] = found
  if (!first || !found.every(({ address }) => isPublicAddress(address)))
    throw new FetchError('unsafe', 'the host has an address that is not public')
  return first
}

function parseUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base)) throw new FetchError('unsafe', 'not an address')
  const url = new URL(text, base)
  if (!['http:', 'https:'].includes(url.protocol) || url.username || url.password)
    throw new FetchError('unsafe', 'not a plain web address')
  return url
}

interface Hop {
  url: URL
  headers: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** Connects to the very address that was checked, so that a name cannot mean another one a moment later. */
async function open({ url, headers, signal }: Hop, trusted: readonly string[]): Promise<IncomingMessage> {
  const checked = trusted.includes(url.origin) ? undefined : await publicAddressOf(url.hostname)
  const pinned: LookupFunction = (_host, options, done) => {
    if (!checked) return
    if (options.all) done(null, [checked])
    else done(null, checked.address, checked.family)
  }
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const identity = { 'accept-encoding': 'identity', 'user-agent': 'Parley' }
    const options = { headers: { ...headers, ...identity }, signal, agent: false, ...(checked && { lookup: pinned }) }
    request(url, options, resolve).on('error', reject).end()
  })
}

function checkStatus({ statusCode = 0 }: IncomingMessage): void {
  if (statusCode === 404 || statusCode === 410) throw new FetchError('gone', `status ${statusCode}`)
  if (statusCode < 200 || statusCode > 299) throw new FetchError('unreachable', `status ${statusCode}`)
}

async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(answer.headers['content-length']) > maxBytes) throw new FetchError('too_large', 'announced')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new FetchError('too_large', 'sent')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function follow(call: GuardedFetch, signal: AbortSignal): Promise<Buffer> {
  const { headers = {}, trustedOrigins = [], maxBytes } = call
  let url = parseUrl(call.url)
  const { origin } = url
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const answer = await open({ url, headers: url.origin === origin ? headers : {}, signal }, trustedOrigins)
    try {
      const { location } = answer.headers
      if (!REDIRECTS.includes(answer.statusCode ?? 0) || !location) {
        checkStatus(answer)
        return await readBody(answer, maxBytes)
      }
      url = parseUrl(location, url)
    } finally {
      answer.destroy()
    }
  }
  throw new FetchError('unsafe', 'too many redirects')
}

/**
 * The bytes behind an address that others have named: http(s) on the public network only, whatever its redirects say, at
 * most `maxBytes` as they were sent (nothing is decompressed), within `timeoutMs`.
 * @throws FetchError
 */
export async function guardedFetch(call: GuardedFetch): Promise<Buffer> {
  try {
    return await follow(call, AbortSignal.timeout(call.timeoutMs))
  } catch (error) {
    throw error instanceof FetchError ? error : new FetchError('unreachable', 'no whole answer', error)
  }
}
