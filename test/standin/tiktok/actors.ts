import { UnknownObject } from '../unknown-object.ts'
import type { TikTokContext } from './context.ts'
import { underEuRules } from './regions.ts'
import type {
  AutoMessageType,
  Business,
  BusinessRef,
  Conversation,
  Message,
  MessageContent,
  MessageSource,
  Person,
  PersonRef,
  Referral,
  Sign,
} from './types.ts'
import type { ReactionDelivery } from './webhook-content.ts'
import { euContent, messageContent, reactionContent, readContent, referralContent } from './webhook-content.ts'
import { avatarPath } from './world.ts'

export interface NewBusiness {
  username: string
  displayName: string
  openId?: string | undefined
  avatar?: string | undefined
  region?: string | undefined
  posts?: string[] | undefined
  /** Somebody's private account. */
  personal?: boolean | undefined
}

export interface NewPerson {
  username: string
  displayName: string
  region?: string | undefined
  id?: string | undefined
  isFollower?: boolean | undefined
}

export interface Pair {
  business: BusinessRef
  person: PersonRef
}

/** `text`, or a whole content. */
export interface Writing extends Pair {
  text?: string | undefined
  content?: MessageContent | undefined
  /** Provider time in ms; default: now. */
  at?: number | undefined
  id?: string | undefined
  /** For the first message of a pair. */
  conversationId?: string | undefined
  quoteOf?: string | undefined
}

export interface Written {
  messageId: string
  conversationId: string
}

export interface InAppWriting extends Writing {
  source?: MessageSource | undefined
  autoType?: AutoMessageType | undefined
}

export interface Reacting extends Pair {
  messageId: string
  emoji?: string | undefined
  operation?: 'ADD' | 'REMOVE' | undefined
  by?: 'person' | 'business' | undefined
  /** Several in one delivery, instead of `emoji` and `operation`. */
  signs?: ReactionDelivery['signs'] | undefined
  at?: number | undefined
}

/** By an ad, or by a link of the business. */
export interface Arriving extends Pair {
  ad?: { name: string } | undefined
  link?: { ref: string; message?: string | undefined } | undefined
  at?: number | undefined
}

function referralOf(business: Business, { ad, link, at }: Pick<Arriving, 'ad' | 'link'> & { at: number }): Referral {
  if (link) {
    const { ref, message = '' } = link
    const facts = { ref, prefilled_message: message, prefilled_message_audit_status: 'PASS' as const }
    return { source: 'short_link', short_link: facts }
  }
  const [post = '7203946942097902849'] = business.posts
  const embed_url = `https://www.tiktok.com/player/v1/${post}`
  const ids = {
    ...{ ad_id: '1790000000000000001', advertiser_id: '7000000000000000009' },
    message_material_id: '7300000000000000005',
  }
  return { source: 'ad', ad: { ...ids, ad_name: ad?.name ?? 'Autumn', embed_url, timestamp: at } }
}

const pathOf = (url: string) => url.split('?')[0]

const isSameSign = (a: Sign, b: Sign): boolean =>
  'emoji' in a
    ? 'emoji' in b && a.emoji === b.emoji
    : 'aiEmojiUrl' in b && pathOf(a.aiEmojiUrl) === pathOf(b.aiEmojiUrl)

function contentOf({ text, content }: Writing): MessageContent {
  if (content) return content
  if (text === undefined) throw new UnknownObject('a message needs text or content')
  return { type: 'text', body: text }
}

function conversationOf(ctx: TikTokContext, pair: Pair): Conversation {
  const found = ctx.world.between(ctx.world.business(pair.business), ctx.world.person(pair.person))
  if (!found) throw new UnknownObject('these two have no conversation yet')
  return found
}

/** What people do in the TikTok app, and the webhooks that follow from it. */
export function createActors(ctx: TikTokContext) {
  const { world, ids, clock, ledger, outbox, knobs } = ctx
  /** Messages that wait for a sign on them (knob `reactionsFirst`). */
  const held = new Map<string, () => void>()

  const write = (writing: Writing, from: Message['from'], source: MessageSource, autoType?: AutoMessageType) => {
    const business = world.business(writing.business)
    const person = world.person(writing.person)
    const content = contentOf(writing)
    const at = writing.at ?? clock.now()
    const known = world.between(business, person)
    const conversation = known ?? world.addConversation(business, person, { id: writing.conversationId, at })
    const message = world.insert({
      id: writing.id ?? ids.short(),
      conversationId: conversation.id,
      at,
      from,
      source,
      content,
      reactions: [],
      ...(autoType !== undefined && { autoType }),
      ...(writing.quoteOf !== undefined && { quoteOf: writing.quoteOf }),
    })
    return { business, person, conversation, message }
  }

  const act = (action: string, { conversation, message }: { conversation: Conversation; message?: Message }): void => {
    ledger.append({
      kind: 'action',
      action,
      businessId: conversation.businessId,
      personId: conversation.personId,
      conversationId: conversation.id,
      ...(message && { messageId: message.id, source: message.source }),
    })
  }

  const publish = (event: string, conversation: Conversation, content: Record<string, unknown>, messageId?: string) => {
    void outbox.publish({
      event,
      businessId: conversation.businessId,
      conversationId: conversation.id,
      content,
      ...(messageId !== undefined && { messageId }),
    })
  }

  const customerWrites = (writing: Writing): Written => {
    const { business, person, conversation, message } = write(writing, 'person', 'APP')
    act('customer_writes', { conversation, message })
    if (underEuRules(knobs, person.region)) publish('im_receive_msg_eu', conversation, euContent(business, message.at))
    else {
      const tell = () => publish('im_receive_msg', conversation, messageContent(ctx, conversation, message), message.id)
      if (knobs.reactionsFirst) held.set(message.id, tell)
      else tell()
    }
    return { messageId: message.id, conversationId: conversation.id }
  }

  const businessWritesInApp = ({ source = 'APP', autoType, ...writing }: InAppWriting): Written => {
    const { conversation, message } = write(writing, 'business', source, autoType)
    act('business_writes_in_app', { conversation, message })
    publish('im_send_msg', conversation, messageContent(ctx, conversation, message), message.id)
    return { messageId: message.id, conversationId: conversation.id }
  }

  const customerReads = ({ upTo = clock.now(), ...pair }: Pair & { upTo?: number | undefined }): void => {
    const conversation = conversationOf(ctx, pair)
    conversation.personReadUpTo = Math.max(conversation.personReadUpTo, upTo)
    act('customer_reads', { conversation })
    publish('im_mark_read_msg', conversation, readContent(ctx, conversation, upTo, clock.now()))
  }

  const tellReaction = (conversation: Conversation, reaction: ReactionDelivery): void => {
    const content = reactionContent(ctx, conversation, reaction)
    if (reaction.from === 'business') return publish('im_send_msg', conversation, content, reaction.messageId)
    if (!underEuRules(ctx.knobs, world.person(conversation.personId).region))
      return publish('im_receive_msg', conversation, content, reaction.messageId)
    publish('im_receive_msg_eu', conversation, euContent(world.business(conversation.businessId), reaction.at))
  }

  const react = (reacting: Reacting): Written => {
    const { messageId, emoji = '👍', operation = 'ADD', by: from = 'person', signs = [{ emoji, operation }] } = reacting
    const conversation = conversationOf(ctx, reacting)
    const target = world.message(messageId)
    if (target?.conversationId !== conversation.id)
      throw new UnknownObject(`no message "${messageId}" between these two`)
    const at = reacting.at ?? clock.now()
    const authorId = from === 'person' ? conversation.personId : conversation.businessId
    for (const { operation: what, ...sign } of signs) {
      const others = target.reactions.filter((one) => one.authorId !== authorId || !isSameSign(one, sign))
      target.reactions = what === 'ADD' ? [...others, { ...sign, authorId, at }] : others
    }
    const reaction = { messageId: ids.short(), originalId: messageId, from, signs, at }
    act('reacts', { conversation, message: target })
    tellReaction(conversation, reaction)
    held.get(messageId)?.()
    held.delete(messageId)
    return { messageId: reaction.messageId, conversationId: conversation.id }
  }

  const arrive = ({ ad, link, at = clock.now(), ...pair }: Arriving): { conversationId: string } => {
    const [business, person] = [world.business(pair.business), world.person(pair.person)]
    const conversation = world.between(business, person) ?? world.addConversation(business, person, { at })
    const referral = referralOf(business, { ad, link, at })
    conversation.referral = referral
    act('arrives', { conversation })
    publish('im_referral_msg', conversation, referralContent(ctx, conversation, referral, at))
    return { conversationId: conversation.id }
  }

  const revoke = (ref: BusinessRef, { reason = 1 }: { reason?: number | undefined } = {}): void => {
    const { openId } = world.business(ref)
    ctx.tokens.revokeBusiness(openId)
    ledger.append({ kind: 'action', action: 'revoke', businessId: openId })
    void outbox.publish({
      event: 'authorization.removed',
      businessId: openId,
      content: { reason },
      evenWithoutGrant: true,
    })
  }

  return {
    addBusiness: (input: NewBusiness): Business => {
      const openId = input.openId ?? ids.openId()
      const { username, displayName, region = 'TH', avatar, posts, personal } = input
      const avatarUrl = avatar ?? avatarPath(openId)
      const made = { openId, username, displayName, region, avatarUrl, posts: posts ?? [ids.videoId()] }
      const business: Business = personal ? { ...made, personal } : made
      world.businesses.set(openId, business)
      ledger.append({ kind: 'action', action: 'add_business', businessId: openId })
      return business
    },
    addPerson: (input: NewPerson): Person => {
      const id = input.id ?? ids.personId()
      const { username, displayName, region = 'TH', isFollower = false } = input
      const person = { id, username, displayName, region, isFollower, avatarUrl: avatarPath(id) }
      world.people.set(id, person)
      ledger.append({ kind: 'action', action: 'add_person', personId: id })
      return person
    },
    /** A picture or film of somebody's; answers TikTok's id of it. */
    addMedium: ({ business, mime, bytes }: { business: BusinessRef; mime: string; bytes: Buffer }): string =>
      world.addMedium(ids.short(), { businessId: world.business(business).openId, mime, bytes }),
    /** The address that a sticker or an emoji made of a medium has. */
    openAddress: (mediaId: string): string => `${ctx.baseUrl()}/cdn/open/${encodeURIComponent(mediaId)}`,
    customerWrites,
    businessWritesInApp,
    customerReads,
    /** Voice notes have no type in the documents (§6.4). */
    unknownKind: ({
      kind = 'voice',
      payload,
      ...writing
    }: Writing & { kind?: string | undefined; payload?: unknown }) =>
      customerWrites({ ...writing, content: { type: 'unknown', kind, payload } }),
    /** A tap on a card's button posts its text as the person (§4.1). */
    taps: ({ messageId, buttonId, ...writing }: Writing & { messageId: string; buttonId: string }) => {
      const template = world.message(messageId)?.content
      const label = template?.type === 'template' && template.template.buttons.find(({ id }) => id === buttonId)?.title
      const body = writing.text ?? (label || buttonId)
      return customerWrites({ ...writing, content: { type: 'text', body, tap: { messageId, buttonId } } })
    },
    reacts: react,
    arrives: arrive,
    blocks: ({ blocked = true, ...pair }: Pair & { blocked?: boolean | undefined }): void => {
      const conversation = conversationOf(ctx, pair)
      conversation.blocked = blocked
      act(blocked ? 'blocks' : 'unblocks', { conversation })
    },
    revoke,
  }
}

export type Actors = ReturnType<typeof createActors>
