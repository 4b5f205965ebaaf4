import type { Echo } from '../echo.ts'
import { echoAround } from '../echo.ts'
import type { TikTokContext } from './context.ts'
import type { Conversation, Message } from './types.ts'
import { messageContent } from './webhook-content.ts'

/** `im_send_msg` for an API send. It may precede the answer (§6.4); how far apart they are is known from §16.7. */
export const echoOf = (ctx: TikTokContext, conversation: Conversation, message: Message): Echo =>
  echoAround(ctx, () =>
    ctx.outbox.publish({
      event: 'im_send_msg',
      businessId: conversation.businessId,
      content: messageContent(ctx, conversation, message),
      conversationId: conversation.id,
      messageId: message.id,
    }),
  )
