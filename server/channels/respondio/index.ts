import type { Channel } from '../contract.ts'
import { createApi } from './api.ts'
import { parseDelivery } from './events.ts'
import { createForm } from './form.ts'
import { createLocateMedium } from './locate-medium.ts'
import { createManifest } from './manifest.ts'
import { createPolling } from './polling.ts'
import { routeDelivery } from './routing.ts'
import { tokenKeyOf } from './rate-limit.ts'
import { createSend } from './send.ts'
import type { RespondIoSettings } from './settings.ts'
import { verifySignature } from './signature.ts'
import { createReadThread } from './threads.ts'
import { externalIdOf } from './values.ts'

export type { RespondIoSettings } from './settings.ts'

/** TikTok direct messages by way of a respond.io workspace. */
export function createRespondIo(settings: RespondIoSettings): Channel {
  const api = createApi(settings)
  return {
    manifest: createManifest(settings),
    form: createForm(api),
    webhook: {
      verify: (delivery, _now, keys = []) => verifySignature(delivery, keys),
      route: routeDelivery,
      parse: parseDelivery,
    },
    externalIdOf,
    locateMedium: createLocateMedium(api),
    rateScope: ({ apiToken = '' }) => tokenKeyOf(apiToken),
    send: createSend(api),
    readThread: createReadThread(api),
    polling: createPolling(api),
  }
}
