import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { observeServerTime } from '../../client/kit/server-time.ts'
import { Feed, type FeedEvent, type FeedState } from '../../client/realtime.ts'
import { FakeSocket } from './fake-socket.ts'

const newest = () => FakeSocket.opened.at(-1)!
let states: FeedState[]
let events: FeedEvent[]
let token: { value: string; expiresAt: number }
const renewToken = vi.fn<() => Promise<'renewed' | 'ended' | 'unreachable'>>()
const onRefused = vi.fn()
let feed: Feed<FeedEvent>

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.opened = []
  states = []
  events = []
  token = { value: 't1', expiresAt: Date.now() + 900_000 }
  renewToken.mockReset().mockImplementation(async () => {
    token = { value: `${token.value}+`, expiresAt: Date.now() + 900_000 }
    return 'renewed'
  })
  onRefused.mockReset()
  feed = new Feed({
    url: 'ws://parley/graphql/ws',
    document: 'subscription',
    variables: { accountId: 'a1' },
    token: () => token,
    renewToken,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    onRefused,
    WebSocket: FakeSocket as unknown as typeof WebSocket,
    random: () => 1,
  })
})
afterEach(() => {
  feed.close()
  observeServerTime(new Date().toUTCString())
  vi.useRealTimers()
})

describe('the live view (I13)', () => {
  it('says who it is, subscribes, and is live with the first heartbeat', () => {
    newest().accept()
    expect(newest().sent[0]).toEqual({ type: 'connection_init', payload: { authorization: 'Bearer t1' } })
    expect(newest().subscribed()).toEqual({ accountId: 'a1' })
    expect(states).toEqual(['catching-up'])
    newest().event('1', 'feed.heartbeat')
    expect(states).toEqual(['catching-up', 'live'])
  })

  it('resumes after the last cursor, heartbeats included', async () => {
    newest().accept()
    newest().event('7')
    newest().event('9', 'feed.heartbeat')
    newest().end(1006)
    expect(states.at(-1)).toBe('catching-up')
    await vi.advanceTimersByTimeAsync(500)
    newest().accept()
    expect(newest().subscribed()).toEqual({ accountId: 'a1', after: '9' })
    newest().event('10')
    newest().event('10', 'feed.heartbeat')
    expect(states.at(-1)).toBe('live')
    expect(events.map((event) => event.cursor)).toEqual(['7', '9', '10', '10'])
  })

  it('backs off from half a second to eight, and says that it is offline', async () => {
    const waits = [500, 1_000, 2_000, 4_000, 8_000, 8_000]
    for (const [index, wait] of waits.entries()) {
      newest().end(1006)
      await vi.advanceTimersByTimeAsync(wait - 1)
      expect(FakeSocket.opened).toHaveLength(index + 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(FakeSocket.opened).toHaveLength(index + 2)
    }
    expect(states).toEqual(['catching-up', 'offline'])
  })

  it('tries at once when nudged', () => {
    newest().end(1006)
    feed.nudge()
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it('gives up a socket that went silent, after asking it, and is back within ten seconds', async () => {
    newest().accept()
    const silent = newest()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(silent.sent.at(-1)).toEqual({ type: 'ping' })
    expect(silent.closedWith).toBeUndefined()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(silent.closedWith).toBe(1000)
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it('stays on a socket that answers', async () => {
    newest().accept({ alive: true })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSocket.opened).toHaveLength(1)
  })

  it('asks the socket at once when nudged, for instance by a browser that lost its network', async () => {
    newest().accept()
    newest().event('1', 'feed.heartbeat')
    feed.nudge()
    expect(newest().sent.at(-1)).toEqual({ type: 'ping' })
    await vi.advanceTimersByTimeAsync(4_000)
    expect(states.at(-1)).toBe('catching-up')
    newest().say({ type: 'pong' })
    await vi.advanceTimersByTimeAsync(500)
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it('gives up an attempt to connect that leads nowhere', async () => {
    await vi.advanceTimersByTimeAsync(10_500)
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it('replaces the socket before its token ends, without an event twice', async () => {
    newest().accept({ alive: true })
    newest().event('3', 'feed.heartbeat')
    const old = newest()
    await vi.advanceTimersByTimeAsync(870_000)
    expect(FakeSocket.opened).toHaveLength(2)
    expect(old.closedWith).toBeUndefined()
    newest().accept()
    expect(old.closedWith).toBe(1000)
    expect(newest().subscribed()).toEqual({ accountId: 'a1', after: '3' })
    expect(states).toEqual(['catching-up', 'live'])
  })

  it('keeps one subscription when the old socket ends while it is being replaced', async () => {
    newest().accept({ alive: true })
    newest().event('3', 'feed.heartbeat')
    const old = newest()
    await vi.advanceTimersByTimeAsync(870_000)
    old.end(4401)
    expect(states.at(-1)).toBe('catching-up')
    newest().accept({ alive: true })
    newest().event('4', 'feed.heartbeat')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(FakeSocket.opened).toHaveLength(2)
    expect(states.at(-1)).toBe('live')
  })

  it('renews the token once when the session’s end is announced, and comes back', async () => {
    newest().accept()
    newest().end(4401)
    await vi.advanceTimersByTimeAsync(500)
    expect(renewToken).toHaveBeenCalledTimes(1)
    newest().accept()
    expect(newest().sent[0]!.payload).toEqual({ authorization: 'Bearer t1+' })
  })

  it('stops when the session has really ended', async () => {
    renewToken.mockResolvedValue('ended')
    newest().accept()
    newest().end(4401)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSocket.opened).toHaveLength(1)
  })

  it('renews a token that ended during sleep before it connects', async () => {
    newest().end(1006)
    vi.setSystemTime(Date.now() + 3_600_000)
    feed.nudge()
    expect(FakeSocket.opened).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(0)
    newest().connect()
    expect(newest().token()).toBe('Bearer t1+')
  })

  it('tries again later when the token cannot be renewed yet', async () => {
    renewToken.mockResolvedValueOnce('unreachable')
    newest().accept()
    newest().end(4403)
    await vi.advanceTimersByTimeAsync(500 + 1_000)
    newest().accept()
    expect(newest().token()).toBe('Bearer t1+')
    expect(states).not.toContain('refused')
  })

  it('stops and says so when a fresh token is refused too', async () => {
    newest().accept()
    newest().end(4403)
    await vi.advanceTimersByTimeAsync(500)
    expect(onRefused).not.toHaveBeenCalled()
    newest().connect()
    newest().end(4403)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSocket.opened).toHaveLength(2)
    expect(states.at(-1)).toBe('refused')
    expect(onRefused).toHaveBeenCalledOnce()
  })
})

describe('on a computer whose clock is an hour ahead', () => {
  beforeEach(() => {
    newest().accept({ alive: true })
    token.expiresAt = Date.now() - 3_600_000 + 900_000
  })

  it('goes by the server’s time', async () => {
    observeServerTime(new Date(Date.now() - 3_600_000).toUTCString())
    newest().end(1006)
    await vi.advanceTimersByTimeAsync(500)
    newest().accept({ alive: true })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(renewToken).not.toHaveBeenCalled()
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it('does not renew in a tight loop before the server has told its time', async () => {
    renewToken.mockImplementation(async () => {
      token = { value: `${token.value}+`, expiresAt: Date.now() - 3_600_000 + 900_000 }
      return 'renewed'
    })
    newest().end(1006)
    for (let second = 0; second < 60; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000)
      if (newest().readyState === 0) newest().accept({ alive: true })
    }
    expect(FakeSocket.opened.length).toBeLessThan(9)
  })
})
