import type { WindowPolicy } from './contract.ts'

/**
 * How long and how often TikTok lets a business answer, whoever carries the messages (TikTok wire reference §7: the page
 * on sending, and the guide).
 */
export const TIKTOK_WINDOWS = {
  strict10: { hours: 48, messages: 10, laterMessages: 10, afterwards: 0 },
  guide10_inf_3: { hours: 48, messages: 10, laterMessages: null, afterwards: 3 },
} as const satisfies Record<string, WindowPolicy>

export type TikTokWindow = keyof typeof TIKTOK_WINDOWS
