import type { Json } from '../../kit/json.ts'
import { ChannelError } from '../contract.ts'
import type { Channel, Credentials, PersonRef } from '../contract.ts'
import type { Api } from './api.ts'
import { readPerson } from './contacts.ts'
import { readMessage } from './messages.ts'
import type { MessageEvent } from './messages.ts'
import { readPage } from './paging.ts'
import { asNumericId } from './values.ts'

/** respond.io gives no more at once, whatever is asked for (respond.io wire reference §3). */
const PAGE = 50

const idOf = ({ messageId }: Json): number => Number(asNumericId(messageId) ?? 0)

/**
 * What a contact and the inbox's channel wrote among the newest messages, in any order: one page, since who calls has
 * taken its turn under the limit for one (§2.2); `polling.read` leads on to what is older.
 */
async function readNewest(api: Api, { apiToken, channelId }: Credentials, contact: string): Promise<Json[]> {
  const call = { operation: 'read', method: 'GET', route: '/contact/{contact}/message/list', contact } as const
  const { items } = await readPage(api, { ...call, token: apiToken }, { limit: PAGE })
  return items.filter((item) => asNumericId(item.channelId) === channelId)
}

/** Sorted by id, which is the time more exactly than `at` is; what cannot be read is left out. */
function readAll(messages: Json[], person: PersonRef): MessageEvent[] {
  const read = messages.toSorted((a, b) => idOf(a) - idOf(b)).map((message) => readMessage(message, { person }))
  return read.filter((event) => typeof event !== 'string')
}

/**
 * The newest messages of a contact in the inbox's channel, each with what has become of it, and the contact (respond.io
 * wire reference §4.2, §5.3).
 */
export function createReadThread(api: Api): Channel['readThread'] {
  return async (credentials, threadRef) => {
    const contact = asNumericId(threadRef)
    if (!contact) throw new ChannelError('rejected', 'THREAD_GONE')
    const call = { operation: 'read', method: 'GET', route: '/contact/{contact}', contact } as const
    const [messages, fields] = await Promise.all([
      readNewest(api, credentials, contact),
      api({ ...call, token: credentials.apiToken }),
    ])
    const person = readPerson(contact, fields)
    return { participants: [person], messages: readAll(messages, person) }
  }
}
