import type { Prng } from '../standin/prng.ts'
import type { Fault as RespondIoFault, Knobs as RespondIoKnobs } from '../standin/respondio/knobs.ts'
import type { Fault, Knobs } from '../standin/tiktok/knobs.ts'
import type { History } from './history.ts'

/** What goes wrong on a provider's side. */
export interface Weather {
  disturb(history: History, prng: Prng): void
  clear(history: History): void
}

/** Between any two servers. */
const ON_THE_WAY = [
  { kind: 'timeout_after_commit', holdMs: 200 },
  { kind: 'timeout_before_commit', holdMs: 200 },
  { kind: 'reset' },
  { kind: '502', commit: true },
  { kind: '502' },
  { kind: 'truncated_json' },
  { kind: 'html', commit: true },
] as const

const FAULTS: Fault[] = [
  ...ON_THE_WAY,
  { kind: '40100' },
  { kind: '40105' },
  { kind: '50000' },
  { kind: '40100', operations: ['content_list', 'conversation_list'] },
  { kind: 'truncated_json', operations: ['content_list', 'conversation_list'] },
  { kind: '502', operations: ['refresh', 'token'] },
]

const READS: RespondIoFault['operations'] = ['message_list', 'contact_channels', 'contact_list']

/** Only what passes by itself: a refused token asks for a new one. */
const RESPONDIO_FAULTS: RespondIoFault[] = [
  ...ON_THE_WAY,
  { kind: '449' },
  { kind: '429' },
  { kind: '500', operations: READS },
  { kind: '200_error', operations: READS },
  { kind: 'repeat_cursor', operations: READS },
  { kind: 'unknown_status', operations: READS },
  { kind: 'numbers_as_strings', operations: READS },
  { kind: 'missing_members', operations: READS },
]

export function pick<Item>(prng: Prng, items: readonly Item[]): Item {
  const item = items[prng.int(0, items.length - 1)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const anyKnobs = (prng: Prng): Partial<Knobs> => ({
  echo: pick(prng, ['after', 'before', 'late', 'never', 'random']),
  lateEchoDelayMs: 1_000,
  echoUniqueIdentifier: pick(prng, ['business', 'person']),
  duplicateWebhooks: prng.int(0, 3) / 10,
  reorderWebhooks: prng.int(0, 3) / 10,
  webhookDelayMs: pick(prng, [5, 50, 500]),
  signatureStyle: {
    ...{ header: pick(prng, ['Tiktok-Signature', 'TIKTOK-SIGNATURE']), spaceAfterComma: prng.chance(0.5) },
    signatureFirst: prng.chance(0.5),
  },
  expiredTokenCode: pick(prng, [40105, 40102]),
  contentListOrder: pick(prng, ['newest_first', 'oldest_first']),
  gatewayNamesBusiness: prng.chance(0.5),
})

const anyRespondIoKnobs = (prng: Prng): Partial<RespondIoKnobs> => ({
  cursorStyle: pick(prng, ['url', 'relative', 'number', 'string']),
  cursorEnd: pick(prng, ['null', 'empty', 'absent']),
  contactOrder: pick(prng, ['asc', 'desc']),
  channelTimes: pick(prng, ['s', 'ms']),
  lateArrivals: prng.int(0, 3) / 10,
  senderNulls: prng.chance(0.5),
  pendingStatus: prng.chance(0.5),
  retryAfterS: pick(prng, [1, null]),
})

export const onTikTok: Weather = {
  disturb({ business, cluster: { standin } }, prng) {
    standin.tiktok.setKnobs(anyKnobs(prng))
    for (let fault = prng.int(1, 4); fault > 0; fault--) standin.tiktok.fault({ ...pick(prng, FAULTS) })
    if (prng.chance(0.2)) standin.tiktok.expireAccessTokens(business)
  },
  clear: ({ cluster }) => cluster.standin.tiktok.clearFaults(),
}

export const onRespondIo: Weather = {
  disturb({ cluster: { standin } }, prng) {
    standin.respondio.setKnobs(anyRespondIoKnobs(prng))
    for (let fault = prng.int(1, 4); fault > 0; fault--) standin.respondio.fault({ ...pick(prng, RESPONDIO_FAULTS) })
  },
  clear: ({ cluster }) => cluster.standin.respondio.clearFaults(),
}
