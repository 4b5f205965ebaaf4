import type { Channel } from '../standin/respondio/types.ts'
import type { Standin } from '../standin/standin.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from './actor.ts'
import {
  ConnectChannelDocument,
  InboxHistoryDocument,
  InboxSwapDocument,
  InboxWebhookDocument,
  SetWebhookKeysDocument,
} from './generated.ts'
import { until } from './until.ts'

const KEY = 'the-key-of-these-webhooks'

/** A business on TikTok, and the channel of a workspace that sees the same messages. */
export interface TwoSides {
  business: Business
  channel: Channel
  apiToken: string
}

export function addBothSides(standin: Standin, username: string): TwoSides {
  const { tiktok, respondio } = standin
  const business = tiktok.addBusiness({ username, displayName: `The ${username}` })
  const space = respondio.addSpace({ name: `The ${username}` })
  const channel = respondio.addChannel({ space, business: business.openId })
  return { business, channel, apiToken: space.tokens[0] ?? '' }
}

/** Connects respond.io's side: a new inbox, or this one that goes over to it. Its webhooks deliver here from then on. */
export async function connectRespondIo(
  actor: Actor,
  { channel, apiToken }: TwoSides,
  inboxId?: string,
): Promise<string> {
  const { accountId } = actor
  const fields = { apiToken, channelId: String(channel.id) }
  const input = { accountId, channelType: 'respondio', fields, ...(inboxId && { inboxId }) }
  const { connectChannel } = await actor.gql(ConnectChannelDocument, { input })
  await hookUpRespondIo(actor, channel, connectChannel.id)
  return connectChannel.id
}

/** Enters the inbox's address in respond.io, and its key here. */
export async function hookUpRespondIo(actor: Actor, channel: Channel, inboxId: string): Promise<void> {
  const { accountId } = actor
  const { respondio } = actor.world.standin
  const { inbox } = await actor.gql(InboxWebhookDocument, { accountId, id: inboxId })
  const url = actor.world.url + new URL(inbox.webhook?.url ?? '').pathname
  for (const event of ['message.received', 'message.sent'] as const)
    respondio.subscribe({ space: channel.spaceId, event, url, key: KEY })
  await actor.gql(SetWebhookKeysDocument, { input: { accountId, inboxId, keys: [KEY] } })
}

/** Connects TikTok's side through its consent page: a new inbox, or this one that goes over to it. */
export async function connectTikTok(actor: Actor, { business }: TwoSides, inboxId?: string): Promise<string> {
  const location = await actor.authorize({ business, ...(inboxId && { inboxId }) })
  const id = /inboxes\/([0-9a-f-]{36})\?connected=1$/.exec(location)?.[1]
  if (!id) throw new Error(`not connected: ${location}`)
  return id
}

export const readSwap = async (actor: Actor, id: string, page: { first?: number; after?: string } = {}) =>
  (await actor.gql(InboxSwapDocument, { accountId: actor.accountId, id, ...page })).inbox

export async function untilPastIsRead(actor: Actor, id: string, timeoutMs?: number): Promise<void> {
  await until(
    async () =>
      (await actor.gql(InboxHistoryDocument, { accountId: actor.accountId, id })).inbox.history?.state === 'DONE',
    'the past is read',
    timeoutMs,
  )
}
