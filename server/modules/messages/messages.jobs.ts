import { z } from 'zod'
import { defineJob } from '../../queue/job.ts'

const thread = z.object({ accountId: z.uuid(), threadId: z.uuid() })

/** Sends what is queued on one thread, in order. The claim in Postgres keeps the order, not this job. */
export const drainThread = defineJob({
  name: 'drain-thread',
  queue: 'delivery',
  payload: thread,
  dedupe: ({ threadId }) => threadId,
})

/** Asks the provider what became of the unconfirmed messages of a thread. */
export const settleThread = defineJob({
  name: 'settle-thread',
  queue: 'reads',
  payload: thread,
  dedupe: ({ threadId }) => threadId,
})

/** Asks the provider for name and picture of a thread's contact. */
export const syncContact = defineJob({
  name: 'sync-contact',
  queue: 'reads',
  payload: thread,
  dedupe: ({ threadId }) => threadId,
})

/** Makes one thread of two that turned out to be the same customer's, after a swap of providers. */
export const mergeMatched = defineJob({
  name: 'merge-matched',
  queue: 'upkeep',
  payload: thread,
  dedupe: ({ threadId }) => threadId,
})

/** Shows the customer that somebody types. One in 3 s: the sign stands for 5 (TikTok wire reference §4.1). */
export const signalTyping = defineJob({
  name: 'signal-typing',
  queue: 'reads',
  payload: thread,
  dedupe: ({ threadId }) => threadId,
  everyMs: 3_000,
})

/** Shows the customer that the thread is read. */
export const signalRead = defineJob({
  name: 'signal-read',
  queue: 'reads',
  payload: thread,
  dedupe: ({ threadId }) => threadId,
})
