import type { Actor } from './actor.ts'
import type { MessageStatus } from './generated.ts'
import { until } from './until.ts'

/** One message as the actor sees it in its conversation. */
export async function messageOf(actor: Actor, conversationId: string, id: string) {
  const found = (await actor.messages(conversationId)).find((message) => message.id === id)
  if (!found) throw new Error(`no message ${id}`)
  return found
}

/** The message, once it has that status. */
export const untilStatus = (actor: Actor, conversationId: string, id: string, status: MessageStatus) =>
  until(async () => {
    const message = await messageOf(actor, conversationId, id)
    if (message.status !== status) throw new Error(`${message.status} ${message.failure?.code ?? ''}`)
    return message
  }, `the message is ${status}`)

/** Sends and waits until the provider took it. */
export async function sendAndWait(actor: Actor, conversationId: string, content: string) {
  const { id } = await actor.send(conversationId, content)
  return untilStatus(actor, conversationId, id, 'SENT')
}
