import { ChannelError } from '../contract.ts'
import type { ChannelPolling, MessagesPage } from '../contract.ts'
import type { Json } from '../../kit/json.ts'
import type { Api } from './api.ts'
import { readMessage } from './messages.ts'
import { isOfChannel, messageIdOf, readMessagePage } from './message-page.ts'
import { asNumericId, timeOf } from './values.ts'

/** Of all items, for what is of another channel takes its place on the page too. */
function timesOf(items: readonly Json[]): Pick<MessagesPage, 'newest' | 'oldest'> {
  const ids = items.map(messageIdOf).filter((id) => id > 0)
  const [newest, oldest] = [Math.max(...ids), Math.min(...ids)].map((id) => timeOf(String(id)))
  return { ...(newest && { newest }), ...(oldest && { oldest }) }
}

/** A page of what a contact and the inbox's channel wrote; a cursor leads to what is older (respond.io wire reference §3, §5.3). */
export function createRead(api: Api): ChannelPolling['read'] {
  return async (credentials, { threadRef, name, avatarUrl }, page) => {
    const contact = asNumericId(threadRef)
    if (!contact) throw new ChannelError('rejected', 'THREAD_GONE')
    const cursor = asNumericId(page)
    const { items, next } = await readMessagePage(api, credentials, contact, cursor)
    if (next !== undefined && cursor !== undefined && Number(next) >= Number(cursor))
      throw new ChannelError('unavailable', 'CURSOR_REPEATS')
    const person = { ref: contact, ...(name !== undefined && { name }), ...(avatarUrl !== undefined && { avatarUrl }) }
    const messages = items
      .filter((item) => isOfChannel(item, credentials.channelId))
      .toSorted((a, b) => messageIdOf(b) - messageIdOf(a))
      .map((item) => readMessage(item, { person }))
      .filter((event) => typeof event !== 'string')
    return { messages, ...timesOf(items), ...(next !== undefined && { next }) }
  }
}
