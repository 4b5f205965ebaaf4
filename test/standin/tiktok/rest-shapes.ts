import { toSeconds } from '../clock.ts'
import type { TikTokContext } from './context.ts'
import { underEuRules } from './regions.ts'
import type { Business, Conversation, Message, MessageContent, Person } from './types.ts'
import { signShape } from './webhook-content.ts'

/** Shapes of the REST lists: UPPER-CASE enums, milliseconds (§4.2, §4.3). */
type Json = Record<string, unknown>

const blocks: { [K in MessageContent['type']]: (content: Extract<MessageContent, { type: K }>) => Json } = {
  text: ({ body }) => ({ message_type: 'TEXT', text: { body } }),
  image: ({ mediaId }) => ({ message_type: 'IMAGE', image: { media_id: mediaId } }),
  video: ({ mediaId }) => ({ message_type: 'VIDEO', video: { media_id: mediaId } }),
  share_post: ({ videoId }) => ({
    message_type: 'SHARE_POST',
    share_post: { embed_url: `https://www.tiktok.com/player/v1/${videoId}` },
  }),
  sticker: ({ url }) => ({ message_type: 'STICKER', sticker: { url } }),
  emoji: ({ url }) => ({ message_type: 'EMOJI', emoji: { url } }),
  template: ({ template }) => ({ message_type: 'TEMPLATE', template }),
  unknown: () => ({ message_type: 'OTHER' }),
}

const contentBlock = (content: MessageContent): Json =>
  (blocks[content.type] as (content: MessageContent) => Json)(content)

function messageShape(business: Business, person: Person, message: Message): Json {
  const theBusiness = { id: business.openId, role: 'BUSINESS_ACCOUNT' }
  const thePerson = { id: person.id, role: 'PERSONAL_ACCOUNT' }
  const inbound = message.from === 'person'
  return {
    message_id: message.id,
    conversation_id: message.conversationId,
    timestamp: message.at,
    ...contentBlock(message.content),
    sender: inbound ? person.username : business.username,
    recipient: inbound ? business.username : person.username,
    from_user: inbound ? thePerson : theBusiness,
    to_user: inbound ? theBusiness : thePerson,
    message_tag: { source: message.source },
    ...(message.autoType !== undefined && { auto_message_type: message.autoType }),
    ...(message.quoteOf !== undefined && { referenced_message_info: { referenced_message_id: message.quoteOf } }),
    ...(message.reactions.length > 0 && {
      reactions: message.reactions.map((reaction) => ({
        ...signShape(reaction),
        unique_identifier: reaction.authorId,
        timestamp: reaction.at,
      })),
    }),
  }
}

/** An avatar's address with its expiry in seconds, as TikTok's CDN writes it. */
export function avatarAddress(ctx: TikTokContext, { avatarUrl }: Business | Person): string {
  const url = new URL(avatarUrl, ctx.baseUrl())
  url.searchParams.set('x-expires', String(toSeconds(ctx.clock.now()) + 172_800))
  return url.href
}

/** `data` of content/list: newest 20, no paging. */
export function contentList(ctx: TikTokContext, conversation: Conversation): Json {
  const business = ctx.world.business(conversation.businessId)
  const person = ctx.world.person(conversation.personId)
  const hidden = !ctx.knobs.euListed && underEuRules(ctx.knobs, person.region)
  const newest = conversation.messages.filter(({ from }) => from === 'business' || !hidden).slice(-20)
  if (ctx.knobs.contentListOrder === 'newest_first') newest.reverse()
  return {
    participants: [
      {
        id: business.openId,
        role: 'BUSINESS_ACCOUNT',
        display_name: business.displayName,
        profile_image: avatarAddress(ctx, business),
      },
      {
        id: person.id,
        role: 'PERSONAL_ACCOUNT',
        display_name: person.displayName,
        profile_image: avatarAddress(ctx, person),
        is_follower: person.isFollower,
      },
    ],
    messages: newest.map((message) => messageShape(business, person, message)),
  }
}

/** Arrays and seconds, where the webhook has objects and milliseconds (§6.4). */
function referralShape(referral: Conversation['referral']): Json {
  if (!referral) return {}
  return referral.source === 'ad'
    ? { ad: [{ ...referral.ad, timestamp: toSeconds(referral.ad.timestamp) }] }
    : { short_link: [referral.short_link] }
}

const RETENTION_MS = 90 * 86_400_000
const MOST = 100

/** `data` of conversation/list: the last 90 days, at most 100 altogether, newest first. */
export function conversationList(
  ctx: TikTokContext,
  query: { businessId: string; type: Conversation['type']; limit: number; cursor: number },
): Json {
  const oldest = ctx.clock.now() - RETENTION_MS
  const listed = ctx.world
    .conversationsOf(query.businessId)
    .filter(({ updatedAt }) => updatedAt >= oldest)
    .sort((a, b) => b.updatedAt - a.updatedAt)
    .slice(0, MOST)
    .filter(({ type }) => type === query.type)
  const end = query.cursor + query.limit
  const page = listed.slice(query.cursor, end)
  return {
    conversations: page.map(({ id, updatedAt, referral }) => ({
      conversation_id: id,
      update_time: updatedAt,
      referral: referralShape(referral),
    })),
    has_more: end < listed.length,
    cursor: query.cursor + page.length,
  }
}
