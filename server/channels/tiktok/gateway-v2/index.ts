import type { Channel, ChannelManifest } from '../../contract.ts'
import { createManifest } from '../manifest.ts'
import type { TikTokSettings } from '../settings.ts'
import { createApi } from './api.ts'
import { parseDelivery } from './events.ts'
import { createHandshake } from './handshake.ts'
import { createListThreads, createReadThread } from './lists.ts'
import { createOAuth, createRenew, createRevoke } from './oauth.ts'
import { routeDelivery } from './routing.ts'
import { createSend } from './send.ts'
import { verifySignature } from './signature.ts'

/** Texts both ways; the gateway's reference has no body for anything else. */
function manifestOf(settings: TikTokSettings): ChannelManifest {
  const common = createManifest(settings)
  const { id, label, featureFlag, connect, webhookPaths, gateway, limits, dialect, window } = common
  return {
    ...{ id, label, featureFlag, connect, webhookPaths, limits },
    get configured() {
      return common.configured
    },
    get appId() {
      return common.appId
    },
    get rate() {
      return common.rate
    },
    ...(gateway && { gateway }),
    ...(dialect !== undefined && { dialect }),
    ...(window !== undefined && { window }),
    sends: ['text'],
    quotable: [],
    playerHosts: [],
    trustedOrigins: [],
    signals: [],
  }
}

/**
 * The API as the message gateway's reference writes it down: Login Kit's tokens, `im` and `customer_service` calls, and
 * webhooks signed over their body alone (TikTok wire reference §14, §15).
 */
export function createGatewayV2(settings: TikTokSettings): Channel {
  const api = createApi(settings)
  return {
    manifest: manifestOf(settings),
    oauth: createOAuth(settings, api),
    webhook: {
      verify: (delivery, now) => verifySignature(settings, delivery, now),
      route: (body) => routeDelivery(body, settings.appId),
      parse: parseDelivery,
      handshake: createHandshake(settings),
    },
    send: createSend(api),
    readThread: createReadThread(api),
    listThreads: createListThreads(api),
    renew: createRenew(settings, api),
    revoke: createRevoke(settings, api),
  }
}
