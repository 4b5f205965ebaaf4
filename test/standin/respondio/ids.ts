import type { Prng } from '../prng.ts'

export interface Ids {
  /** Numbers as respond.io's: six to nine digits that only grow. */
  number(): number
  accessToken(space: { id: number; orgId: number }, now: number): string
  /** In the form of TikTok's message ids. */
  channelMessage(): string
  signingKey(): string
  event(): string
  medium(): string
  /** True microseconds for what respond.io sends itself: the clock's ms and something behind it. */
  micros(now: number): number
}

const FIRST = 398_350_624

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function uuid(random: Prng): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function createIds(random: Prng, boots: number): Ids {
  // Each start has numbers of its own: the same again would collide with those that were saved.
  let last = FIRST + boots * 10_000_000
  let lastMicros = 0
  return {
    number: () => {
      last += random.int(1, 40)
      return last
    },
    // §1: a JWT whose payload says so much, and that clients must not read.
    accessToken: ({ id, orgId }, now) =>
      [
        base64url({ alg: 'HS256', typ: 'JWT' }),
        base64url({ iat: Math.floor(now / 1000), id: random.int(1, 99_999), spaceId: id, orgId, type: 'api' }),
        random.bytes(32).toString('base64url'),
      ].join('.'),
    channelMessage: () => random.bytes(19).toString('base64'),
    signingKey: () => random.bytes(32).toString('base64'),
    event: () => uuid(random),
    medium: () => random.bytes(12).toString('hex'),
    micros: (now) => {
      const sameMs = Math.floor(lastMicros / 1000) === now
      lastMicros = sameMs ? lastMicros + 1 : now * 1000 + random.int(0, 800)
      return lastMicros
    },
  }
}
