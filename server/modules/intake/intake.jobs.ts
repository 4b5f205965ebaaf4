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

const listedReferral = z.object({
  source: z.enum(['ad', 'short_link', 'other']),
  facts: z.record(z.string(), z.string()),
})

/** What a search through the provider's lists has learned so far: ids, times and the business's own link or ad, no messages (I14). */
const unnamedSearch = z.object({
  /** The events that it is for: of later ones its list says nothing. */
  eventIds: z.array(z.number()),
  startedAt: z.number(),
  /** Of the list: how many are read, and which is next; none, once it ends. */
  pages: z.number(),
  nextPage: z.string().optional(),
  /** `near`: the messages that an event may speak of, once the thread is read. */
  threads: z.array(
    z.object({
      threadRef: z.string(),
      threadKey: z.string(),
      updatedAt: z.number(),
      referrals: z.array(z.object({ referral: listedReferral, at: z.number().optional() })),
      near: z.array(z.object({ externalId: z.string(), at: z.number() })).optional(),
    }),
  ),
})
export type UnnamedSearch = z.infer<typeof unnamedSearch>

const resolveUnnamedPayload = z.object({
  accountId: z.uuid(),
  inboxId: z.uuid(),
  /** The provider that told of them; none: the inbox's own. */
  channelType: z.string().optional(),
  threadKey: z.string(),
  /** One that waited for a token and goes on. */
  search: unnamedSearch.optional(),
})
export type ResolveUnnamed = z.infer<typeof resolveUnnamedPayload>

/** Looks in the provider's lists for messages whose events name neither writer nor thread. */
export const resolveUnnamed = defineJob({
  name: 'resolve-unnamed',
  queue: 'reads',
  payload: resolveUnnamedPayload,
  dedupe: ({ inboxId, channelType = '' }) => `${inboxId} ${channelType}`,
})
