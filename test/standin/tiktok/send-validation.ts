import type { TikTokContext } from './context.ts'
import { ApiError, INVALID_CONVERSATION_ID, invalidParam } from './errors.ts'
import { SHORT_ID } from './ids.ts'
import type { Business, Conversation, MessageContent, Template, TemplateButton } from './types.ts'

type Json = Record<string, unknown>

const MAX_TEXT = 6000
const MAX_TITLE = 40
const MAX_BUTTONS = 3
const MAX_BUTTON_ID = 40
const BUTTON_TITLE = { QA_BUTTON_CARD: 20, QA_LINK_CARD: 40 }

/** The block that belongs to each message_type; any other block beside it is refused. */
const BLOCKS = {
  TEXT: 'text',
  IMAGE: 'image',
  SHARE_POST: 'share_post',
  TEMPLATE: 'template',
  SENDER_ACTION: 'sender_action',
} as const
type MessageType = keyof typeof BLOCKS

export type SendOrder =
  | { conversation: Conversation; messageType: string; action: 'TYPING' | 'MARK_READ' }
  | { conversation: Conversation; messageType: string; content: MessageContent; quoteOf?: string }

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const lengthOf = (value: string): number => [...value].length

function requiredText(value: unknown, name: string, max = Infinity): string {
  if (typeof value !== 'string' || value === '') throw invalidParam(`Param ${name} is required.`)
  if (max !== Infinity && value.length > max && lengthOf(value) > max)
    throw invalidParam(`Param ${name} is too long, at most ${max} characters.`)
  return value
}

function block(body: Json, name: string): Json {
  const value = body[name]
  if (!isObject(value)) throw invalidParam(`Param ${name} is required.`)
  return value
}

/** A `+` that arrived as a space, or anything else that is no id, is 40002; a well-formed stranger is 40007 (§16.5). */
export function conversationFor(ctx: TikTokContext, businessId: string, id: unknown): Conversation {
  const value = requiredText(id, 'conversation_id')
  const found = ctx.world.conversations.get(value)
  if (found && found.businessId === businessId) return found
  if (!found && !SHORT_ID.test(value)) throw invalidParam(INVALID_CONVERSATION_ID)
  throw new ApiError(40007)
}

function button(value: unknown, index: number, type: Template['type']): TemplateButton {
  const name = `template.buttons[${index}]`
  if (!isObject(value)) throw invalidParam(`Param ${name} is invalid.`)
  if (value['type'] !== 'REPLY') throw invalidParam(`Param ${name}.type is invalid.`)
  const title = requiredText(value['title'], `${name}.title`, BUTTON_TITLE[type])
  if (value['id'] === undefined) return { type: 'REPLY', title }
  return { type: 'REPLY', title, id: requiredText(value['id'], `${name}.id`, MAX_BUTTON_ID) }
}

function template(value: Json): Template {
  const type = value['type']
  if (type !== 'QA_BUTTON_CARD' && type !== 'QA_LINK_CARD') throw invalidParam('Param template.type is invalid.')
  const title = requiredText(value['title'], 'template.title', MAX_TITLE)
  const buttons = value['buttons']
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > MAX_BUTTONS)
    throw invalidParam(`Param template.buttons must hold 1 to ${MAX_BUTTONS} buttons.`)
  return { type, title, buttons: buttons.map((one, index) => button(one, index, type)) }
}

function contentOf(ctx: TikTokContext, business: Business, type: MessageType, body: Json): MessageContent {
  switch (type) {
    case 'TEXT':
      return { type: 'text', body: requiredText(block(body, 'text')['body'], 'text.body', MAX_TEXT) }
    case 'IMAGE': {
      const mediaId = requiredText(block(body, 'image')['media_id'], 'image.media_id')
      const medium = ctx.world.media.get(mediaId)
      if (medium?.businessId !== business.openId) throw new ApiError(40007)
      if ((medium.expiresAt ?? Infinity) < ctx.clock.now()) throw new ApiError(40910)
      return { type: 'image', mediaId }
    }
    case 'SHARE_POST': {
      const itemId = requiredText(block(body, 'share_post')['item_id'], 'share_post.item_id')
      if (!business.posts.includes(itemId)) throw new ApiError(40007)
      return { type: 'share_post', videoId: itemId }
    }
    case 'TEMPLATE':
      return { type: 'template', template: template(block(body, 'template')) }
    case 'SENDER_ACTION':
      throw invalidParam('Param message_type is invalid.')
  }
}

const QUOTABLE: ReadonlySet<string> = new Set(['text', 'image', 'share_post'])

function quoteOf(ctx: TikTokContext, conversation: Conversation, body: Json): string | undefined {
  const reference = body['referenced_message_info']
  if (reference === undefined) return undefined
  if (body['message_type'] !== 'TEXT')
    throw invalidParam('Param referenced_message_info is only allowed when message_type is TEXT.')
  const name = 'referenced_message_info.referenced_message_id'
  const id = requiredText(isObject(reference) ? reference['referenced_message_id'] : undefined, name)
  const target = ctx.world.message(id)
  if (!target || target.conversationId !== conversation.id) throw new ApiError(40007)
  if (!QUOTABLE.has(target.content.type)) throw invalidParam(`Param ${name} is invalid.`)
  return id
}

/** No comment is ever classified as high intent here, so a direct reply that is well formed has no object (§8). */
function refuseDirectReply(body: Json): never {
  if (body['recipient'] !== undefined || body['recipient_type'] !== undefined)
    throw invalidParam('Param recipient and recipient_type are not allowed together with direct_reply.')
  const reply = block(body, 'direct_reply')
  if (reply['reply_type'] !== 'COMMENT_REPLY') throw invalidParam('Param direct_reply.reply_type is invalid.')
  requiredText(block(reply, 'comment_reply')['comment_id'], 'direct_reply.comment_reply.comment_id')
  throw new ApiError(40007)
}

function typeOf(body: Json): MessageType {
  const type = body['message_type']
  if (typeof type !== 'string' || !Object.hasOwn(BLOCKS, type)) throw invalidParam('Param message_type is invalid.')
  const wanted = BLOCKS[type as MessageType]
  for (const name of Object.values(BLOCKS)) {
    if (name !== wanted && body[name] !== undefined)
      throw invalidParam(`Param ${name} is not allowed when message_type is ${type}.`)
  }
  return type as MessageType
}

/** Everything that §4.1 asks of the body of a send, in the order: type, recipient, block, quote. */
export function validateSend(ctx: TikTokContext, businessId: string, body: Json): SendOrder {
  const messageType = typeOf(body)
  if (body['direct_reply'] !== undefined) refuseDirectReply(body)
  if (body['recipient_type'] !== 'CONVERSATION') throw invalidParam('Param recipient_type is invalid.')
  const conversation = conversationFor(ctx, businessId, body['recipient'])
  if (messageType === 'SENDER_ACTION') {
    const action = body['sender_action']
    if (action !== 'TYPING' && action !== 'MARK_READ') throw invalidParam('Param sender_action is invalid.')
    quoteOf(ctx, conversation, body)
    return { conversation, messageType, action }
  }
  const content = contentOf(ctx, ctx.world.business(businessId), messageType, body)
  const quote = quoteOf(ctx, conversation, body)
  return { conversation, messageType, content, ...(quote !== undefined && { quoteOf: quote }) }
}
