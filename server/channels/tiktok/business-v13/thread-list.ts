import type { Channel, ThreadPage } from '../../contract.ts'
import { asId, asList, asRecord } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Api } from './api.ts'
import { READ_SCOPE } from './oauth.ts'
import { readReferrals } from './referral.ts'
import { conversationKey } from './routing.ts'

/** Strangers first: whoever is answered meanwhile moves to the second list, and is not missed. */
const TYPES = ['STRANGER', 'SINGLE'] as const
type ConversationType = (typeof TYPES)[number]

/** All that TikTok lists of one type, so that nobody who is answered between two pages falls between them. */
const PAGE = 100
/** TikTok lists no more than 100 (TikTok wire reference §4.2). */
const LAST_CURSOR = 1_000

interface Place {
  type: ConversationType
  cursor: number
}

function placeOf(page: string | undefined): Place {
  const [name, cursor] = (page ?? '').split(':')
  return { type: TYPES.find((type) => type === name) ?? TYPES[0], cursor: Number(cursor) || 0 }
}

const pageOf = ({ type, cursor }: Place): string => `${type}:${cursor}`

function nextOf(place: Place, hasMore: unknown, cursor: unknown): Place | undefined {
  // A cursor that does not move on would have us ask for ever.
  const goesOn = hasMore === true && typeof cursor === 'number' && cursor > place.cursor && cursor < LAST_CURSOR
  if (goesOn) return { type: place.type, cursor }
  const type = TYPES[TYPES.indexOf(place.type) + 1]
  return type && { type, cursor: 0 }
}

/** Everything of the last 90 days that TikTok lists: who was not answered yet, then who was (TikTok wire reference §4.2). */
export function createListThreads(api: Api): NonNullable<Channel['listThreads']> {
  return async (credentials, page) => {
    const business = credentials.businessId ?? ''
    const place = placeOf(page)
    const { type, cursor } = place
    const data = await api({
      operation: 'read',
      method: 'GET',
      path: '/business/message/conversation/list/',
      query: { business_id: business, conversation_type: type, limit: String(PAGE), cursor: String(cursor) },
      credentials,
      scope: READ_SCOPE,
    })
    const threads: ThreadPage['threads'] = []
    for (const conversation of asList(data.conversations).map(asRecord)) {
      const threadRef = asId(conversation?.conversation_id)
      // Without a time it may have moved at any time.
      const updatedAt = asDate(conversation?.update_time) ?? new Date()
      const referrals = readReferrals(conversation?.referral)
      if (threadRef) threads.push({ threadRef, threadKey: conversationKey(business, threadRef), updatedAt, referrals })
    }
    const next = nextOf(place, data.has_more, data.cursor)
    return { threads, ...(next && { next: pageOf(next) }) }
  }
}
