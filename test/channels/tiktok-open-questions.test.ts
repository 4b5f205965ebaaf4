import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Channel, Credentials } from '../../server/channels/contract.ts'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import type { Business, Person } from '../standin/tiktok/types.ts'
import { failureOf } from './contract-support.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

let standin: Standin
let channel: Channel
let business: Business
let person: Person
let credentials: Credentials

beforeEach(async () => {
  standin = await startStandin({ tiktok: { knobs: { qps: Infinity } } })
  channel = createTikTok({ ...TEST_SETTINGS, apiUrl: standin.url })
  business = standin.tiktok.addBusiness({ username: 'acme.shop', displayName: 'Acme' })
  person = standin.tiktok.addPerson({ username: 'alice.demo', displayName: 'Alice' })
  const granted = standin.tiktok.grant(business)
  const { access_token: accessToken, refresh_token: refreshToken, scope } = granted
  credentials = { accessToken, refreshToken, scope, businessId: business.openId }
})
afterEach(() => standin.close())

describe('what nobody knows of production works either way (TikTok wire reference §19)', () => {
  it.each(['newest_first', 'oldest_first'] as const)('a list of messages that comes %s', async (contentListOrder) => {
    const { tiktok } = standin
    tiktok.setKnobs({ contentListOrder })
    const at = Date.now() - 60_000
    const write = (text: string, later: number) =>
      tiktok.customerWrites({ business, person, text, at: at + later }).conversationId
    write('first', 0)
    write('second, in the same ms', 0)
    const threadRef = write('third', 1)
    const { messages } = await channel.readThread(credentials, threadRef)
    expect(messages.map(({ content }) => content.text)).toEqual(['first', 'second, in the same ms', 'third'])
  })

  it.each([true, false])('a refresh token that rotates: %s', async (refreshRotates) => {
    standin.tiktok.setKnobs({ refreshRotates })
    const renew = (given: Credentials) => channel.renew?.(given) ?? Promise.reject(new Error('it renews nothing'))
    const first = await renew(credentials)
    const second = await renew(first.credentials)
    expect(first.credentials.refreshToken === credentials.refreshToken).toBe(!refreshRotates)
    const { conversationId: threadRef } = standin.tiktok.customerWrites({ business, person, text: 'Hello' })
    await channel.send(second.credentials, {
      accountRef: business.openId,
      threadRef,
      content: { type: 'text', text: 'Hi' },
    })
    if (refreshRotates) expect(await failureOf(renew(credentials))).toMatchObject({ kind: 'reauth' })
    else await renew(credentials)
  })

  it.each(['business', 'person'] as const)('an echo whose unique_identifier is the %s’s', (echoUniqueIdentifier) => {
    const { tiktok } = standin
    tiktok.setKnobs({ echoUniqueIdentifier })
    const { messageId } = tiktok.businessWritesInApp({ business, person, text: 'by phone' })
    const [told] = tiktok.ledger.webhooks({ messageId })
    const identifier = echoUniqueIdentifier === 'person' ? person.id : business.openId
    const body = Buffer.from(told?.rawBody ?? '')
    expect(body.toString()).toContain(`unique_identifier\\":\\"${identifier}`)
    expect(channel.webhook?.parse(body)).toMatchObject([{ kind: 'echo', person: { ref: person.id } }])
  })
})
