import { expect, it } from 'vitest'
import type { Credentials } from '../../server/channels/contract.ts'
import { failureOf, sending } from './contract-support.ts'
import type { Current } from './contract-support.ts'
import type { ChannelHarness, ChannelTraits } from './harness.ts'

export function describeCredentials(current: Current, { endedConsent }: ChannelTraits) {
  const renew = (harness: ChannelHarness, credentials: Credentials, channel = harness.channel) => {
    if (!channel.renew) throw new Error('the channel renews nothing')
    return channel.renew(credentials)
  }

  it('keeps credentials as flat texts that survive JSON', async () => {
    const { credentials } = await current().connect()
    expect(Object.values(credentials).every((value) => typeof value === 'string')).toBe(true)
    expect(JSON.parse(JSON.stringify(credentials))).toEqual(credentials)
  })

  if (!endedConsent) {
    it('has access that does not end: nothing to renew, and nothing to revoke', async () => {
      const { channel, connect } = current()
      expect([channel.renew, channel.revoke]).toEqual([undefined, undefined])
      expect((await connect()).accessExpiresAt).toBeUndefined()
    })
    return
  }

  it('renews ahead of the end, without lengthening the consent (I15)', async () => {
    const harness = current()
    const first = await harness.connect()
    harness.advance(10 * 86_400_000)
    const second = await renew(harness, first.credentials)
    expect(second.externalId).toBe(harness.accountRef)
    expect(second).toMatchObject(grantee(harness))
    expect(second.grantedScopes).toEqual(first.grantedScopes)
    expect(second.accessExpiresAt?.getTime()).toBeGreaterThan(harness.now().getTime())
    const shift = (second.consentExpiresAt?.getTime() ?? 0) - (first.consentExpiresAt?.getTime() ?? 0)
    expect(Math.abs(shift)).toBeLessThan(5000)
    const { threadRef } = harness.customerWrites('Hello')
    const message = { accountRef: harness.accountRef, threadRef, content: { type: 'text' as const, text: 'Hi' } }
    await expect(harness.channel.send(second.credentials, message)).resolves.toMatchObject({})
  })

  it('asks for a new consent when the old one is used up, revoked or ended, and only then', async () => {
    const harness = current()
    const first = await harness.connect()
    for (const fault of ['server_error', 'timeout_after_commit', 'reset'] as const) {
      const { credentials } = await harness.connect()
      harness.fault(fault, 'renew')
      const channel = fault === 'timeout_after_commit' ? harness.impatient : harness.channel
      expect(await failureOf(renew(harness, credentials, channel)), fault).toMatchObject({ kind: 'unavailable' })
    }
    const second = await renew(harness, first.credentials)
    expect(await failureOf(renew(harness, first.credentials))).toMatchObject({
      kind: 'reauth',
      code: 'REFRESH_REFUSED',
    })
    harness.expireConsent()
    expect(await failureOf(renew(harness, second.credentials))).toMatchObject({ kind: 'reauth', code: endedConsent })
    const third = await harness.connect()
    harness.revokeConsent()
    expect(await failureOf(renew(harness, third.credentials))).toMatchObject({ kind: 'reauth' })
  })

  it('ends the grant when it is revoked, and does not mind when there is none', async () => {
    const harness = current()
    const { credentials, send } = await sending(harness)
    await harness.channel.revoke?.(credentials)
    expect(await failureOf(send())).toMatchObject({ kind: 'unauthorized' })
    await expect(harness.channel.revoke?.(credentials)).resolves.toBeUndefined()
  })
}

/** To whom the channel says that something was granted: itself, as it is now. */
function grantee({ channel }: ChannelHarness) {
  const { dialect, appId } = channel.manifest
  return { ...(dialect && { dialect }), ...(appId && { appId }) }
}

export function describeOAuth(current: Current) {
  it('exchanges a code once, for absolute times and the business’s id', async () => {
    const harness = current()
    const { oauth } = harness.channel
    if (!oauth) throw new Error('the channel has no OAuth')
    const { code, redirectUri } = harness.newCode()
    const connection = await oauth.exchange(code, redirectUri)
    expect(connection.externalId).toBe(harness.accountRef)
    expect(connection).toMatchObject(grantee(harness))
    expect(connection.accessExpiresAt?.getTime()).toBeGreaterThan(harness.now().getTime())
    expect(connection.grantedScopes.toSorted()).toEqual(oauth.scopes.map(({ scope }) => scope).toSorted())
    const again = await failureOf(oauth.exchange(code, redirectUri))
    expect(again).toMatchObject({ kind: 'rejected', code: 'CODE_REJECTED' })
    const forged = await failureOf(oauth.exchange('forged', redirectUri))
    expect(forged).toMatchObject({ kind: 'rejected', code: 'CODE_REJECTED' })
    const profile = await oauth.profile(connection.credentials, connection.externalId)
    expect(profile).toMatchObject({ name: expect.stringMatching(/./), avatarUrl: expect.stringMatching(/^https?:/) })
  })

  it('shows a partial grant for what it is', async () => {
    const harness = current()
    const { oauth } = harness.channel
    if (!oauth) throw new Error('the channel has no OAuth')
    const kept = oauth.scopes.flatMap(({ scope, required }) => (required ? [] : [scope]))
    const { code, redirectUri } = harness.newCode(kept)
    const { grantedScopes } = await oauth.exchange(code, redirectUri)
    expect(grantedScopes.toSorted()).toEqual(kept.toSorted())
  })

  it('says whether the customer declined or the app lacks a scope', () => {
    const { oauth } = current().channel
    if (!oauth) throw new Error('the channel has no OAuth')
    expect(oauth.redirectError({ error: 'access_denied' })).toBe('OAUTH_DENIED')
    expect(oauth.redirectError({ error: 'invalid_scope' })).toBe('OAUTH_INVALID_SCOPE')
  })
}
