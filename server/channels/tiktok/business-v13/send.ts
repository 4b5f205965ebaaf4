import { ChannelError } from '../../contract.ts'
import type { Channel, OutboundContent } from '../../contract.ts'
import { answerFailure } from '../errors.ts'
import { asId, asRecord } from '../../../kit/json.ts'
import type { Json } from '../../../kit/json.ts'
import type { Api } from './api.ts'
import { SEND_SCOPE } from './oauth.ts'

/** The block of each kind (TikTok wire reference §4.1). A text goes out unchanged: TikTok renders no markup. */
function blockOf(content: OutboundContent): Json {
  switch (content.type) {
    case 'text': {
      const { text, quotes } = content
      const quote = quotes && { referenced_message_info: { referenced_message_id: quotes } }
      return { message_type: 'TEXT', text: { body: text }, ...quote }
    }
    case 'image':
      return { message_type: 'IMAGE', image: { media_id: content.ref } }
    case 'share_post':
      return { message_type: 'SHARE_POST', share_post: { item_id: content.postRef } }
    case 'card': {
      const type = content.asLinks ? 'QA_LINK_CARD' : 'QA_BUTTON_CARD'
      const buttons = content.buttons.map(({ id, title }) => ({ type: 'REPLY', title, id }))
      return { message_type: 'TEMPLATE', template: { type, title: content.title, buttons } }
    }
  }
}

const REFUSED_OBJECT = new Set(['THREAD_GONE', 'INVALID_MESSAGE'])

/** One code for whatever an id does not lead to; of a post it is the likelier one: only own posts go out (§4.1). */
function ofPost(error: unknown): unknown {
  const refused = error instanceof ChannelError && error.kind === 'rejected' && REFUSED_OBJECT.has(error.code)
  return refused ? new ChannelError('rejected', 'POST_REFUSED', { cause: error }) : error
}

/**
 * Sends one message to a conversation (TikTok wire reference §4.1). There is no idempotency key, so a send whose fate is
 * not known is `unknown`.
 */
export function createSend(api: Api): Channel['send'] {
  return async (credentials, { accountRef, threadRef, content }) => {
    const data = await api({
      operation: 'send',
      method: 'POST',
      path: '/business/message/send/',
      credentials,
      scope: SEND_SCOPE,
      body: {
        business_id: accountRef,
        recipient_type: 'CONVERSATION',
        recipient: threadRef,
        ...blockOf(content),
      },
    }).catch((error: unknown) => {
      throw content.type === 'share_post' ? ofPost(error) : error
    })
    const externalId = asId(asRecord(data.message)?.message_id)
    if (!externalId) throw answerFailure('send', 'message.message_id')
    return { externalId }
  }
}
