import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeCapabilities } from './contract-capabilities.ts'
import { describeCredentials, describeOAuth } from './contract-connecting.ts'
import { describeDeliveries, describeSignatures, describeStrangeDeliveries } from './contract-deliveries.ts'
import { describeForm } from './contract-form.ts'
import { describeListing } from './contract-listing.ts'
import { describeReading, describeSending } from './contract-sending.ts'
import type { Current } from './contract-support.ts'
import type { ChannelHarness, ChannelTraits } from './harness.ts'

/** What every channel must do, against its provider's stand-in over HTTP. */
export function describeChannel(name: string, traits: ChannelTraits): void {
  describe(`the ${name} channel`, () => {
    let harness: ChannelHarness
    beforeEach(async () => {
      harness = await traits.start()
    })
    afterEach(() => harness.close())
    const current = () => harness

    describeManifest(current, traits)
    describeSignatures(current, traits)
    describeDeliveries(current, traits)
    describeStrangeDeliveries(current)
    describeSending(current, traits)
    describeReading(current, traits)
    describeListing(current)
    describeCapabilities(current, traits)
    describeCredentials(current, traits)
    if (traits.connect === 'oauth') describeOAuth(current)
    else describeForm(current)
  })
}

function describeManifest(current: Current, { connect }: ChannelTraits) {
  it('describes itself with data that the core can use', () => {
    const { channel, keys } = current()
    const { manifest } = channel
    expect(manifest.id).toMatch(/^[a-z][a-z0-9]*$/)
    expect(manifest.label).not.toBe('')
    expect(manifest.featureFlag).toBe(`channel_${manifest.id}`)
    expect(manifest.connect).toBe(connect)
    expect(manifest.inboxWebhook !== undefined).toBe(keys !== undefined)
    expect(manifest.configured).toBe(true)
    expect(manifest.limits.textLength).toBeGreaterThan(0)
    expect(manifest.rate.perSecond).toBeGreaterThan(0)
    expect(manifest.rate.burst).toBeGreaterThan(0)
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest)
  })
}
