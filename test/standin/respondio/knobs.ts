import { z } from 'zod'
import type { FaultOf } from '../faults.ts'
import { faultShape } from '../faults.ts'
import {
  CDN_MODES,
  deliveryShape,
  echoShape,
  lifelikeNoise,
  limit,
  ms,
  quietDelivery,
  quietEcho,
} from '../knob-kinds.ts'

export const OPERATIONS = [
  'user_list',
  'user_get',
  'channel_list',
  'template_list',
  'closing_notes',
  'custom_fields',
  'space_tag',
  'contact_get',
  'contact_create',
  'contact_update',
  'contact_delete',
  'contact_merge',
  'contact_list',
  'contact_channels',
  'contact_tag',
  'lifecycle',
  'assignee',
  'conversation_status',
  'comment',
  'message_list',
  'message_get',
  'send',
] as const
export type Operation = (typeof OPERATIONS)[number]

/**
 * Three digits are that HTTP status with respond.io's envelope, `200_error` is the envelope of an error under 200, and the
 * last four are right answers that are written in an odd way.
 */
export const FAULT_KIND =
  /^(timeout_after_commit|timeout_before_commit|reset|502|truncated_json|html|40[34]_html|200_error|repeat_cursor|unknown_status|numbers_as_strings|missing_members|[45]\d\d)$/
export type FaultKind =
  | 'timeout_after_commit'
  | 'timeout_before_commit'
  | 'reset'
  | '502'
  | 'truncated_json'
  | 'html'
  | '403_html'
  | '404_html'
  | '200_error'
  | 'repeat_cursor'
  | 'unknown_status'
  | 'numbers_as_strings'
  | 'missing_members'
  | `${number}`

export interface Fault extends FaultOf<FaultKind, Operation> {
  spaceId?: number
  contactId?: number
}

export const faultSchema = z.object({
  kind: z
    .string()
    .regex(FAULT_KIND)
    .transform((value) => value as FaultKind),
  ...faultShape(OPERATIONS),
  spaceId: z.number().int().optional(),
  contactId: z.number().int().optional(),
})

const filterPower = z.enum(['works', 'ignored', '400'])

const knobShape = {
  ...echoShape,
  ...deliveryShape,
  /** So many errors within 30 minutes, and the webhook is switched off (§7.1). */
  disableAfterErrors: limit,
  /** Flat as observed; with a `data` wrapper and another event name as one repository has it; as its reference shows it, without event and ids (§10.3). */
  webhookForm: z.enum(['flat', 'data', 'bare']),
  webhookSender: z.enum(['top', 'message', 'both']),
  webhookTimestamp: z.enum(['s', 'ms', 'us']),
  /** Non-ASCII characters of webhook bodies as \u escapes: the same JSON in other bytes. */
  escapeUnicode: z.boolean(),
  /** What is signed: the bytes that go out, or the JSON that a parser would write of them (§7.2). */
  signatureOver: z.enum(['bytes', 'restringified']),
  signatureHeader: z.enum(['X-Webhook-Signature', 'X-Respond-Signature']),
  signatureEncoding: z.enum(['base64', 'hex']),
  /** Whether message.sent is told of sends that failed: unknown. */
  tellFailedSends: z.boolean(),
  sendFault: z.array(z.union([faultSchema, faultSchema.shape.kind])),
  timeoutHoldMs: ms,
  /** Every call waits so long before it is looked at. */
  latencyMs: ms,
  /** Calls per second, token, method and route: 5 documented, 20 seen (§2.2). */
  rateLimit: limit,
  rateWindowMs: ms.min(1),
  rateLimitHeaders: z.boolean(),
  /** Seconds; null: a 429 without the header. */
  retryAfterS: z.number().int().min(0).nullable(),
  /** How long a contact that the API created is not there yet: 449. */
  createdAfterMs: ms,
  duplicateCreate: z.union([z.literal(409), z.literal(403)]),
  contactOrder: z.enum(['asc', 'desc']),
  /** Whether contact/list can be asked for what happened last (§9.1), and for open conversations. */
  lastInteractionFilter: filterPower,
  statusFilter: filterPower,
  cursorStyle: z.enum(['url', 'relative', 'number', 'string']),
  cursorEnd: z.enum(['null', 'empty', 'absent']),
  /** A message cursor that is no message's id. */
  unknownCursor: z.enum(['accept', 'reject']),
  messagePageCap: z.number().int().min(1),
  /** Whose messages of a list name their channel: one reference shows what customers write without it. */
  listedChannelId: z.enum(['all', 'outgoing', 'none']),
  /** What `assignee` is when there is none (§4.1). */
  unassigned: z.enum(['object_in_webhooks', 'null', 'object']),
  closedWord: z.enum(['close', 'closed']),
  channelTimes: z.enum(['s', 'ms']),
  /** Whose messages tell the channel's own id of them: everybody's, of contacts with an even id, or nobody's. */
  channelMessageIds: z.enum(['told', 'even_contacts', 'withheld']),
  /** Members of `sender` that hold nothing: there as null, or left out. */
  senderNulls: z.boolean(),
  /** Ids of what customers write: their time in this unit, padded with zeros; TikTok ms, WhatsApp s (§5.1). */
  incomingIdUnit: z.enum(['by_source', 's', 'ms']),
  /** So often what a customer writes surfaces this much later than its id says. */
  lateArrivals: z.number().min(0).max(1),
  lateArrivalMs: ms,
  /** How long a customer's file is not stored yet; null: for ever. */
  attachmentPendingMs: limit,
  /** Whether such a file has its address before it is there: nobody says. */
  pendingAttachmentUrl: z.enum(['told', 'missing']),
  /** From the answer of a send to each of its stamps; a customer reads by hand when readDelayMs is null. */
  sentDelayMs: ms,
  deliveredDelayMs: ms,
  readDelayMs: limit,
  pendingStatus: z.boolean(),
  windowPolicy: z.enum(['strict10', 'guide10_inf_3', 'off']),
  /** How a closed window is told: unknown (§5.4). */
  closedWindow: z.enum(['failed_status', '400']),
  /** Whether attachments of sends are fetched from their addresses, as the provider would. */
  fetchAttachments: z.boolean(),
  unknownVariables: z.enum(['empty', 'keep']),
  cdn: z.enum(CDN_MODES),
}

export const knobsSchema = z.strictObject(knobShape).partial()

type SendFault = { sendFault: (Fault | FaultKind)[] }
export type Knobs = Omit<Required<z.output<typeof knobsSchema>>, 'sendFault'> & SendFault

/** What a test can count on: no noise, and what the reference has best evidence for. */
export const defaultKnobs = (): Knobs => ({
  ...quietEcho,
  ...quietDelivery,
  // Nobody has seen a failed webhook come again (§7.1).
  retryScheduleMs: [],
  disableAfterErrors: 30,
  webhookForm: 'flat',
  webhookSender: 'top',
  webhookTimestamp: 'ms',
  escapeUnicode: false,
  signatureOver: 'bytes',
  signatureHeader: 'X-Webhook-Signature',
  signatureEncoding: 'base64',
  tellFailedSends: true,
  sendFault: [],
  timeoutHoldMs: 30_000,
  latencyMs: 0,
  rateLimit: 5,
  rateWindowMs: 1000,
  rateLimitHeaders: true,
  retryAfterS: 1,
  createdAfterMs: 0,
  duplicateCreate: 409,
  contactOrder: 'asc',
  lastInteractionFilter: '400',
  statusFilter: 'works',
  cursorStyle: 'url',
  cursorEnd: 'null',
  unknownCursor: 'accept',
  messagePageCap: 50,
  listedChannelId: 'all',
  unassigned: 'object_in_webhooks',
  closedWord: 'close',
  channelTimes: 's',
  channelMessageIds: 'told',
  senderNulls: true,
  incomingIdUnit: 'by_source',
  lateArrivals: 0,
  lateArrivalMs: 1500,
  attachmentPendingMs: 0,
  pendingAttachmentUrl: 'told',
  sentDelayMs: 5,
  deliveredDelayMs: 5,
  readDelayMs: Infinity,
  pendingStatus: false,
  windowPolicy: 'strict10',
  closedWindow: 'failed_status',
  fetchAttachments: true,
  unknownVariables: 'empty',
  cdn: 'fine',
})

export const lifelikeKnobs: Partial<Knobs> = { ...lifelikeNoise, lateArrivals: 0.05, rateLimit: 20 }
