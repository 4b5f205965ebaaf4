import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EventStore, type Delivery } from '../../server/modules/intake/event-store.ts'

/** How many deliveries each insert had. */
let inserts: number[]
let answer: (keys: string[]) => Promise<void>
let store: EventStore

const failure = (code: string) => Object.assign(new Error(code), { code })
const forever = () => new Promise<void>(() => {})

beforeEach(() => {
  inserts = []
  const intake = (_strings: TemplateStringsArray, _types: string[], keys: string[]) => {
    inserts.push(keys.length)
    return answer(keys)
  }
  const log = { warn: () => {} }
  const producer = { hint: () => {} }
  store = new EventStore({ intake, producer, log } as unknown as ConstructorParameters<typeof EventStore>[0])
})
afterEach(() => void vi.useRealTimers())

const delivery = (eventKey: string, size = 10): Delivery => ({
  ...{ channelType: 'tiktok', eventKey, accountRef: 'shop', threadKey: eventKey },
  raw: Buffer.alloc(size),
})
const storeMany = (count: number, size?: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, place) => store.store(delivery(`key ${place}`, size))))
const outcomes = (results: PromiseSettledResult<void>[]) => {
  const refused = results.filter((result) => result.status === 'rejected').length
  return { stored: results.length - refused, refused }
}

describe('what is delivered while Postgres is away is refused quickly, and not hoarded (I1)', () => {
  it.each(['57P01', '08006', 'ECONNREFUSED', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT'])(
    'after %s the whole batch is refused at once',
    async (code) => {
      answer = () => Promise.reject(failure(code))
      expect(outcomes(await storeMany(100))).toEqual({ stored: 0, refused: 100 })
      expect(inserts).toEqual([100])
    },
  )

  it('when it goes away while a batch goes one by one, the rest is refused at once', async () => {
    answer = (keys) => Promise.reject(failure(keys.length > 1 ? '22P02' : 'CONNECTION_CLOSED'))
    expect(outcomes(await storeMany(100))).toEqual({ stored: 0, refused: 100 })
    expect(inserts).toEqual([100, 1])
  })

  it('a delivery waits for 4 s and no longer, in hand or in line', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    answer = forever
    const waiting = storeMany(500)
    await vi.waitUntil(() => inserts.length === 1)
    await vi.advanceTimersByTimeAsync(4_000)
    expect(outcomes(await waiting)).toEqual({ stored: 0, refused: 500 })
  })

  it('beyond 5,000 that wait, or 64 MB, it is refused without waiting', async () => {
    answer = forever
    void storeMany(5_000)
    await expect(store.store(delivery('one more'))).rejects.toThrow('too many')
  })

  it('beyond 64 MB too', async () => {
    answer = forever
    void storeMany(64, 1024 * 1024)
    await expect(store.store(delivery('one more'))).rejects.toThrow('too many')
  })

  it('and what was refused makes room again', async () => {
    answer = () => Promise.reject(failure('57P03'))
    await storeMany(5_000)
    answer = () => Promise.resolve()
    expect(outcomes(await storeMany(5_000))).toEqual({ stored: 5_000, refused: 0 })
  })
})

describe('a row that Postgres does not take (I4)', () => {
  it('is refused alone', async () => {
    answer = (keys) => (keys.includes('key 7') ? Promise.reject(failure('22021')) : Promise.resolve())
    const results = await storeMany(100)
    expect(results.flatMap(({ status }, place) => (status === 'rejected' ? [place] : []))).toEqual([7])
  })
})
