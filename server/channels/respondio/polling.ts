import type { ChannelPolling } from '../contract.ts'
import type { Api } from './api.ts'
import { createList, createNarrows } from './people.ts'
import { readPresence } from './presence.ts'
import { createRead } from './reading.ts'

/** respond.io's webhooks need a higher plan than its API does (respond.io wire reference §7.1): without them it is asked. */
export const createPolling = (api: Api): ChannelPolling => ({
  list: createList(api),
  narrows: createNarrows(api),
  check: (credentials, threadRef) => readPresence(api, credentials, threadRef),
  read: createRead(api),
})
