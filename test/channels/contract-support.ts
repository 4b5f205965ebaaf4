import { expect } from 'vitest'
import { ChannelError } from '../../server/channels/contract.ts'
import type { ChannelWebhook, InboundEvent } from '../../server/channels/contract.ts'
import type { ChannelHarness } from './harness.ts'

export type Current = () => ChannelHarness

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ChannelError> {
  const error = await call.then(
    () => expect.unreachable('the call succeeded'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ChannelError)
  return error as ChannelError
}

/** The channel's webhook, with the keys of the inbox that it is for. */
export function webhookOf({ channel, keys }: ChannelHarness): ChannelWebhook {
  const { webhook } = channel
  if (!webhook) throw new Error('the channel takes no webhooks')
  return { ...webhook, verify: (delivery, now) => webhook.verify(delivery, now, keys) }
}

export function eventOf(harness: ChannelHarness, body: Buffer): InboundEvent {
  const events = webhookOf(harness).parse(body)
  expect(events).toHaveLength(1)
  return events[0] as InboundEvent
}

export async function sending(harness: ChannelHarness, text = 'Hi') {
  const { threadRef } = harness.customerWrites('Hello')
  const { credentials } = await harness.connect()
  const { channel, unreachable, impatient, accountRef } = harness
  const message = { accountRef, threadRef, content: { type: 'text' as const, text } }
  return {
    threadRef,
    credentials,
    message,
    send: () => channel.send(credentials, message),
    sendNowhere: () => unreachable.send(credentials, message),
    sendImpatiently: () => impatient.send(credentials, message),
  }
}
