import { systemClock } from '../../kit/clock.ts'
import { ChannelError } from '../contract.ts'
import type { Channel, Credentials, ListedThread } from '../contract.ts'
import type { Api } from './api.ts'
import { readPage } from './paging.ts'
import { readPresence } from './presence.ts'
import type { RespondIoSettings } from './settings.ts'
import { asNumericId, threadKeyOf } from './values.ts'

/**
 * Each contact costs a call of its own, and 5 of one kind are all that is sure to be allowed within a second (respond.io
 * wire reference §2.2).
 */
const PAGE = 4

/** All three are required, and no condition is everyone (respond.io wire reference §4.3). */
const EVERYONE = { search: '', timezone: 'UTC', filter: { $and: [] } }

interface Place {
  /** The cursor of the page before. */
  before?: string | undefined
  cursor?: string | undefined
}

function placeOf(page: string | undefined): Place {
  const [cursor, before] = (page ?? '').split('<').map(asNumericId)
  return { cursor, before }
}

/** The list is in the order of ids, upwards or downwards (§3): a cursor that turns round would have us ask for ever. */
function leadsOn({ before, cursor }: Place, next: string): boolean {
  const step = Number(next) - Number(cursor ?? 0)
  if (cursor === undefined || before === undefined) return step !== 0
  return Math.sign(step) === Math.sign(Number(cursor) - Number(before))
}

function pageOf(place: Place, next: string | undefined): string | undefined {
  if (next === undefined) return undefined
  // To end here would hide what comes behind.
  if (!leadsOn(place, next)) throw new ChannelError('unavailable', 'CURSOR_REPEATS')
  return place.cursor === undefined ? next : `${next}<${place.cursor}`
}

const passing = new Set(['THREAD_GONE', 'CONTACT_NOT_READY'])

/** Whoever went away meanwhile, or is still being made, has no thread to show. */
const unlessGone = (error: unknown): undefined => {
  if (error instanceof ChannelError && passing.has(error.code)) return undefined
  throw error
}

/**
 * The contacts of the workspace who are in the inbox's channel and have ever exchanged a message there, in no order of
 * time: respond.io knows none (respond.io wire reference §4.3, §9).
 */
export function createListThreads(
  api: Api,
  { clock = systemClock }: RespondIoSettings,
): NonNullable<Channel['listThreads']> {
  const findThread = async (credentials: Credentials, contact: string): Promise<ListedThread | undefined> => {
    const presence = await readPresence(api, credentials, contact).catch(unlessGone)
    if (!presence || presence.lastMessageAt === null) return undefined
    // Without a time it may have moved at any time.
    const updatedAt = presence.lastMessageAt ?? presence.lastIncomingAt ?? clock.now()
    return { threadRef: contact, threadKey: threadKeyOf(credentials.channelId ?? '', contact), updatedAt }
  }

  return async (credentials, page) => {
    const place = placeOf(page)
    const call = { operation: 'read', method: 'POST', route: '/contact/list', body: EVERYONE } as const
    const listing = { limit: PAGE, cursor: place.cursor }
    const { items, next: cursor } = await readPage(api, { ...call, token: credentials.apiToken }, listing)
    const next = pageOf(place, cursor)
    const contacts = items.flatMap(({ id }) => asNumericId(id) ?? [])
    const found = await Promise.all(contacts.map((contact) => findThread(credentials, contact)))
    return { threads: found.filter((thread) => thread !== undefined), ...(next !== undefined && { next }) }
  }
}
