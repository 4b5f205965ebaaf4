import { ChannelError } from '../contract.ts'
import type { Channel } from '../contract.ts'
import type { Api } from './api.ts'
import { answerFailure } from './errors.ts'
import { asNumericId, externalIdOf } from './values.ts'
import { withoutVariables } from './variables.ts'

/**
 * Sends one text to a contact (respond.io wire reference §5.2). Always with the channel: without it respond.io takes
 * whichever the contact used last. There is no idempotency key, so a send whose fate is not known is `unknown`; that the
 * answer is a success only says that it was taken.
 */
export function createSend(api: Api): Channel['send'] {
  return async ({ apiToken, channelId }, { threadRef, content }) => {
    if (content.type !== 'text') throw new ChannelError('rejected', 'INVALID_MESSAGE')
    const contact = asNumericId(threadRef)
    if (!contact) throw new ChannelError('rejected', 'THREAD_GONE')
    const channel = asNumericId(channelId)
    if (!channel) throw new ChannelError('misconfigured', 'APP_MISCONFIGURED')
    const answer = await api({
      operation: 'send',
      method: 'POST',
      route: '/contact/{contact}/message',
      contact,
      token: apiToken,
      body: { channelId: Number(channel), message: { type: 'text', text: withoutVariables(content.text) } },
    })
    const messageId = asNumericId(answer.messageId)
    if (!messageId) throw answerFailure('send', 'messageId')
    return { externalId: externalIdOf(contact, messageId) }
  }
}
