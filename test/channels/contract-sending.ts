import { expect, it, vi } from 'vitest'
import { eventOf, failureOf, sending } from './contract-support.ts'
import type { Current } from './contract-support.ts'
import type { ChannelTraits, Fault } from './harness.ts'

export function describeSending(current: Current, { quotes }: ChannelTraits) {
  it('sends a text unchanged and returns the id under which the provider has it', async () => {
    const harness = current()
    const text = '**not bold** <b>\n\n  ส่งแล้ว 👩‍👩‍👧 "quoted" \\ %20 + '
    const { send, threadRef } = await sending(harness, text)
    const { externalId } = await send()
    expect(harness.sent(threadRef)).toEqual([{ externalId, text }])
  })

  if (quotes !== true) it('quotes nothing', () => expect(current().channel.manifest.quotable).toEqual([]))
  else
    it('quotes a message', async () => {
      const harness = current()
      const { channel } = harness
      const { credentials, message, threadRef } = await sending(harness)
      const quoted = harness.customerWrites('which one?')
      const content = { ...message.content, quotes: quoted.externalId }
      await channel.send(credentials, { ...message, content })
      expect(harness.sent(threadRef)).toMatchObject([{ quotes: quoted.externalId }])
    })

  it('knows a definite rejection and a limit of rate: nothing was sent', async () => {
    const harness = current()
    const { send, threadRef } = await sending(harness)
    harness.fault('rejected', 'send')
    expect(await failureOf(send())).toMatchObject({ kind: 'rejected' })
    harness.fault('rate_limited', 'send')
    expect(await failureOf(send())).toMatchObject({ kind: 'rate_limited', code: 'RATE_LIMITED' })
    expect(harness.sent(threadRef)).toEqual([])
  })

  it.each<[Fault, number]>([
    ['truncated_answer', 1],
    ['server_error', 0],
    ['not_json', 0],
    ['reset', 0],
  ])('calls a send that may have arrived unknown: %s (I5)', async (fault, arrived) => {
    const harness = current()
    const { send, threadRef } = await sending(harness)
    harness.fault(fault, 'send')
    expect(await failureOf(send())).toMatchObject({ kind: 'unknown' })
    expect(harness.sent(threadRef)).toHaveLength(arrived)
  })

  it('calls a send whose answer does not come in time unknown (I5)', async () => {
    const harness = current()
    const { sendImpatiently, threadRef } = await sending(harness)
    harness.fault('timeout_after_commit', 'send')
    expect(await failureOf(sendImpatiently())).toMatchObject({ kind: 'unknown', code: 'TIMEOUT' })
    await vi.waitFor(() => expect(harness.sent(threadRef)).toHaveLength(1))
  })

  it('calls a send that provably never left unavailable (I5)', async () => {
    const { sendNowhere } = await sending(current())
    expect(await failureOf(sendNowhere())).toMatchObject({ kind: 'unavailable', code: 'NO_CONNECTION' })
  })

  it('says that a token is refused once it has ended or the consent is revoked', async () => {
    const harness = current()
    const ended = await sending(harness)
    harness.expireAccess()
    expect(await failureOf(ended.send())).toMatchObject({ kind: 'unauthorized', code: 'TOKEN_REFUSED' })
    const revoked = await sending(harness)
    await revoked.send()
    harness.revokeConsent()
    expect(await failureOf(revoked.send())).toMatchObject({ kind: 'unauthorized', code: 'TOKEN_REFUSED' })
  })

  it('says nothing of the text, the token or the provider’s words in its errors (I14)', async () => {
    const harness = current()
    const { send, credentials } = await sending(harness, 'a secret text')
    for (const fault of ['rejected', 'truncated_answer', 'reset'] as const) {
      harness.fault(fault, 'send')
      const error = await failureOf(send())
      const said = [error, error.cause, (error.cause as Error | undefined)?.cause].map(String).join('\n')
      for (const secret of ['a secret text', ...Object.values(credentials)]) expect(said).not.toContain(secret)
    }
  })
}

export function describeReading(current: Current, { listedVia, namesPeople }: ChannelTraits) {
  it('reads a thread: newest last, both sides, and the person by name and picture', async () => {
    const harness = current()
    const { threadRef, send, credentials } = await sending(harness)
    harness.advance(1000)
    const { externalId } = await send()
    harness.advance(1000)
    const last = harness.customerWrites('Thanks')
    const { messages, participants } = await harness.channel.readThread(credentials, threadRef)
    expect(messages.map(({ kind, content }) => [kind, content.text])).toEqual([
      ['message', 'Hello'],
      ['echo', 'Hi'],
      ['message', 'Thanks'],
    ])
    expect(messages[1]).toMatchObject({ externalId, via: listedVia, threadRef })
    const named = { ...harness.person, avatarUrl: expect.stringMatching(/^https?:/) as string }
    expect(participants).toMatchObject([namesPeople ? named : { ref: harness.person.ref }])
    const told = eventOf(harness, last.body)
    expect(messages[2]).toMatchObject({ externalId: last.externalId, at: told.kind === 'message' && told.at })
  })

  it('fails to read as unavailable, whatever went wrong on the way', async () => {
    const harness = current()
    const { credentials, threadRef } = await sending(harness)
    for (const fault of ['truncated_answer', 'server_error', 'not_json', 'reset'] as const) {
      harness.fault(fault, 'read')
      const error = await failureOf(harness.channel.readThread(credentials, threadRef))
      expect(error, fault).toMatchObject({ kind: 'unavailable' })
    }
    harness.fault('timeout_after_commit', 'read')
    const late = await failureOf(harness.impatient.readThread(credentials, threadRef))
    expect(late).toMatchObject({ kind: 'unavailable', code: 'TIMEOUT' })
    expect(await failureOf(harness.unreachable.readThread(credentials, threadRef))).toMatchObject({
      kind: 'unavailable',
    })
  })
}
