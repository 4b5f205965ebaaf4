import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

/** Reads on in an inbox's past: one question to the provider, then it comes again. */
export const readHistory = defineJob({
  name: 'read-history',
  queue: 'reads',
  payload: z.object({ accountId: z.uuid(), inboxId: z.uuid() }),
  dedupe: ({ inboxId }) => inboxId,
})
