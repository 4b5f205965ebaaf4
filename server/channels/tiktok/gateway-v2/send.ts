import { ChannelError } from '../../contract.ts'
import type { Channel } from '../../contract.ts'
import { answerFailure } from '../errors.ts'
import { asId } from '../../../kit/json.ts'
import type { Api } from './api.ts'

/**
 * Sends one text. The gateway's reference has a body for no other kind. There is no idempotency key, so a send whose fate
 * is not known is `unknown`.
 */
export function createSend(api: Api): Channel['send'] {
  return async (credentials, { threadRef, content }) => {
    if (content.type !== 'text') throw new ChannelError('rejected', 'INVALID_MESSAGE')
    const message = { type: 'text', content: content.text }
    const data = await api.open({
      operation: 'send',
      method: 'POST',
      path: '/v2/im/message/send/',
      body: { conversation_id: threadRef, message },
      credentials,
    })
    const externalId = asId(data.message_id)
    if (!externalId) throw answerFailure('send', 'message_id')
    return { externalId }
  }
}
