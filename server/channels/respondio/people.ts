import { ChannelError } from '../contract.ts'
import type { ChannelPolling, Credentials, ListedPerson } from '../contract.ts'
import type { Json } from '../../kit/json.ts'
import type { Api } from './api.ts'
import { readPerson } from './contacts.ts'
import { readPage } from './paging.ts'
import { asNumericId, threadKeyOf } from './values.ts'

/** The most that it gives at once (respond.io wire reference §3). */
const PAGE = 100

/** Of all fields the one that may tell when something happened (respond.io wire reference §4.3, §9.1). */
const CHANGED = { category: 'contactField', field: 'lastInteractionTime', operator: 'isTimestampAfter' }

/** All three are required, and no condition is everyone (respond.io wire reference §4.3). */
const bodyOf = (changedSince: string | undefined): Json => ({
  search: '',
  timezone: 'UTC',
  filter: { $and: changedSince === undefined ? [] : [{ ...CHANGED, value: changedSince }] },
})

/** YYYY-MM-DD HH:mm: the minute that it is in, so that nothing of it is left out. */
const minuteOf = (time: Date): string => time.toISOString().slice(0, 16).replace('T', ' ')

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

function personOf({ channelId = '' }: Credentials, contact: Json): ListedPerson[] {
  const threadRef = asNumericId(contact.id)
  if (!threadRef) return []
  const { name, avatarUrl } = readPerson(threadRef, contact)
  const threadKey = threadKeyOf(channelId, threadRef)
  return [{ threadRef, threadKey, ...(name !== undefined && { name }), ...(avatarUrl !== undefined && { avatarUrl }) }]
}

/** Contacts of the workspace, of whichever channel: the list does not say (respond.io wire reference §4.1). */
export function createList(api: Api): ChannelPolling['list'] {
  return async (credentials, { page, changedSince }) => {
    const place = placeOf(page)
    const body = bodyOf(changedSince && minuteOf(changedSince))
    const call = { operation: 'read', method: 'POST', route: '/contact/list', body } as const
    const listing = { limit: PAGE, cursor: place.cursor }
    const { items, next: cursor } = await readPage(api, { ...call, token: credentials.apiToken }, listing)
    const next = pageOf(place, cursor)
    // Whoever is made while it is paged through may stand there twice.
    const people = new Map(items.flatMap((item) => personOf(credentials, item)).map((one) => [one.threadRef, one]))
    return { people: [...people.values()], ...(next !== undefined && { next }) }
  }
}

/** Nobody has been active after the one, and everybody after the other. */
const [NEVER, EVER] = ['2099-01-01 00:00', '2015-01-01 00:00']

/**
 * Whether the filter by the last interaction exists and filters (respond.io wire reference §9.1): a field that respond.io
 * does not know is refused, or taken for no condition at all.
 */
export function createNarrows(api: Api): ChannelPolling['narrows'] {
  return async ({ apiToken: token }) => {
    const finds = async (since: string): Promise<boolean> => {
      const call = { operation: 'read', method: 'POST', route: '/contact/list', body: bodyOf(since) } as const
      return (await readPage(api, { ...call, token }, { limit: 1 })).items.length > 0
    }
    try {
      return !(await finds(NEVER)) && (await finds(EVER))
    } catch (error) {
      if (error instanceof ChannelError && error.kind === 'rejected') return false
      throw error
    }
  }
}
