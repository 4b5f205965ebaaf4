import type { FastifyInstance } from 'fastify'
import { echoAround } from '../echo.ts'
import type { RespondIoContext } from './context.ts'
import type { Call, CallResult } from './endpoint.ts'
import { mountEndpoint } from './endpoint.ts'
import { refuse } from './errors.ts'
import { contactOf, idParam } from './input.ts'
import { place, tellMessage, visible } from './messages.ts'
import { listAnswer, pageOf } from './paging.ts'
import { validateSend } from './send-validation.ts'
import { handOver, refusalOf } from './sending.ts'
import { messageShape } from './shapes.ts'
import type { Channel, Contact, Json, MessageContent } from './types.ts'
import { expandVariables } from './variables.ts'

const lastMessageAt = (at: number | null): number => at ?? 0

/** The channel that is named, or the one in which something happened last (§5.2). */
function channelFor(ctx: RespondIoContext, contact: Contact, channelId: number | undefined): Channel {
  const presences = contact.presences.toSorted(
    (a, b) => lastMessageAt(b.lastMessageAt) - lastMessageAt(a.lastMessageAt),
  )
  const presence = channelId === undefined ? presences[0] : presences.find((one) => one.channelId === channelId)
  const channel = presence && ctx.world.channels.get(presence.channelId)
  if (!channel) throw refuse(400, 'The contact is not in this channel')
  return channel
}

function expanded({ knobs }: RespondIoContext, contact: Contact, content: MessageContent): MessageContent {
  if (content.type !== 'text') return content
  return { ...content, text: expandVariables(String((content as Json)['text']), contact, knobs.unknownVariables) }
}

function send(ctx: RespondIoContext, call: Call): CallResult {
  const contact = contactOf(ctx, call)
  const { channelId, content } = validateSend(call.body)
  const channel = channelFor(ctx, contact, channelId)
  const refusal = ctx.knobs.closedWindow === '400' ? refusalOf(ctx, contact, channel) : undefined
  if (refusal !== undefined) throw refuse(400, refusal)
  const message = place(ctx, contact, channel, { content: expanded(ctx, contact, content), source: 'api' })
  const { messageId } = message
  ctx.ledger.append({
    kind: 'send',
    ...{ spaceId: contact.spaceId, contactId: contact.id, channelId: channel.id, messageId },
    ...{ conversationId: String(contact.id), messageType: content.type, body: call.body as Json },
  })
  handOver(ctx, contact, channel, message).catch(() => {})
  return { data: { messageId }, ...echoAround(ctx, () => tellMessage(ctx, contact, message)) }
}

function list(ctx: RespondIoContext, call: Call): Json {
  const messages = visible(contactOf(ctx, call))
  const { limit, cursorId } = pageOf(call)
  const mark = Math.abs(cursorId ?? 0)
  const isUnknown = cursorId !== undefined && !messages.some(({ messageId }) => messageId === mark)
  if (isUnknown && ctx.knobs.unknownCursor === 'reject') throw refuse(400, 'cursorId is invalid')
  const page = { limit: Math.min(limit, ctx.knobs.messagePageCap), cursorId }
  return listAnswer(ctx.knobs, call, page, {
    list: messages.toReversed(),
    idOf: ({ messageId }) => messageId,
    ascending: false,
    shape: (message) => messageShape(ctx, message),
  })
}

function get(ctx: RespondIoContext, call: Call): Json {
  const wanted = idParam(call, 'messageId')
  const message = visible(contactOf(ctx, call)).find(({ messageId }) => messageId === wanted)
  if (!message) throw refuse(404, 'Message not found')
  return messageShape(ctx, message)
}

/** §5.2, §5.3. */
export function mountMessages(app: FastifyInstance, ctx: RespondIoContext): void {
  const path = '/contact/:identifier/message'
  mountEndpoint(app, ctx, { operation: 'send', method: 'POST', path, run: (call) => send(ctx, call) })
  mountEndpoint(app, ctx, {
    ...{ operation: 'message_list', method: 'GET', path: `${path}/list` },
    run: (call) => ({ data: list(ctx, call) }),
  })
  mountEndpoint(app, ctx, {
    ...{ operation: 'message_get', method: 'GET', path: `${path}/:messageId` },
    run: (call) => ({ data: get(ctx, call) }),
  })
}
