import type { RespondIoContext } from './context.ts'
import type { Channel, SenderSource, Space, SpaceRef, Subscription, User } from './types.ts'

export const EVENTS = [
  'message.received',
  'message.sent',
  'conversation.opened',
  'conversation.closed',
  'contact.created',
  'contact.updated',
  'contact.assignee.updated',
  'contact.tag.updated',
  'contact.lifecycle.updated',
  'comment.created',
] as const
export type EventName = (typeof EVENTS)[number]

export interface NewUser {
  space: SpaceRef
  firstName: string
  lastName?: string | undefined
  email?: string | undefined
  role?: User['role'] | undefined
}

export interface NewChannel {
  space: SpaceRef
  /** Default: tiktok_business. */
  source?: string | undefined
  name?: string | undefined
  /** Ties it to a business of TikTok's side, named by open id or username. */
  business?: string | undefined
}

export interface NewSubscription {
  space: SpaceRef
  event: EventName
  url: string
  key?: string | undefined
  sources?: SenderSource[] | undefined
}

const CHANNEL_NAMES: Record<string, string> = {
  tiktok_business: 'TikTok Business messaging',
  whatsapp_cloud: 'WhatsApp Cloud API',
}

/** What people set up in respond.io: workspaces, users, channels, tokens, webhooks. */
export function createSettings(ctx: RespondIoContext, businessId: (ref: string) => string) {
  const { world, ids, clock, ledger } = ctx
  const addUser = ({ space, firstName, lastName = '', email, role = 'agent' }: NewUser): User => {
    const id = ids.number()
    const user = {
      id,
      spaceId: world.space(space).id,
      firstName,
      lastName,
      email: email ?? `user${id}@respond.test`,
      role,
    }
    world.users.set(id, user)
    return user
  }
  const newToken = (ref: SpaceRef): string => {
    const space = world.space(ref)
    const token = ids.accessToken(space, clock.now())
    space.tokens.push(token)
    return token
  }

  return {
    /** A workspace with its owner and one token. */
    addSpace: ({ name }: { name: string }): Space => {
      const space: Space = {
        id: ids.number(),
        orgId: ids.number(),
        name,
        tokens: [],
        tags: [],
        customFields: [],
        closingNotes: [],
      }
      world.spaces.set(space.id, space)
      newToken(space)
      addUser({ space, firstName: 'Owner', role: 'owner' })
      ledger.append({ kind: 'action', action: 'add_space', spaceId: space.id })
      return space
    },
    addUser,
    addChannel: ({ space, source = 'tiktok_business', name, business }: NewChannel): Channel => {
      const id = ids.number()
      const channel: Channel = {
        id,
        spaceId: world.space(space).id,
        name: name ?? CHANNEL_NAMES[source] ?? source,
        source,
        createdAt: clock.now(),
        ...(business !== undefined && { business: businessId(business) }),
      }
      world.channels.set(id, channel)
      ledger.append({ kind: 'action', action: 'add_channel', spaceId: channel.spaceId })
      return channel
    },
    removeChannel: (id: number): void => void world.channels.delete(world.channel(id).id),
    newToken,
    revokeTokens: (ref: SpaceRef): void => void (world.space(ref).tokens = []),
    /** A file that a customer's message can show as `{ type: 'stored', attachment: { type, mediaId } }`. */
    addMedium: ({ mime, bytes, fileName }: { mime: string; bytes: Buffer; fileName?: string | undefined }): string => {
      const id = ids.medium()
      const readyAt = clock.now() + ctx.knobs.attachmentPendingMs
      world.media.set(id, { mime, bytes, fileName: fileName ?? `${id}.${mime.split('/')[1] ?? 'bin'}`, readyAt })
      return id
    },
    /** One webhook of the settings: one event, one address, its own key (§7.1). */
    subscribe: ({ space, event, url, key, sources }: NewSubscription): Subscription => {
      const id = ids.number()
      const subscription: Subscription = {
        ...{ id, spaceId: world.space(space).id, event, url, key: key ?? ids.signingKey(), enabled: true, errors: [] },
        ...(sources && { sources }),
      }
      world.subscriptions.set(id, subscription)
      return subscription
    },
    unsubscribe: (id: number): void => void world.subscriptions.delete(id),
    /** Switches a webhook on again after too many errors. */
    enable: (id: number): void => {
      const subscription = world.subscriptions.get(id)
      if (subscription) Object.assign(subscription, { enabled: true, errors: [] })
    },
  }
}

export type Settings = ReturnType<typeof createSettings>
