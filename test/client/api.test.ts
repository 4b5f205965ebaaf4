// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  accessToken,
  forgetAccessToken,
  onSessionEnded,
  refreshAccessToken,
  setAccessToken,
} from '../../client/api/access-token.ts'
import { MeDocument } from '../../client/api/generated.ts'
import { request } from '../../client/api/graphql.ts'
import { observeServerTime } from '../../client/kit/server-time.ts'
import { errorText } from '../../client/kit/error-text.ts'

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>()
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
const unauthenticated = () => Response.json({ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] })
const tokenOf = (sub: string, iat = 0) => `e30.${btoa(JSON.stringify({ sub, iat, name: '~~~???' }))}.s`
const renewed = (token: string, ms = 900_000) => Response.json({ accessToken: token, expiresAt: inMs(ms) })

beforeEach(() => {
  fetched.mockReset()
  vi.stubGlobal('fetch', fetched)
  Object.defineProperty(navigator, 'locks', {
    value: { request: (_name: string, work: () => unknown) => work() },
    configurable: true,
  })
})
afterEach(() => {
  forgetAccessToken()
  observeServerTime(new Date().toUTCString())
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a request', () => {
  it('ends when no answer comes in time', async () => {
    const late = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal)
    fetched.mockImplementation(
      (_url, { signal }) => new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason))),
    )
    const answer = request(MeDocument, {})
    late.abort()
    await expect(answer).rejects.toMatchObject({ code: 'NETWORK' })
    expect(timeout).toHaveBeenCalledWith(30_000)
  })

  it('tells an answer that was cut off from one that is not of the server', async () => {
    const cut = new ReadableStream({ start: (stream) => stream.error(new TypeError('network error')) })
    fetched.mockResolvedValueOnce(new Response(cut))
    await expect(request(MeDocument, {})).rejects.toMatchObject({ code: 'NETWORK' })
    fetched.mockResolvedValueOnce(new Response('<h1>Bad gateway</h1>', { status: 502 }))
    await expect(request(MeDocument, {})).rejects.toMatchObject({ code: 'NETWORK' })
    fetched.mockResolvedValueOnce(new Response('<h1>Oops</h1>', { status: 500 }))
    await expect(request(MeDocument, {})).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('tells of a fault of ours the id by which the log knows it', async () => {
    const extensions = { code: 'INTERNAL', details: { errorId: '0badc0ffee' } }
    fetched.mockResolvedValueOnce(new Response(JSON.stringify({ errors: [{ message: 'Oops', extensions }] })))
    const error: unknown = await request(MeDocument, {}).catch((reason: unknown) => reason)
    expect(errorText(error)).toMatch(/\(0badc0ffee\)$/)
  })

  it.each([500, 503, 429])(
    'does not take a %i while the token is renewed for the end of the session',
    async (status) => {
      const ended = vi.fn()
      onSessionEnded(ended)
      setAccessToken('t1', inMs(900_000))
      fetched.mockResolvedValueOnce(unauthenticated()).mockResolvedValueOnce(new Response('', { status }))
      await expect(request(MeDocument, {})).rejects.toMatchObject({ code: 'NETWORK' })
      expect(accessToken()).toBe('t1')
      expect(ended).not.toHaveBeenCalled()
    },
  )

  it('says so when the session has ended', async () => {
    const ended = vi.fn()
    onSessionEnded(ended)
    setAccessToken('t1', inMs(900_000))
    fetched.mockResolvedValueOnce(unauthenticated()).mockResolvedValueOnce(new Response('', { status: 401 }))
    await expect(request(MeDocument, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(ended).toHaveBeenCalledOnce()
  })
})

describe('the access token', () => {
  it('of somebody else who logged in from another tab does not come under this screen', async () => {
    const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined)
    setAccessToken(tokenOf('u1'), inMs(900_000))
    fetched.mockResolvedValueOnce(renewed(tokenOf('u1', 1)))
    expect(await refreshAccessToken()).toBe('renewed')
    expect(reload).not.toHaveBeenCalled()

    fetched.mockResolvedValueOnce(renewed(tokenOf('u2', 2)))
    expect(await refreshAccessToken()).toBe('unreachable')
    expect(reload).toHaveBeenCalledOnce()
    expect(accessToken()).toBe(tokenOf('u1', 1))
  })

  it('is renewed by the server’s time when this computer’s clock is ahead', async () => {
    vi.useFakeTimers()
    const hour = 3_600_000
    fetched.mockImplementation(async () => {
      const answer = renewed('t2', 900_000 - hour)
      answer.headers.set('date', new Date(Date.now() - hour).toUTCString())
      return answer
    })
    await refreshAccessToken()
    await vi.advanceTimersByTimeAsync(830_000)
    expect(fetched).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(fetched).toHaveBeenCalledTimes(2)
  })
})
