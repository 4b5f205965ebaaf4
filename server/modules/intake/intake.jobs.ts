import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

/** Works off what was delivered for one provider thread, in order. */
export const ingestThread = defineJob({
  name: 'ingest-thread',
  queue: 'intake',
  payload: z.object({ channelType: z.string(), accountRef: z.string(), threadKey: z.string() }),
  // One key may have deliveries that name their business, and some that do not yet.
  dedupe: ({ accountRef, threadKey }) => `${accountRef} ${threadKey}`,
})

/** Looks after where a channel's provider delivers to. */
export const checkRegistration = defineJob({
  name: 'check-registration',
  queue: 'reads',
  payload: z.object({ channelType: z.string().min(1) }),
  dedupe: ({ channelType }) => channelType,
})

/** Looks in the provider's lists for messages whose events name neither writer nor thread. */
export const resolveUnnamed = defineJob({
  name: 'resolve-unnamed',
  queue: 'reads',
  payload: z.object({ accountId: z.uuid(), inboxId: z.uuid(), threadKey: z.string() }),
  dedupe: ({ inboxId }) => inboxId,
})
