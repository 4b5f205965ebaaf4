import type { Channel, PersonRef, ThreadPage, ThreadSnapshot } from '../../contract.ts'
import { asId, asList, asRecord, asText } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'
import type { Api } from './api.ts'
import { readContent } from './messages.ts'
import { conversationKey } from './routing.ts'

const PAGE_SIZE = '20'
/** How far back one reading of a thread goes. */
const MESSAGE_PAGES = 5

/** A cursor that does not move on would have us ask for ever. */
function nextCursor({ has_more, cursor }: Json, asked: string | undefined): string | undefined {
  const next = asText(cursor)
  return has_more === true && next !== asked ? next : undefined
}

/** The business's conversations, the latest first. */
export function createListThreads(api: Api): NonNullable<Channel['listThreads']> {
  return async (credentials, page) => {
    const data = await api.list({
      path: '/customer_service/conversation/list/',
      query: {
        business_id: credentials.businessId ?? '',
        page_size: PAGE_SIZE,
        ...(page !== undefined && { cursor: page }),
        sort_field: 'update_time',
        sort_order: 'DESC',
      },
      credentials,
    })
    const threads: ThreadPage['threads'] = []
    for (const conversation of asList(data.conversations).map(asRecord)) {
      const threadRef = asId(conversation?.conversation_id)
      const updatedAt = asDate(conversation?.update_time)
      if (threadRef && updatedAt) threads.push({ threadRef, threadKey: conversationKey(threadRef), updatedAt })
    }
    const next = nextCursor(data, page)
    return { threads, ...(next !== undefined && { next }) }
  }
}

type Listed = ThreadSnapshot['messages'][number]

/** Undefined when it lacks an id or a time. Who wrote for the business the list does not tell: its app will do. */
function readListed(message: Json, threadRef: string, person: PersonRef): Listed | undefined {
  const externalId = asId(message.message_id)
  const at = asDate(message.create_time)
  if (!externalId || !at) return undefined
  const common = { externalId, threadRef, at, person, content: readContent(message) }
  return message.direction === 'inbound' ? { kind: 'message', ...common } : { kind: 'echo', via: 'app', ...common }
}

async function readPages(
  api: Api,
  query: Record<string, string>,
  credentials: Parameters<Channel['readThread']>[0],
): Promise<Json[]> {
  const messages: Json[] = []
  let cursor: string | undefined
  for (let page = 0; page < MESSAGE_PAGES; page++) {
    const data = await api.list({
      path: '/customer_service/message/list/',
      query: { ...query, page_size: PAGE_SIZE, ...(cursor !== undefined && { cursor }), sort_order: 'DESC' },
      credentials,
    })
    messages.push(...asList(data.messages).flatMap((message): Json[] => [asRecord(message) ?? {}]))
    cursor = nextCursor(data, cursor)
    if (cursor === undefined) break
  }
  return messages
}

/**
 * The newest messages of a conversation, a hundred at the most, and the customer by id alone: this list knows neither
 * names nor pictures. It is also the only source of what the business wrote elsewhere. Empty while it names no customer.
 */
export function createReadThread(api: Api): Channel['readThread'] {
  return async (credentials, threadRef) => {
    const query = { business_id: credentials.businessId ?? '', conversation_id: threadRef }
    const messages = await readPages(api, query, credentials)
    const ref = asId(messages.find(({ direction }) => direction === 'inbound')?.from_open_id)
    if (!ref) return { participants: [], messages: [] }
    const person = { ref }
    // Newest first; the wire has whole seconds, within which the list's order is all there is.
    const events = messages.toReversed().flatMap((message) => readListed(message, threadRef, person) ?? [])
    return { participants: [person], messages: events.toSorted((a, b) => a.at.getTime() - b.at.getTime()) }
  }
}
