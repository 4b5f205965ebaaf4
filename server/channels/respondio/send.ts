import { ChannelError } from '../contract.ts'
import type { Json } from '../../kit/json.ts'
import type { Channel, OutboundContent } from '../contract.ts'
import type { Api } from './api.ts'
import { answerFailure } from './errors.ts'
import { asNumericId, externalIdOf } from './values.ts'
import { withoutVariables } from './variables.ts'

/** A picture is told by its address, from where respond.io fetches it when it hands it on (respond.io wire reference §5.2). */
function bodyOf(content: OutboundContent): Json | undefined {
  if (content.type === 'text') return { type: 'text', text: withoutVariables(content.text) }
  if (content.type === 'image') return { type: 'attachment', attachment: { type: 'image', url: content.ref } }
  return undefined
}

/**
 * Sends one text or picture to a contact (respond.io wire reference §5.2). Always with the channel: without it respond.io takes
 * whichever the contact used last. There is no idempotency key, so a send whose fate is not known is `unknown`; that the
 * answer is a success only says that it was taken.
 */
export function createSend(api: Api): Channel['send'] {
  return async ({ apiToken, channelId }, { threadRef, content }) => {
    const message = bodyOf(content)
    if (!message) throw new ChannelError('rejected', 'INVALID_MESSAGE')
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
      body: { channelId: Number(channel), message },
    })
    const messageId = asNumericId(answer.messageId)
    if (!messageId) throw answerFailure('send', 'messageId')
    return { externalId: externalIdOf(contact, messageId) }
  }
}
