import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

/** Renews the credentials of one inbox ahead of their end (I15). */
export const renewCredentials = defineJob({
  name: 'renew-credentials',
  queue: 'upkeep',
  payload: z.object({ accountId: z.uuid(), inboxId: z.uuid() }),
  dedupe: ({ inboxId }) => inboxId,
})
