import { describe, expect, it } from 'vitest'
import { answerFailure, statusFailure, transportFailure, verdictFailure } from '../../server/channels/tiktok/errors.ts'
import type { Operation } from '../../server/channels/tiktok/errors.ts'
import { TransportError } from '../../server/kit/http-call.ts'
import type { ChannelError } from '../../server/channels/contract.ts'

const said = ({ kind, code }: ChannelError) => `${kind} ${code}`
const verdict = (operation: Operation, code: number, message = '', grantLacks = false) =>
  said(verdictFailure({ code, message, requestId: 'R' }, operation, grantLacks))

/** TikTok wire reference §11: code → what it means to a send, to a list, and to a renewal. */
const table: [number, string, string, string][] = [
  [40000, 'rejected INVALID_MESSAGE', 'rejected INVALID_MESSAGE', 'misconfigured APP_MISCONFIGURED'],
  [40002, 'rejected INVALID_MESSAGE', 'rejected INVALID_MESSAGE', 'misconfigured APP_MISCONFIGURED'],
  [40001, 'misconfigured NOT_PERMITTED', 'misconfigured NOT_PERMITTED', 'misconfigured NOT_PERMITTED'],
  [40007, 'rejected THREAD_GONE', 'rejected THREAD_GONE', 'rejected THREAD_GONE'],
  [40050, 'unknown BAD_ANSWER', 'unavailable BAD_ANSWER', 'unavailable BAD_ANSWER'],
  [40100, 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED'],
  [40133, 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED'],
  [61000, 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED'],
  [40064, 'rejected BLOCKED_BY_PROVIDER', 'rejected BLOCKED_BY_PROVIDER', 'rejected BLOCKED_BY_PROVIDER'],
  [40101, 'misconfigured APP_MISCONFIGURED', 'misconfigured APP_MISCONFIGURED', 'misconfigured APP_MISCONFIGURED'],
  [40102, 'unauthorized TOKEN_REFUSED', 'unauthorized TOKEN_REFUSED', 'reauth CONSENT_ENDED'],
  [40104, 'unauthorized TOKEN_REFUSED', 'unauthorized TOKEN_REFUSED', 'misconfigured APP_MISCONFIGURED'],
  [40105, 'unauthorized TOKEN_REFUSED', 'unauthorized TOKEN_REFUSED', 'reauth REFRESH_REFUSED'],
  [40103, 'reauth CONSENT_ENDED', 'reauth CONSENT_ENDED', 'reauth CONSENT_ENDED'],
  [40107, 'reauth REFRESH_REFUSED', 'reauth REFRESH_REFUSED', 'reauth REFRESH_REFUSED'],
  [40118, 'misconfigured NOT_ELIGIBLE', 'misconfigured NOT_ELIGIBLE', 'misconfigured NOT_ELIGIBLE'],
  [40130, 'reauth SCOPE_MISSING', 'reauth SCOPE_MISSING', 'reauth SCOPE_MISSING'],
  [40202, 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
  [40908, 'rejected INVALID_MESSAGE', 'rejected INVALID_MESSAGE', 'rejected INVALID_MESSAGE'],
  [50000, 'unknown PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
  [51065, 'unknown PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
  [53999, 'unknown PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
  [60001, 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
  [49999, 'rejected INVALID_MESSAGE', 'rejected INVALID_MESSAGE', 'misconfigured APP_MISCONFIGURED'],
  [-1, 'unknown BAD_ANSWER', 'unavailable BAD_ANSWER', 'unavailable BAD_ANSWER'],
]

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, place) => first + place)

/** The classes of the reference: permanent for this message, again later, the access, the set-up. */
const classes: [string, readonly string[], number[]][] = [
  ['P', ['rejected'], [40000, 40002, 40007, 40064, 40700, ...range(40904, 40912), ...range(40914, 40916)]],
  ['R', ['rate_limited'], [40016, 40100, 40132, 40133, 61000]],
  ['R', ['unavailable'], [40201, 40202, 40902, 40903, 40913, 60001]],
  ['R, ambiguous for a send', ['unknown'], [50000, 50002, 51000, 51010, 51065, 52000, 53000]],
  ['done by another one: to be settled', ['unknown'], [20001, 40050]],
  ['A', ['unauthorized', 'reauth'], [40102, 40103, 40104, 40105, 40107, 40130, 40131]],
  ['C', ['misconfigured'], [40001, 40006, 40008, 40009, 40010, 40051, 41000, 41001, 41002, 40118]],
  ['C', ['misconfigured'], [40101, 40108, 40113, 40116, 40117, 40124, 40125]],
]

describe('TikTok’s codes (TikTok wire reference §11)', () => {
  it.each(table)('%i', (code, send, read, renew) => {
    expect(verdict('send', code)).toBe(send)
    expect(verdict('read', code)).toBe(read)
    expect(verdict('renew', code)).toBe(renew)
  })

  it.each(classes)('of class %s are %j', (_, kinds, codes) => {
    for (const code of codes) expect(kinds, String(code)).toContain(verdict('send', code).split(' ')[0])
  })

  it.each([40002, 40105, 40107, 40110, 40115])('refuse a code of the authorize page with %i', (code) => {
    expect(verdict('exchange', code)).toBe('rejected CODE_REJECTED')
  })

  it('tell sending too fast by its sentence, the only one that is known', () => {
    expect(verdict('send', 40064, 'You are sending messages too fast. Take a rest.')).toBe('rejected SENDING_TOO_FAST')
    expect(verdict('send', 40002, 'too fast')).toBe('rejected INVALID_MESSAGE')
  })

  it('tell a grant without the scope from an app without approval', () => {
    expect(verdict('send', 40001, '', true)).toBe('reauth SCOPE_MISSING')
    expect(verdict('send', 40007, '', true)).toBe('rejected THREAD_GONE')
  })

  it('make up no time for a limit of rate, and keep TikTok’s words to themselves', () => {
    const error = verdictFailure({ code: 40100, message: 'quoted text', requestId: 'R1' }, 'send', false)
    expect(error.retryAfterMs).toBeUndefined()
    expect(`${String(error)} ${String(error.cause)}`).not.toContain('quoted text')
    expect(String(error.cause)).toContain('40100')
  })
})

describe('answers without a verdict', () => {
  it.each([
    [502, 'unknown PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
    [408, 'unknown PROVIDER_UNAVAILABLE', 'unavailable PROVIDER_UNAVAILABLE'],
    [404, 'misconfigured APP_MISCONFIGURED', 'misconfigured APP_MISCONFIGURED'],
    [429, 'rate_limited RATE_LIMITED', 'rate_limited RATE_LIMITED'],
    [302, 'unknown BAD_ANSWER', 'unavailable BAD_ANSWER'],
  ])('mean by their status %i', (status, send, read) => {
    expect(said(statusFailure(status, 'send'))).toBe(send)
    expect(said(statusFailure(status, 'read'))).toBe(read)
  })

  it('or none at all depend on whether anything left', () => {
    const lost = (reason: 'timeout' | 'broken' | 'too_large', sent: boolean, operation: Operation) =>
      said(transportFailure(new TransportError(reason, sent, undefined), operation))
    for (const reason of ['timeout', 'broken'] as const)
      expect(lost(reason, false, 'send')).toBe('unavailable NO_CONNECTION')
    expect(lost('timeout', true, 'send')).toBe('unknown TIMEOUT')
    expect(lost('timeout', true, 'read')).toBe('unavailable TIMEOUT')
    expect(lost('broken', true, 'send')).toBe('unknown PROVIDER_UNAVAILABLE')
    expect(lost('too_large', true, 'send')).toBe('unknown BAD_ANSWER')
    expect(said(answerFailure('renew', 'a token'))).toBe('unavailable BAD_ANSWER')
  })
})
