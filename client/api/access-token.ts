import { observeServerTime, serverNow } from '../kit/server-time.ts'
import { remembered, storageWorks } from '../kit/storage.ts'

interface AccessToken {
  value: string
  expiresAt: number
}

export type RefreshOutcome = 'renewed' | 'ended' | 'unreachable'

const ANSWER_WITHIN_MS = 10_000

/** Of the whole browser, as the cookie is: that there is a session, and nothing of it. */
const sessionMark = remembered('parley:session')

let current: AccessToken | undefined
let refreshing: Promise<RefreshOutcome> | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let sessionEnded: () => void = () => undefined

/** In memory only: what a script could steal from storage is not there. */
export function accessToken(): string | undefined {
  return current?.value
}

/** Milliseconds since the epoch, undefined without a token. */
export function accessTokenExpiresAt(): number | undefined {
  return current?.expiresAt
}

export function onSessionEnded(listener: () => void): void {
  sessionEnded = listener
}

/** False only where a renewal is sure to be refused: no tab has begun a session since the last one ended. */
export function sessionMayExist(): boolean {
  return sessionMark.read() === 'true' || !storageWorks()
}

export function setAccessToken(value: string, expiresAt: string): void {
  current = { value, expiresAt: Date.parse(expiresAt) }
  sessionMark.write('true')
  scheduleRefresh()
}

export function forgetAccessToken(): void {
  current = undefined
  sessionMark.forget()
  clearTimeout(timer)
}

/** One renewal at a time in this tab, and one tab at a time where the browser has locks: the cookie rotates. */
export function refreshAccessToken(stale?: string): Promise<RefreshOutcome> {
  if (stale && current && current.value !== stale) return Promise.resolve('renewed')
  refreshing ??= withLock(refresh).finally(() => {
    refreshing = undefined
  })
  return refreshing
}

async function withLock(work: () => Promise<RefreshOutcome>): Promise<RefreshOutcome> {
  if (!('locks' in navigator)) return work()
  return navigator.locks.request('parley:refresh', work)
}

async function refresh(): Promise<RefreshOutcome> {
  const hadToken = current !== undefined
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const response = await fetch('/auth/refresh', { method: 'POST', credentials: 'same-origin', signal })
    observeServerTime(response.headers.get('date'))
    if (response.status === 401) return end(hadToken)
    if (!response.ok) return retryLater()
    const session = (await response.json()) as { accessToken: string; expiresAt: string }
    if (current && userOf(current.value) !== userOf(session.accessToken)) return startOver()
    setAccessToken(session.accessToken, session.expiresAt)
    return 'renewed'
  } catch {
    return retryLater()
  }
}

function end(hadToken: boolean): RefreshOutcome {
  forgetAccessToken()
  if (hadToken) sessionEnded()
  return 'ended'
}

/** Somebody else logged in from another tab: what this one shows and holds is not theirs. */
function startOver(): RefreshOutcome {
  location.reload()
  return 'unreachable'
}

/** The subject of a JSON web token; what is none has none. */
function userOf(token: string): unknown {
  try {
    const claims = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    return (JSON.parse(atob(claims)) as { sub?: unknown }).sub
  } catch {
    return undefined
  }
}

function retryLater(): RefreshOutcome {
  if (current) scheduleRefresh()
  return 'unreachable'
}

function scheduleRefresh(): void {
  clearTimeout(timer)
  if (!current) return
  const lifetime = current.expiresAt - serverNow()
  // A minute ahead, and never in a tight loop.
  const delay = Math.max(10_000, lifetime - 60_000)
  timer = setTimeout(() => void refreshAccessToken(), Math.min(delay, 2_000_000_000))
}
