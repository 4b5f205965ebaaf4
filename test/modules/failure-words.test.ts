import { describe, expect, it } from 'vitest'
import { conversations as en } from '../../client/locales/en/conversations.ts'
import { settings as enSettings } from '../../client/locales/en/settings.ts'
import { conversations as th } from '../../client/locales/th/conversations.ts'
import { settings as thSettings } from '../../client/locales/th/settings.ts'
import type { ChannelError } from '../../server/channels/contract.ts'
import * as respondIo from '../../server/channels/respondio/errors.ts'
import { statusFailure, transportFailure, verdictFailure } from '../../server/channels/tiktok/errors.ts'
import { TransportError } from '../../server/kit/http-call.ts'
import { FAILURES } from '../../server/modules/messages/failures.ts'

/** What respond.io can say to a send: each status, in words of its own, of TikTok's, or in none. */
function everyRefusal(): ChannelError[] {
  const words = [undefined, '', 'You are sending messages too fast.', '[40064] Not allowed']
  const statuses = [302, ...Array.from({ length: 200 }, (_, place) => 400 + place)]
  return statuses.flatMap((status) => words.map((said) => respondIo.refusalFailure({ status, words: said }, 'send')))
}

/** Every way in which a send can fail: each number that a verdict can have, each status, each broken connection. */
function everyFailure(): ChannelError[] {
  const numbers = [-1, 20001, ...Array.from({ length: 30_000 }, (_, place) => 40_000 + place)]
  const verdicts = numbers.flatMap((code) =>
    ['', 'You are sending messages too fast.'].flatMap((message) =>
      [true, false].map((lacks) => verdictFailure({ code, message, requestId: 'R' }, 'send', lacks)),
    ),
  )
  const statuses = [200, 302, 400, 404, 408, 429, 500, 502].map((status) => statusFailure(status, 'send'))
  const lost = (['timeout', 'broken', 'too_large'] as const).flatMap((reason) =>
    [true, false].flatMap((sent) =>
      [transportFailure, respondIo.transportFailure].map((translate) =>
        translate(new TransportError(reason, sent, undefined), 'send'),
      ),
    ),
  )
  return [...verdicts, ...statuses, ...lost, ...everyRefusal()]
}

const codesOf = (...kinds: ChannelError['kind'][]) =>
  [...new Set(everyFailure().flatMap(({ kind, code }) => (kinds.includes(kind) ? [code] : [])))].sort()

describe('why a message failed', () => {
  it('has a sentence in both languages, whatever the provider answers', () => {
    // What may have arrived has words of its own: not confirmed, then may have arrived.
    const onMessages = codesOf('rejected', 'misconfigured', 'unavailable', 'rate_limited')
    expect(onMessages).toEqual(expect.arrayContaining(['BLOCKED_BY_PROVIDER', 'CONTACT_NOT_READY', 'REQUEST_BLOCKED']))
    expect(onMessages.filter((code) => !(code in FAILURES))).toEqual([])
    const words = Object.keys(FAILURES).filter((code) => code !== 'DELIVERY_UNKNOWN')
    for (const { failures } of [en, th]) expect(words.filter((code) => !(code in failures))).toEqual([])
  })

  it('and so has a connection that it ends', () => {
    // An access that is refused although it was renewed counts as withdrawn.
    const reasons = [...codesOf('reauth'), 'REVOKED']
    expect(reasons).toContain('CONSENT_ENDED')
    for (const { reauth } of [enSettings, thSettings]) expect(reasons.filter((code) => !(code in reauth))).toEqual([])
  })
})
