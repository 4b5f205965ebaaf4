import { asRecord } from '../../kit/json.ts'
import { ChannelError } from '../contract.ts'
import type { Channel } from '../contract.ts'
import type { Api } from './api.ts'
import { readContent } from './content.ts'
import { messageOf } from './values.ts'

/**
 * The address of a file that had none when its message came, by reading the message again (respond.io wire reference §5.1,
 * §5.3). `unavailable` while respond.io has not stored it.
 */
export function createLocateMedium(api: Api): NonNullable<Channel['locateMedium']> {
  return async ({ apiToken }, { externalId }) => {
    const ids = messageOf(externalId)
    if (!ids) throw new ChannelError('rejected', 'MEDIA_GONE')
    const route = '/contact/{contact}/message/{message}'
    const told = await api({ operation: 'read', method: 'GET', route, ...ids, token: apiToken })
    const [medium] = readContent(asRecord(told.message) ?? {}).media ?? []
    if (!medium) throw new ChannelError('rejected', 'MEDIA_GONE')
    if (!medium.url) throw new ChannelError('unavailable', 'PROVIDER_UNAVAILABLE')
    return { url: medium.url, headers: {} }
  }
}
