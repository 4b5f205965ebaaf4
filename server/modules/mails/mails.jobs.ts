import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

/** Sends one row of the outbox; its time and its attempts stand on the row. */
export const sendMail = defineJob({
  name: 'send-mail',
  queue: 'upkeep',
  payload: z.object({ mailId: z.uuid() }),
  dedupe: ({ mailId }) => mailId,
})
