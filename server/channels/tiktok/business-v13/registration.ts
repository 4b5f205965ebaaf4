import type { ChannelRegistration } from '../../contract.ts'
import { appOf } from '../grant.ts'
import type { TikTokSettings } from '../settings.ts'
import { asText } from '../../../kit/json.ts'
import type { Api } from './api.ts'

/** The category of all `im_*` events; the name of one of them would be refused (TikTok wire reference §5). */
const EVENT_TYPE = 'DIRECT_MESSAGE'
const OWN_HOSTS = /(^|\.)(tiktok\.com|tiktokapis\.com)$/
const OWN_MACHINE = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** One address an app, for every business that it is connected to (TikTok wire reference §5). */
export function createRegistration(settings: TikTokSettings, api: Api): ChannelRegistration {
  const app = () => {
    const { appId, appSecret } = appOf(settings)
    return { app_id: appId, secret: appSecret, event_type: EVENT_TYPE }
  }
  return {
    reaches(callbackUrl) {
      if (!OWN_HOSTS.test(new URL(settings.apiUrl).hostname)) return true
      const { protocol, hostname } = new URL(callbackUrl)
      return protocol === 'https:' && !OWN_MACHINE.test(hostname)
    },
    async read() {
      const data = await api({ operation: 'register', method: 'GET', path: '/business/webhook/list/', query: app() })
      return asText(data.callback_url)
    },
    async write(callbackUrl) {
      const body = { ...app(), callback_url: callbackUrl }
      await api({ operation: 'register', method: 'POST', path: '/business/webhook/update/', body })
    },
    async remove() {
      await api({ operation: 'register', method: 'POST', path: '/business/webhook/delete/', body: app() })
    },
  }
}
