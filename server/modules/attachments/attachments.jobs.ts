import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

/** Brings a picture or film that a customer has sent from the provider into our files. */
export const fetchMedia = defineJob({
  name: 'fetch-media',
  queue: 'media',
  payload: z.object({ accountId: z.uuid(), attachmentId: z.uuid() }),
  dedupe: ({ attachmentId }) => attachmentId,
})
