import { z } from 'zod'

/** JSON has no Infinity: null stands for it. */
export const limit = z.union([z.number().min(0), z.null()]).transform((value) => value ?? Infinity)
export const probability = z.number().min(0).max(1)
export const ms = z.number().int().min(0)

/** How webhooks travel, whoever sends them. */
export const deliveryShape = {
  duplicateWebhooks: probability,
  reorderWebhooks: probability,
  reorderDelayMs: ms,
  dropWebhooks: probability,
  dropNextWebhooks: z.number().int().min(0),
  webhookDelayMs: ms,
  webhookTimeoutMs: ms.min(1),
  /** Waits before the second, third … attempt; after the last one the webhook is given up. */
  retryScheduleMs: z.array(ms),
}

/** When the webhook of an API send comes; `random` is −200…+2000 ms around the answer. */
export const echoShape = {
  echo: z.enum(['after', 'before', 'late', 'never', 'random']),
  echoDelayMs: ms,
  lateEchoDelayMs: ms,
}

export const CDN_MODES = ['fine', 'down', 'gone', 'truncated', 'silent', 'endless', 'loop', 'to_private'] as const

/** No noise: what a test can count on. */
export const quietDelivery = {
  duplicateWebhooks: 0,
  reorderWebhooks: 0,
  reorderDelayMs: 200,
  dropWebhooks: 0,
  dropNextWebhooks: 0,
  webhookDelayMs: 5,
  webhookTimeoutMs: 5000,
}
export const quietEcho = { echo: 'after', echoDelayMs: 20, lateEchoDelayMs: 12_000 } as const

/** An ordinary day (TikTok wire reference §16.7, §16.11): echoes on either side of the answer, 5 % noise. */
export const lifelikeNoise = { echo: 'random', duplicateWebhooks: 0.05, reorderWebhooks: 0.05 } as const
