import type { TikTokContext } from './context.ts'
import type { Business, Conversation, Message, MessageContent, Person, Referral, Sign } from './types.ts'

/** Contents of webhooks: lower-case enums, milliseconds (§6.4). REST has shapes of its own in rest-shapes.ts. */
type Json = Record<string, unknown>

const PERSONAL = 'personal_account'
const BUSINESS = 'business_account'

const blocks: { [K in MessageContent['type']]: (content: Extract<MessageContent, { type: K }>) => Json } = {
  text: ({ body, tap }) => ({
    type: 'text',
    text: { body },
    ...(tap && { reply_source_payload: { reply_source_msg_id: tap.messageId, reply_source_unique_id: tap.buttonId } }),
  }),
  image: ({ mediaId }) => ({ type: 'image', image: { media_id: mediaId } }),
  video: ({ mediaId }) => ({ type: 'video', video: { media_id: mediaId } }),
  share_post: ({ videoId }) => ({
    type: 'share_post',
    share_post: { embed_url: `https://www.tiktok.com/player/v1/${videoId}`, video_id: videoId },
  }),
  sticker: ({ url }) => ({ type: 'sticker', sticker: { url } }),
  emoji: ({ url }) => ({ type: 'emoji', emoji: { url } }),
  template: ({ template }) => ({
    type: 'template',
    template: {
      type: template.type.toLowerCase(),
      elements: [
        {
          title: template.title,
          buttons: template.buttons.map(({ type, title, id }) => ({ text: title, type, ...(id && { id }) })),
        },
      ],
    },
  }),
  unknown: ({ kind, payload }) => ({ type: kind, ...(payload === undefined ? {} : { [kind]: payload }) }),
}

const contentBlock = (content: MessageContent): Json =>
  (blocks[content.type] as (content: MessageContent) => Json)(content)

interface Sides {
  business: Business
  person: Person
}

const fromPerson = ({ business, person }: Sides): Json => ({
  from: person.username,
  to: business.username,
  unique_identifier: person.id,
  from_user: { id: person.id, role: PERSONAL },
  to_user: { id: business.openId, role: BUSINESS },
})

const fromBusiness = ({ business, person }: Sides, identifier: string): Json => ({
  from: business.username,
  to: person.username,
  unique_identifier: identifier,
  from_user: { id: business.openId, role: BUSINESS },
  to_user: { id: person.id, role: PERSONAL },
})

function sidesOf(ctx: TikTokContext, conversation: Conversation): Sides {
  return { business: ctx.world.business(conversation.businessId), person: ctx.world.person(conversation.personId) }
}

/** `im_receive_msg` or `im_send_msg`, by who wrote it. */
export function messageContent(ctx: TikTokContext, conversation: Conversation, message: Message): Json {
  const sides = sidesOf(ctx, conversation)
  const identifier = ctx.knobs.echoUniqueIdentifier === 'person' ? sides.person.id : sides.business.openId
  return {
    ...(message.from === 'person' ? fromPerson(sides) : fromBusiness(sides, identifier)),
    conversation_id: conversation.id,
    message_id: message.id,
    timestamp: message.at,
    ...contentBlock(message.content),
    ...(message.quoteOf !== undefined && { referenced_message_info: { referenced_message_id: message.quoteOf } }),
    ...(message.autoType !== undefined && { auto_message_type: message.autoType }),
    scene_type: 0,
    is_follower: sides.person.isFollower,
    message_tag: { source: message.source },
  }
}

/** `im_receive_msg_eu`: no sender, no conversation, no body. */
export const euContent = (business: Business, at: number): Json => ({
  to: business.username,
  to_user: { id: business.openId, role: BUSINESS },
  timestamp: at,
})

/** `im_mark_read_msg`: a high-water mark in ms. */
export const readContent = (ctx: TikTokContext, conversation: Conversation, upTo: number, at: number): Json => ({
  ...fromPerson(sidesOf(ctx, conversation)),
  conversation_id: conversation.id,
  timestamp: at,
  read: { last_read_timestamp: upTo },
})

export const signShape = (sign: Sign): Json =>
  'emoji' in sign ? { type: 'EMOJI', emoji: sign.emoji } : { type: 'AI_EMOJI', ai_emoji_url: sign.aiEmojiUrl }

export interface ReactionDelivery {
  messageId: string
  originalId: string
  from: 'person' | 'business'
  signs: (Sign & { operation: 'ADD' | 'REMOVE' })[]
  at: number
}

/** `im_receive_msg` or `im_send_msg` of type reaction. */
export function reactionContent(ctx: TikTokContext, conversation: Conversation, reaction: ReactionDelivery): Json {
  const sides = sidesOf(ctx, conversation)
  const { person, business } = sides
  const author = reaction.from === 'person' ? person.id : business.openId
  return {
    ...(reaction.from === 'person' ? fromPerson(sides) : fromBusiness(sides, author)),
    conversation_id: conversation.id,
    message_id: reaction.messageId,
    timestamp: reaction.at,
    type: 'reaction',
    reaction: reaction.signs.map(({ operation, ...sign }) => ({
      operation,
      ...signShape(sign),
      unique_identifier: author,
      timestamp: reaction.at,
      original_msg_id: reaction.originalId,
    })),
    scene_type: 0,
    is_follower: person.isFollower,
    message_tag: { source: 'APP' },
  }
}

/** `im_referral_msg`: no message_id, no type. */
export const referralContent = (
  ctx: TikTokContext,
  conversation: Conversation,
  referral: Referral,
  at: number,
): Json => {
  const sides = sidesOf(ctx, conversation)
  const content = { ...fromPerson(sides), conversation_id: conversation.id, timestamp: at }
  return { ...content, is_follower: sides.person.isFollower, referral }
}
