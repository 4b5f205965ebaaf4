import { z } from 'zod'
import type { FaultOf } from '../faults.ts'
import { faultShape, takeFault as take } from '../faults.ts'
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

export interface Fault extends FaultOf<FaultKind, Operation> {
  businessId?: string
  conversationId?: string
}

export const faultSchema = z.object({
  kind: z
    .string()
    .regex(FAULT_KIND)
    .transform((value) => value as FaultKind),
  ...faultShape(OPERATIONS),
  businessId: z.string().optional(),
  conversationId: z.string().optional(),
})

const knobShape = {
  /** When the im_send_msg of an API send comes is known from §16.7. */
  ...echoShape,
  ...deliveryShape,
  /** Whose id stands as unique_identifier on echoes: unknown in production (§19.8). */
  echoUniqueIdentifier: z.enum(['business', 'person']),
  /** Production stops delivering when the consent is gone; off delivers for never-authorised businesses too. */
  webhooksNeedGrant: z.boolean(),
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
  cdn: z.enum(CDN_MODES),
}

export const knobsSchema = z.strictObject(knobShape).partial()

type SendFault = { sendFault: (Fault | FaultKind)[] }
export type Knobs = Omit<Required<z.output<typeof knobsSchema>>, 'sendFault'> & SendFault

/**
 * What a test can count on: no noise, although §16.11 has 5 % of all webhooks come twice or out of turn. Who wants
 * production's ordinary day, as the demo does, takes `lifelikeKnobs`.
 */
export const defaultKnobs = (): Knobs => ({
  ...quietEcho,
  ...quietDelivery,
  echoUniqueIdentifier: 'business',
  webhooksNeedGrant: true,
  /** 72 h, compressed. */
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

/** What production is like on an ordinary day. */
export const lifelikeKnobs: Partial<Knobs> = lifelikeNoise

const COMMITTING: ReadonlySet<string> = new Set(['timeout_after_commit', 'truncated_json'])

export const commits = (fault: Fault): boolean => fault.commit ?? COMMITTING.has(fault.kind)

/** Finds the first fault that fits this call and uses one of its shots up. */
export const takeFault = (
  knobs: Knobs,
  call: { operation: Operation; businessId?: string | undefined; conversationId?: string | undefined },
): Fault | undefined =>
  take<Fault>(
    knobs.sendFault,
    call.operation,
    ({ businessId, conversationId }) =>
      (businessId === undefined || businessId === call.businessId) &&
      (conversationId === undefined || conversationId === call.conversationId),
  )
