import { SendMessageDocument, type SendMessageInput } from '../../api/generated.ts'
import { request } from '../../api/graphql.ts'
import { useTask } from '../../kit/use-task.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useMessages } from '../../stores/messages.ts'

/**
 * Sends what a dialog is filled with, and is not text. Pressed again after no answer came, it is the same message; after
 * a refusal nothing is stored, and the id is as good as new.
 */
export function useOtherContent(conversationId: string, sent: () => void) {
  const clientMessageId = crypto.randomUUID()
  return useTask(async (content: Pick<SendMessageInput, 'sharePost' | 'card'>) => {
    const mark = useMessages().mark()
    const input = { accountId: useAccounts().accountId, conversationId, clientMessageId, ...content }
    const { sendMessage } = await request(SendMessageDocument, { input })
    useMessages().settle(sendMessage, mark)
    sent()
  })
}
