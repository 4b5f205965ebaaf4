import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

/** What an inbox's provider is asked, each under a limit of its own: who there is, whether they wrote, and what. */
export const POLL_LANES = ['list', 'check', 'read'] as const
export type PollLane = (typeof POLL_LANES)[number]

/** Asks what is due in an inbox, as much as the provider's limit allows now, then it comes again. */
export const pollInbox = defineJob({
  name: 'poll-inbox',
  queue: 'polls',
  payload: z.object({ accountId: z.uuid(), inboxId: z.uuid(), lane: z.enum(POLL_LANES) }),
  dedupe: ({ inboxId, lane }) => `${inboxId}-${lane}`,
})
