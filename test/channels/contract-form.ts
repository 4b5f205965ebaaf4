import { expect, it } from 'vitest'
import type { ChannelForm, FormManifest, FormValues } from '../../server/channels/contract.ts'
import { failureOf } from './contract-support.ts'
import type { Current } from './contract-support.ts'
import type { ChannelHarness } from './harness.ts'

function fillIn({ channel, newFields }: ChannelHarness): {
  form: ChannelForm
  manifest: FormManifest
  values: FormValues
} {
  const { form } = channel
  const { form: manifest } = channel.manifest
  if (!form || !manifest || !newFields) throw new Error('the channel has no form')
  return { form, manifest, values: newFields() }
}

/** What a channel that connects by a form does with what is entered there. */
export function describeForm(current: Current) {
  it('asks in its form for what has a name of its own', () => {
    const { fields, choice } = fillIn(current()).manifest
    const names = [...fields.map(({ name }) => name), choice, 'name']
    expect(new Set(names).size).toBe(names.length)
    for (const { name, code, maxLength } of fields) {
      expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/)
      expect(code).toMatch(/^[A-Z][A-Z_]*$/)
      expect(maxLength).toBeGreaterThan(0)
    }
  })

  it('says what can be connected, and connects just that', async () => {
    const harness = current()
    const { form, values } = fillIn(harness)
    const { choices, notes } = await form.inspect(values)
    expect(choices).toContainEqual(expect.objectContaining({ ref: harness.accountRef }))
    for (const note of notes) expect(note).toMatch(/^[A-Z][A-Z_]*$/)
    const { connection, profile } = await form.connect(values, harness.accountRef)
    expect(connection.externalId).toBe(harness.accountRef)
    expect(profile.name).not.toBe('')
    expect(await failureOf(form.connect(values, 'another'))).toMatchObject({ kind: 'rejected', code: 'NOT_OFFERED' })
    const { threadRef } = harness.customerWrites('Hello')
    const message = { accountRef: harness.accountRef, threadRef, content: { type: 'text' as const, text: 'Hi' } }
    await expect(harness.channel.send(connection.credentials, message)).resolves.toMatchObject({})
  })

  it('refuses what the provider does not know, and says nothing of it (I14)', async () => {
    const { form, manifest, values } = fillIn(current())
    const secrets = manifest.fields.flatMap(({ name, secret }) => (secret ? [[name, 'a-wrong-secret']] : []))
    const wrong = { ...values, ...(Object.fromEntries(secrets) as FormValues) }
    for (const asked of [() => form.inspect(wrong), () => form.connect(wrong, 'any')]) {
      const error = await failureOf(asked())
      expect(error).toMatchObject({ kind: 'rejected', code: 'TOKEN_REFUSED' })
      expect([error, error.cause].map(String).join()).not.toContain('a-wrong-secret')
    }
  })

  it('says that the provider did not answer, whatever went wrong on the way', async () => {
    const harness = current()
    const { form, values } = fillIn(harness)
    for (const fault of ['truncated_answer', 'server_error', 'not_json', 'reset'] as const) {
      harness.fault(fault, 'connect')
      expect(await failureOf(form.inspect(values)), fault).toMatchObject({ kind: 'unavailable' })
    }
    harness.fault('rate_limited', 'connect')
    expect(await failureOf(form.inspect(values))).toMatchObject({ kind: 'rate_limited' })
  })
}
