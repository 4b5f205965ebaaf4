import type { Channel } from '../../contract.ts'
import { createManifest } from '../manifest.ts'
import type { TikTokSettings } from '../settings.ts'
import { createApi } from './api.ts'
import { parseDelivery } from './events.ts'
import { createMedia } from './media.ts'
import { createOAuth, createRenew, createRevoke } from './oauth.ts'
import { readPost } from './posts.ts'
import { createRegistration } from './registration.ts'
import { routeDelivery } from './routing.ts'
import { createSend } from './send.ts'
import { createSignal } from './signal.ts'
import { verifySignature } from './signature.ts'
import { createListThreads } from './thread-list.ts'
import { createReadThread } from './threads.ts'

/** TikTok's API for Business, Business Messaging v1.3. */
export function createBusinessV13(settings: TikTokSettings): Channel {
  const api = createApi(settings)
  return {
    manifest: createManifest(settings),
    oauth: createOAuth(settings, api),
    webhook: {
      verify: (delivery, now) => verifySignature(settings, delivery, now),
      route: (body) => routeDelivery(body, settings.appId),
      parse: parseDelivery,
      registration: createRegistration(settings, api),
    },
    posts: { read: readPost },
    send: createSend(api),
    signal: createSignal(api),
    readThread: createReadThread(api),
    listThreads: createListThreads(api),
    media: createMedia(settings, api),
    renew: createRenew(settings, api),
    revoke: createRevoke(settings, api),
  }
}
