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
/** Of a contact who writes in several channels, further pages may be needed until so many are this channel's. */
const ENOUGH = 20
const MOST_PAGES = 4

const idOf = ({ messageId }: Json): number => Number(asNumericId(messageId) ?? 0)

/** The newest messages of a contact in the inbox's channel, in any order; a cursor leads to what is older (§3). */
async function readNewest(api: Api, { apiToken, channelId }: Credentials, contact: string): Promise<Json[]> {
  const call = { operation: 'read', method: 'GET', route: '/contact/{contact}/message/list', contact } as const
  const found: Json[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { items, next } = await readPage(api, { ...call, token: apiToken }, { limit: PAGE, cursor })
    found.push(...items.filter((item) => asNumericId(item.channelId) === channelId))
    const leadsOn = next !== undefined && (cursor === undefined || Number(next) < Number(cursor))
    if (found.length >= ENOUGH || !leadsOn) break
    cursor = next
  }
  return found
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
