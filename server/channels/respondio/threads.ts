import type { Json } from '../../kit/json.ts'
import { ChannelError } from '../contract.ts'
import type { Channel, Credentials, PersonRef } from '../contract.ts'
import type { Api } from './api.ts'
import { readPerson } from './contacts.ts'
import { readMessage } from './messages.ts'
import type { MessageEvent } from './messages.ts'
import { isOfChannel, messageIdOf, readMessagePage } from './message-page.ts'
import { asNumericId } from './values.ts'

/**
 * What a contact and the inbox's channel wrote among the newest messages, in any order: one page, since who calls has
 * taken its turn under the limit for one (§2.2); `polling.read` leads on to what is older.
 */
async function readNewest(api: Api, credentials: Credentials, contact: string): Promise<Json[]> {
  const { items } = await readMessagePage(api, credentials, contact)
  return items.filter((item) => isOfChannel(item, credentials.channelId))
}

/** Sorted by id; what cannot be read is left out. */
function readAll(messages: Json[], person: PersonRef): MessageEvent[] {
  const read = messages
    .toSorted((a, b) => messageIdOf(a) - messageIdOf(b))
    .map((message) => readMessage(message, { person }))
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
