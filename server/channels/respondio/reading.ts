import { ChannelError } from '../contract.ts'
import type { ChannelPolling, MessagesPage } from '../contract.ts'
import type { Json } from '../../kit/json.ts'
import type { Api } from './api.ts'
import { readMessage } from './messages.ts'
import { readPage } from './paging.ts'
import { asNumericId, timeOf } from './values.ts'

/** respond.io gives no more at once, whatever is asked for (respond.io wire reference §3). */
const PAGE = 50

const idOf = ({ messageId }: Json): number => Number(asNumericId(messageId) ?? 0)

/** Of all items, for what is of another channel takes its place on the page too. */
function timesOf(items: readonly Json[]): Pick<MessagesPage, 'newest' | 'oldest'> {
  const ids = items.map(idOf).filter((id) => id > 0)
  const [newest, oldest] = [Math.max(...ids), Math.min(...ids)].map((id) => timeOf(String(id)))
  return { ...(newest && { newest }), ...(oldest && { oldest }) }
}

/** A page of what a contact and the inbox's channel wrote; a cursor leads to what is older (respond.io wire reference §3, §5.3). */
export function createRead(api: Api): ChannelPolling['read'] {
  return async ({ apiToken, channelId }, { threadRef, name, avatarUrl }, page) => {
    const contact = asNumericId(threadRef)
    if (!contact) throw new ChannelError('rejected', 'THREAD_GONE')
    const cursor = asNumericId(page)
    const call = { operation: 'read', method: 'GET', route: '/contact/{contact}/message/list', contact } as const
    const { items, next } = await readPage(api, { ...call, token: apiToken }, { limit: PAGE, cursor })
    if (next !== undefined && cursor !== undefined && Number(next) >= Number(cursor))
      throw new ChannelError('unavailable', 'CURSOR_REPEATS')
    const person = { ref: contact, ...(name !== undefined && { name }), ...(avatarUrl !== undefined && { avatarUrl }) }
    const messages = items
      .filter((item) => asNumericId(item.channelId) === channelId)
      .toSorted((a, b) => idOf(b) - idOf(a))
      .map((item) => readMessage(item, { person }))
      .filter((event) => typeof event !== 'string')
    return { messages, ...timesOf(items), ...(next !== undefined && { next }) }
  }
}
