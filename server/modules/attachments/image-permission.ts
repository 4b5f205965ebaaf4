import { ChannelError, type ThreadPlaceRef } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { canSeeInbox } from '../inboxes/inboxes.policy.ts'
import { getInboxRow } from '../inboxes/inboxes.queries.ts'
import { findObstacle, type Obstacle } from '../inboxes/obstacle.ts'
import type { Side } from '../inboxes/swap.queries.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'

const KNOWN_S = 3_600

export interface ImagePlace {
  threadId: string
  threadRef: string
  inbox: Side
}

export interface ImagePermission {
  allowed: boolean | null
  reason: 'IMAGES_NOT_SUPPORTED' | 'IMAGES_NOT_ALLOWED' | null
}

const keyOf = (deps: Deps, { threadId, inbox }: ImagePlace) =>
  `${deps.producer.prefix}:images:${inbox.channelType}:${threadId}`

/** What the provider said within the last hour; while Redis is away nothing is known. */
async function recall(deps: Deps, place: ImagePlace): Promise<boolean | undefined> {
  const known = await deps.redis.get(keyOf(deps, place)).catch(() => null)
  return known === null ? undefined : known === 'yes'
}

/**
 * Whether the provider takes pictures on a thread, asked once an hour. `token` lets the question wait: false, and nothing
 * is known. Throws ChannelError.
 */
export async function imagesAllowed(
  deps: Deps,
  scope: Scope,
  place: ImagePlace,
  token: () => Promise<boolean>,
): Promise<boolean | undefined> {
  const known = await recall(deps, place)
  if (known !== undefined) return known
  const { manifest, media } = deps.channels.get(place.inbox.channelType)
  // Of who fetches pictures only the sending of one can ask.
  if (!media) return manifest.images?.by === 'address'
  if (!(await token())) return undefined
  const ref: ThreadPlaceRef = { accountRef: place.inbox.externalId, threadRef: place.threadRef }
  const allowed = await withCredentials(deps, scope, place.inbox, (credentials) => media.allowed(credentials, ref))
  await deps.redis.set(keyOf(deps, place), allowed ? 'yes' : 'no', 'EX', KNOWN_S).catch(() => null)
  return allowed
}

async function findPlace(
  deps: Deps,
  scope: Scope,
  id: string,
): Promise<ImagePlace & { obstacle: Obstacle | 'NOT_AT_PROVIDER' | undefined }> {
  const conversationId = parseId(id, 'Conversation')
  // In a transaction of its own: nothing of the request is held while the provider is asked.
  return scope.tx(async (tx) => {
    const [row] = await tx.sql<{ inbox_id: string; thread_id: string; external_id: string | null }[]>`
      select c.inbox_id, c.thread_id, a.external_id from conversations c
      join inboxes i on i.account_id = c.account_id and i.id = c.inbox_id
      left join thread_aliases a on a.account_id = c.account_id and a.thread_id = c.thread_id
        and a.channel_type = i.channel_type
      where c.account_id = ${tx.accountId} and c.id = ${conversationId} order by a.created_at desc nulls last limit 1`
    if (!row || !canSeeInbox(tx.actor, row.inbox_id)) throw notFound('Conversation')
    const inbox = await getInboxRow(tx, row.inbox_id)
    const obstacle = row.external_id === null ? 'NOT_AT_PROVIDER' : await findObstacle(tx, deps.channels, inbox)
    return { threadId: row.thread_id, threadRef: row.external_id ?? '', inbox, obstacle }
  })
}

/** For the composer: whether to offer pictures in a conversation, and why not. Takes a token only where one is left over. */
export async function readImagePermission(deps: Deps, scope: Scope, conversationId: string): Promise<ImagePermission> {
  const place = await findPlace(deps, scope, conversationId)
  const { manifest, media } = deps.channels.get(place.inbox.channelType)
  const isPossible = media !== undefined || manifest.images?.by === 'address'
  if (!isPossible || !manifest.sends.includes('image')) return { allowed: false, reason: 'IMAGES_NOT_SUPPORTED' }
  const rate = rateOf({ manifest }, place.inbox)
  const taker = { accountId: scope.accountId, waiter: `images-${place.threadId}` }
  const token = async () => (await deps.buckets.takeSpare(rate, taker).catch(() => 1)) === 0
  const system = deps.scopes.system(scope.accountId)
  const allowed = place.obstacle ? undefined : await imagesAllowed(deps, system, place, token).catch(notKnown)
  return { allowed: allowed ?? null, reason: allowed === false ? 'IMAGES_NOT_ALLOWED' : null }
}

function notKnown(error: unknown): undefined {
  if (!(error instanceof ChannelError)) throw error
}
