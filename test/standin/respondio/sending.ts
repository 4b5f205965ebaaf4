import { ApiError as TikTokError } from '../tiktok/errors.ts'
import type { Exchange } from '../tiktok/windows.ts'
import { enforceWindow } from '../tiktok/windows.ts'
import type { RespondIoContext } from './context.ts'
import type { Outgoing } from './messages.ts'
import { isTikTok, place, tellMessage } from './messages.ts'
import type { Channel, Contact, Json, Message, StatusStamp } from './types.ts'

const MAX_IMAGE_BYTES = 3 * 1024 * 1024
const FETCH_MS = 5000

export interface File {
  mime: string
  bytes: Buffer
}

/** What the channel has seen of the two, for TikTok's rules (§5.4). */
function exchangeOf(contact: Contact, channel: Channel): Exchange {
  const handedOver = contact.messages.filter(
    ({ channelId, channelMessageId }) => channelId === channel.id && channelMessageId !== null,
  )
  return {
    blocked: contact.blocked,
    messages: handedOver.map(({ at, traffic }) =>
      traffic === 'incoming' ? { at, from: 'person', source: 'APP' } : { at, from: 'business', source: 'API' },
    ),
  }
}

/** Why the channel would not take another message now. */
export function refusalOf(ctx: RespondIoContext, contact: Contact, channel: Channel): string | undefined {
  if (!isTikTok(channel)) return contact.blocked ? 'The contact has blocked this channel.' : undefined
  const tied = ctx.tie.exchange(contact, channel)
  const policy = tied ? tied.policy : ctx.knobs.windowPolicy
  try {
    enforceWindow(policy, tied ?? exchangeOf(contact, channel), ctx.clock.now())
    return undefined
  } catch (error) {
    if (error instanceof TikTokError) return `[${error.code}] ${error.message}`
    throw error
  }
}

export function stamp(ctx: RespondIoContext, message: Message, value: StatusStamp['value'], reason?: string): void {
  const timestamp = ctx.clock.now()
  message.status.push({ value, timestamp, ...(reason !== undefined && { message: reason }) })
  // The page wants to know.
  ctx.ledger.append({ kind: 'action', action: value, contactId: message.contactId, messageId: message.messageId })
}

async function fetchFile(url: string): Promise<File | string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) })
    if (!answer.ok) return `attachment could not be fetched: ${answer.status}`
    return { mime: answer.headers.get('content-type') ?? '', bytes: Buffer.from(await answer.arrayBuffer()) }
  } catch (error) {
    return `attachment could not be fetched: ${String(error)}`
  }
}

/** TikTok takes JPG and PNG of at most 3 MB, and words (§5.4). */
function unfit({ content }: Message, file: File | undefined): string | undefined {
  if (content.type === 'text' || content.type === 'quick_reply') return undefined
  if (content.type !== 'attachment') return `Message type ${content.type} is not supported by this channel.`
  if ((content['attachment'] as Json)['type'] !== 'image') return 'Only images can be sent in this channel.'
  if (file && !/^image\/(png|jpe?g)/.test(file.mime)) return 'Only JPG and PNG images can be sent in this channel.'
  if (file && file.bytes.length > MAX_IMAGE_BYTES) return 'The image is larger than 3 MB.'
  return undefined
}

async function fileOf({ knobs }: RespondIoContext, { content }: Message): Promise<File | string | undefined> {
  if (!knobs.fetchAttachments || content.type !== 'attachment') return undefined
  return fetchFile(String((content['attachment'] as Json)['url']))
}

async function pass(ctx: RespondIoContext, contact: Contact, channel: Channel, message: Message): Promise<void> {
  const file = await fileOf(ctx, message)
  if (ctx.world.contacts.get(contact.id) !== contact) return
  if (!ctx.world.channels.has(channel.id)) return stamp(ctx, message, 'failed', 'The channel was disconnected.')
  const fetched = typeof file === 'string' ? undefined : file
  const reason =
    (typeof file === 'string' ? file : undefined) ??
    (isTikTok(channel) ? unfit(message, fetched) : undefined) ??
    refusalOf(ctx, contact, channel)
  if (reason !== undefined) return stamp(ctx, message, 'failed', reason)
  message.channelMessageId = ctx.tie.handOver(contact, channel, message, fetched) ?? ctx.ids.channelMessage()
  stamp(ctx, message, 'sent')
  progress(ctx, message)
}

function progress(ctx: RespondIoContext, message: Message): void {
  const { deliveredDelayMs, readDelayMs } = ctx.knobs
  ctx.scheduler.after(deliveredDelayMs, () => {
    if (!has(message, 'delivered')) stamp(ctx, message, 'delivered')
    if (readDelayMs === Infinity) return
    ctx.scheduler.after(readDelayMs, () => has(message, 'read') || stamp(ctx, message, 'read'))
  })
}

export const has = ({ status }: Message, value: StatusStamp['value']): boolean =>
  status.some((one) => one.value === value)

/** Everything sent up to then has been read, and so delivered. */
export function readUpTo(ctx: RespondIoContext, contact: Contact, channelId: number, upTo: number): void {
  for (const message of contact.messages) {
    if (message.channelId !== channelId || message.at > upTo || !has(message, 'sent') || has(message, 'read')) continue
    if (!has(message, 'delivered')) stamp(ctx, message, 'delivered')
    stamp(ctx, message, 'read')
  }
}

/** Hands a message over to its channel, after those that were placed before it. */
export function handOver(ctx: RespondIoContext, contact: Contact, channel: Channel, message: Message): Promise<void> {
  const turn = ctx.lanes.run(
    `${contact.id} ${channel.id}`,
    () => ctx.scheduler.sleep(ctx.knobs.sentDelayMs),
    () => pass(ctx, contact, channel, message),
  )
  ctx.scheduler.track(turn)
  return turn
}

/** A message that somebody wrote in the channel's own app. */
export function echo(
  ctx: RespondIoContext,
  contact: Contact,
  channel: Channel,
  { channelMessageId = ctx.ids.channelMessage(), ...written }: Omit<Outgoing, 'source'>,
): Message {
  const message = place(ctx, contact, channel, { ...written, source: 'echo', channelMessageId })
  stamp(ctx, message, 'sent')
  void tellMessage(ctx, contact, message)
  return message
}
