import { z } from 'zod'

export const OPERATIONS = [
  'token',
  'refresh',
  'token_revoke',
  'token_info',
  'business_get',
  'send',
  /** A send of the kind SENDER_ACTION: what happens to sends does not happen to it. */
  'sender_action',
  'conversation_list',
  'content_list',
  'capabilities',
  'media_upload',
  'media_download',
  'webhook_update',
  'webhook_list',
  'webhook_delete',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** `40064_too_fast` apart, five digits are an envelope with that code over HTTP 200. */
export const FAULT_KIND =
  /^(timeout_after_commit|timeout_before_commit|reset|502|truncated_json|html|40064_too_fast|[1-9]\d{4})$/
export type FaultKind =
  | 'timeout_after_commit'
  | 'timeout_before_commit'
  | 'reset'
  | '502'
  | 'truncated_json'
  | 'html'
  | '40064_too_fast'
  | `${number}`

export interface Fault {
  kind: FaultKind
  /** Default: send. */
  operations?: readonly Operation[] | 'any'
  /** How many calls it hits; Infinity is a standing fault. Default 1. */
  count?: number
  businessId?: string
  conversationId?: string
  /** Whether the call takes effect although its answer is spoilt. Default: only for timeout_after_commit and truncated_json. */
  commit?: boolean
  /** Keeps the answer back for so long. */
  delayMs?: number
  /** For timeouts: how long the connection hangs before it is closed. Default: knob timeoutHoldMs. */
  holdMs?: number
}

const limit = z.union([z.number().min(0), z.null()]).transform((value) => value ?? Infinity)
const probability = z.number().min(0).max(1)
const ms = z.number().int().min(0)

export const faultSchema = z.object({
  kind: z
    .string()
    .regex(FAULT_KIND)
    .transform((value) => value as FaultKind),
  operations: z.union([z.array(z.enum(OPERATIONS)), z.literal('any')]).optional(),
  count: limit.optional(),
  businessId: z.string().optional(),
  conversationId: z.string().optional(),
  commit: z.boolean().optional(),
  holdMs: ms.optional(),
  delayMs: ms.optional(),
})

const knobShape = {
  /** When the im_send_msg of an API send comes; `random` is −200…+2000 ms around the answer (§16.7). */
  echo: z.enum(['after', 'before', 'late', 'never', 'random']),
  echoDelayMs: ms,
  lateEchoDelayMs: ms,
  /** Whose id stands as unique_identifier on echoes: unknown in production (§19.8). */
  echoUniqueIdentifier: z.enum(['business', 'person']),
  duplicateWebhooks: probability,
  reorderWebhooks: probability,
  reorderDelayMs: ms,
  dropWebhooks: probability,
  dropNextWebhooks: z.number().int().min(0),
  webhookDelayMs: ms,
  webhookTimeoutMs: ms.min(1),
  /** Production stops delivering when the consent is gone; off delivers for never-authorised businesses too. */
  webhooksNeedGrant: z.boolean(),
  /** Waits before the second, third … attempt; after the last one the webhook is given up (72 h, compressed). */
  retryScheduleMs: z.array(ms),
  resignRetries: z.boolean(),
  signatureStyle: z.object({
    header: z.string().regex(/^tiktok-signature$/i),
    spaceAfterComma: z.boolean(),
    signatureFirst: z.boolean(),
  }),
  sendFault: z.array(z.union([faultSchema, faultSchema.shape.kind])),
  timeoutHoldMs: ms,
  refreshRotates: z.boolean(),
  accessTokenTtlS: z.number().int().min(0),
  refreshTokenTtlS: z.number().int().min(0),
  authCodeTtlS: z.number().int().min(0),
  expiredTokenCode: z.union([z.literal(40105), z.literal(40102)]),
  windowPolicy: z.enum(['strict10', 'guide10_inf_3', 'off']),
  /** Distinct conversations that a business may write to in a UTC day. */
  dailyCap: limit,
  /** Calls per second and app. */
  qps: limit,
  /** How long the app stays locked out after it broke the limit. */
  qpsPenaltyS: z.number().min(0),
  eu: z.enum(['by_region', 'everyone', 'nobody']),
  /** Whether the lists show what people under EU rules write: unknown in production (§6.4). */
  euListed: z.boolean(),
  /** Scopes that the app was not approved for: one of them fails the whole authorisation (§2.1). */
  unauthorizedScopes: z.array(z.string()),
  /** Whether the gateway dialect's webhooks say which business they are for; its reference has them name the sender only. */
  gatewayNamesBusiness: z.boolean(),
  contentListOrder: z.enum(['newest_first', 'oldest_first']),
  /** Holds a customer's message back until somebody reacts to it. */
  reactionsFirst: z.boolean(),
  /** How media are served. */
  cdn: z.enum(['fine', 'down', 'gone', 'truncated', 'silent', 'endless', 'loop', 'to_private']),
}

export const knobsSchema = z.strictObject(knobShape).partial()

type SendFault = { sendFault: (Fault | FaultKind)[] }
export type Knobs = Omit<Required<z.output<typeof knobsSchema>>, 'sendFault'> & SendFault

/**
 * What a test can count on: no noise, although §16.11 has 5 % of all webhooks come twice or out of turn. Who wants
 * production's ordinary day, as the demo does, takes `lifelikeKnobs`.
 */
export const defaultKnobs = (): Knobs => ({
  echo: 'after',
  echoDelayMs: 20,
  lateEchoDelayMs: 12_000,
  echoUniqueIdentifier: 'business',
  duplicateWebhooks: 0,
  reorderWebhooks: 0,
  reorderDelayMs: 200,
  dropWebhooks: 0,
  dropNextWebhooks: 0,
  webhookDelayMs: 5,
  webhookTimeoutMs: 5000,
  webhooksNeedGrant: true,
  retryScheduleMs: [250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000],
  resignRetries: true,
  signatureStyle: { header: 'Tiktok-Signature', spaceAfterComma: false, signatureFirst: false },
  sendFault: [],
  timeoutHoldMs: 30_000,
  refreshRotates: true,
  accessTokenTtlS: 86_400,
  refreshTokenTtlS: 31_536_000,
  authCodeTtlS: 600,
  expiredTokenCode: 40105,
  windowPolicy: 'strict10',
  dailyCap: Infinity,
  qps: 10,
  qpsPenaltyS: 0,
  eu: 'by_region',
  euListed: true,
  unauthorizedScopes: [],
  gatewayNamesBusiness: false,
  contentListOrder: 'newest_first',
  reactionsFirst: false,
  cdn: 'fine',
})

/** What production is like on an ordinary day (§16.7, §16.11): echoes on either side of the answer, 5 % noise. */
export const lifelikeKnobs: Partial<Knobs> = { echo: 'random', duplicateWebhooks: 0.05, reorderWebhooks: 0.05 }

const COMMITTING: ReadonlySet<string> = new Set(['timeout_after_commit', 'truncated_json'])

export const commits = (fault: Fault): boolean => fault.commit ?? COMMITTING.has(fault.kind)

/** Finds the first fault that fits this call and uses one of its shots up. */
export function takeFault(
  knobs: Knobs,
  call: { operation: Operation; businessId?: string | undefined; conversationId?: string | undefined },
): Fault | undefined {
  const list = knobs.sendFault
  for (const [index, entry] of list.entries()) {
    const fault: Fault = typeof entry === 'string' ? { kind: entry } : entry
    const operations = fault.operations ?? ['send']
    if (operations !== 'any' && !operations.includes(call.operation)) continue
    if (fault.businessId !== undefined && fault.businessId !== call.businessId) continue
    if (fault.conversationId !== undefined && fault.conversationId !== call.conversationId) continue
    const left = (fault.count ?? 1) - 1
    if (left > 0) list[index] = { ...fault, count: left }
    else list.splice(index, 1)
    return fault
  }
  return undefined
}
