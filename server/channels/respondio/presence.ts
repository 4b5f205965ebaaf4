import type { Credentials, Presence } from '../contract.ts'
import type { Api } from './api.ts'
import { readPage } from './paging.ts'
import { asNumericId, asTime } from './values.ts'

/** Nobody is in more channels of one workspace. */
const MOST = 100

const timeOrNever = (value: unknown) => (value === null ? null : asTime(value))

/**
 * Whether a quiet contact has written meanwhile, without reading messages: `GET /contact/{id}/channels` is the only place
 * that tells (respond.io wire reference §4.2). Undefined: the contact is not in the channel. Throws ChannelError.
 */
export async function readPresence(
  api: Api,
  { apiToken, channelId }: Credentials,
  contact: string,
): Promise<Presence | undefined> {
  const call = { operation: 'read', method: 'GET', route: '/contact/{contact}/channels', contact } as const
  const { items } = await readPage(api, { ...call, token: apiToken }, { limit: MOST })
  const found = items.find(({ id }) => asNumericId(id) === channelId)
  if (!found) return undefined
  const lastMessageAt = timeOrNever(found.lastMessageTime)
  const lastIncomingAt = timeOrNever(found.lastIncomingMessageTime)
  return {
    ...(lastMessageAt !== undefined && { lastMessageAt }),
    ...(lastIncomingAt !== undefined && { lastIncomingAt }),
  }
}
