import type { TikTokContext } from './context.ts'
import type { CallResult } from './endpoint.ts'
import type { Conversation, Message } from './types.ts'
import { messageContent } from './webhook-content.ts'

const LONGEST_WAIT_MS = 2000

/**
 * `im_send_msg` for an API send. It may precede the answer (§6.4); the knob decides, `random` draws
 * −200…+2000 ms around the answer (§16.7).
 */
export function echoOf(ctx: TikTokContext, conversation: Conversation, message: Message): Partial<CallResult> {
  const { knobs, jitter, scheduler } = ctx
  const publish = (): Promise<void> =>
    ctx.outbox.publish({
      event: 'im_send_msg',
      businessId: conversation.businessId,
      content: messageContent(ctx, conversation, message),
      conversationId: conversation.id,
      messageId: message.id,
    })
  const later = (delayMs: number): Partial<CallResult> => {
    const release = scheduler.hold()
    return {
      afterReply: () => {
        scheduler.after(delayMs, publish)
        release()
      },
    }
  }
  // The answer waits for the echo's first attempt, but not for ever: the receiver may be the caller itself.
  const first = (): Partial<CallResult> => ({
    beforeReply: Promise.race([publish(), scheduler.sleep(LONGEST_WAIT_MS)]),
  })

  switch (knobs.echo) {
    case 'never':
      return {}
    case 'before':
      return first()
    case 'late':
      return later(knobs.lateEchoDelayMs)
    case 'after':
      return later(knobs.echoDelayMs)
    case 'random': {
      const delayMs = jitter.int(-200, 2000)
      return delayMs < 0 ? first() : later(delayMs)
    }
  }
}
