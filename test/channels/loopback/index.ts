import { z } from 'zod'
import { ChannelError } from '../../../server/channels/contract.ts'
import type { Channel, ChannelManifest, Credentials, FormValues } from '../../../server/channels/contract.ts'
import { caller, type LoopbackSettings } from './call.ts'
import { message, toEvent, threadKeyOf, webhook } from './webhook.ts'

export type { LoopbackSettings } from './call.ts'

const MANIFEST: ChannelManifest = {
  id: 'loopback',
  label: 'Loopback',
  featureFlag: 'channel_loopback',
  connect: 'form',
  form: {
    fields: [{ name: 'apiToken', code: 'API_TOKEN', secret: true, required: true, maxLength: 200 }],
    choice: 'shopId',
  },
  webhookPaths: [],
  inboxWebhook: { keys: 2 },
  configured: true,
  limits: { textLength: 1000 },
  sends: ['text'],
  quotable: [],
  playerHosts: [],
  trustedOrigins: [],
  signals: [],
  rate: { bucket: 'loopback', perSecond: 100, burst: 100 },
}

const shops = z.object({ plan: z.string(), shops: z.array(z.object({ id: z.string(), name: z.string() })) })
const threads = z.object({ threads: z.array(z.object({ id: z.string(), updatedAt: z.number() })) })
const thread = z.object({ person: z.object({ id: z.string(), name: z.string() }), messages: z.array(message) })
const sent = z.object({ id: z.string() })

/** The least that a channel may be: it connects by a form, takes texts in and sends texts. */
export function createLoopback(settings: LoopbackSettings): Channel {
  const call = caller(settings)
  const shopPath = ({ shop = '' }: Credentials) => `/shops/${shop}`
  const listShops = ({ apiToken = '' }: FormValues) =>
    call(apiToken, '/shops', shops).catch((error: unknown) => {
      throw error instanceof ChannelError && error.kind === 'unauthorized'
        ? new ChannelError('rejected', error.code, { cause: error })
        : error
    })
  return {
    manifest: MANIFEST,
    webhook,
    form: {
      inspect: async (values) => {
        const { plan, shops } = await listShops(values)
        return {
          choices: shops.map(({ id, name }) => ({ ref: id, name })),
          notes: plan === 'basic' ? ['NO_WEBHOOKS'] : [],
        }
      },
      connect: async (values, ref) => {
        const shop = (await listShops(values)).shops.find(({ id }) => id === ref)
        if (!shop) throw new ChannelError('rejected', 'NOT_OFFERED')
        const credentials = { apiToken: values['apiToken'] ?? '', shop: shop.id }
        return { connection: { credentials, externalId: shop.id, grantedScopes: [] }, profile: { name: shop.name } }
      },
    },
    send: async (credentials, { threadRef, content }) => {
      if (content.type !== 'text') throw new ChannelError('rejected', 'INVALID_MESSAGE')
      const path = `${shopPath(credentials)}/threads/${threadRef}`
      const { id } = await call(credentials['apiToken'], path, sent, { text: content.text })
      return { externalId: id }
    },
    readThread: async (credentials, threadRef) => {
      const path = `${shopPath(credentials)}/threads/${threadRef}`
      const { person, messages } = await call(credentials['apiToken'], path, thread)
      const events = messages.map(toEvent)
      return { participants: [{ ref: person.id, name: person.name }], messages: events }
    },
    listThreads: async (credentials) => {
      const listed = await call(credentials['apiToken'], `${shopPath(credentials)}/threads`, threads)
      return {
        threads: listed.threads.map(({ id, updatedAt }) => ({
          ...{ threadRef: id, updatedAt: new Date(updatedAt) },
          threadKey: threadKeyOf(credentials['shop'] ?? '', id),
        })),
      }
    },
  }
}
