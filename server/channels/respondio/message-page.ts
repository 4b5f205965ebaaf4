import type { Json } from '../../kit/json.ts'
import type { Credentials } from '../contract.ts'
import type { Api } from './api.ts'
import { readPage } from './paging.ts'
import type { ListPage } from './paging.ts'
import { asNumericId } from './values.ts'

/** respond.io gives no more at once, whatever is asked for (respond.io wire reference §3). */
const PAGE = 50

/** For sorting: it is the time, more exactly than `at` is. */
export const messageIdOf = ({ messageId }: Json): number => Number(asNumericId(messageId) ?? 0)

/**
 * What names no channel is shown and not lost: the contact is in the inbox's channel, and one repository's sample of what
 * comes in has none (respond.io wire reference §5.1, §10).
 */
export const isOfChannel = ({ channelId }: Json, own: string | undefined): boolean =>
  channelId === undefined || channelId === null || asNumericId(channelId) === own

/** A page of a contact's messages in all channels, newest first; a cursor leads to what is older. Throws ChannelError. */
export function readMessagePage(
  api: Api,
  { apiToken }: Credentials,
  contact: string,
  cursor?: string,
): Promise<ListPage> {
  const call = { operation: 'read', method: 'GET', route: '/contact/{contact}/message/list', contact } as const
  return readPage(api, { ...call, token: apiToken }, { limit: PAGE, cursor })
}
