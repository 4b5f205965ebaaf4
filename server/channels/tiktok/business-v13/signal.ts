import type { Channel, ThreadSignal } from '../../contract.ts'
import type { Api } from './api.ts'
import { SEND_SCOPE } from './oauth.ts'

const ACTIONS: Record<ThreadSignal, string> = { typing: 'TYPING', read: 'MARK_READ' }

/**
 * Shows typing for 5 s, or the whole conversation as read (TikTok wire reference §4.1). Neither counts as a message, and
 * the answer's id is empty.
 */
export function createSignal(api: Api): NonNullable<Channel['signal']> {
  return async (credentials, { accountRef, threadRef }, signal) => {
    await api({
      operation: 'signal',
      method: 'POST',
      path: '/business/message/send/',
      credentials,
      scope: SEND_SCOPE,
      body: {
        business_id: accountRef,
        recipient_type: 'CONVERSATION',
        recipient: threadRef,
        message_type: 'SENDER_ACTION',
        sender_action: ACTIONS[signal],
      },
    })
  }
}
