import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { inboxes, inboxSwaps, pendingConnections } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { unsafeListOutdatedApps, unsafeResealApps } from './app-credentials.ts'
import {
  openConnection,
  openWebhookKeys,
  sealConnection,
  sealCredentials,
  sealSwapCredentials,
  sealSwapWebhookKeys,
  sealWebhookKeys,
  unsealCredentials,
} from './credentials.ts'
import { getInboxRow } from './inboxes.queries.ts'
import { leftSide } from './swap.queries.ts'

/**
 * Seals every inbox's credentials and webhook keys, those that a swap has left, what waits to become one, and the secrets of the channels' apps anew under the first
 * key (I14). A row that changes meanwhile is left to its writer, who uses the first key as well. Answers how many were
 * sealed anew, and how many still stand under an older key: at 0 that key may leave ENCRYPTION_KEYS.
 */
export async function rotateKeys(deps: Deps): Promise<{ rotated: number; left: number }> {
  const accounts = await deps.system.sql<{ id: string }[]>`select id from accounts order by id`
  let rotated = await unsafeResealApps(deps)
  let left = (await unsafeListOutdatedApps(deps)).length
  for (const { id } of accounts) {
    rotated += (await rotateInboxes(deps, id)) + (await rotatePending(deps, id)) + (await rotateSwaps(deps, id))
    left += (await listOutdatedInboxes(deps, id)).length + (await listOutdatedPending(deps, id)).length
    left += (await listOutdatedSwaps(deps, id)).length
  }
  return { rotated, left }
}

async function listOutdatedInboxes(deps: Deps, accountId: string) {
  const rows = await deps.scopes.system(accountId).read((tx) =>
    tx.orm
      .select()
      .from(inboxes)
      .where(and(eq(inboxes.accountId, accountId), isNotNull(inboxes.credentials))),
  )
  const isOutdated = (sealed: string | null) => sealed !== null && !deps.vault.isCurrent(sealed)
  return rows.filter(({ credentials, webhookKeys }) => isOutdated(credentials) || isOutdated(webhookKeys))
}

async function rotateInboxes(deps: Deps, accountId: string): Promise<number> {
  let rotated = 0
  for (const inbox of await listOutdatedInboxes(deps, accountId)) {
    const credentials = sealCredentials(deps, accountId, inbox.id, unsealCredentials(deps, inbox))
    const webhookKeys = inbox.webhookKeys && sealWebhookKeys(deps, accountId, inbox.id, openWebhookKeys(deps, inbox))
    const unchanged = and(
      eq(inboxes.accountId, accountId),
      eq(inboxes.id, inbox.id),
      eq(inboxes.credentials, inbox.credentials ?? ''),
      sql`${inboxes.webhookKeys} is not distinct from ${inbox.webhookKeys}`,
    )
    const rows = await deps.scopes
      .system(accountId)
      .tx((tx) =>
        tx.orm.update(inboxes).set({ credentials, webhookKeys }).where(unchanged).returning({ id: inboxes.id }),
      )
    rotated += rows.length
  }
  return rotated
}

async function listOutdatedPending(deps: Deps, accountId: string) {
  const rows = await deps.scopes
    .system(accountId)
    .read((tx) => tx.orm.select().from(pendingConnections).where(eq(pendingConnections.accountId, accountId)))
  return rows.filter(({ connection }) => !deps.vault.isCurrent(connection))
}

async function rotatePending(deps: Deps, accountId: string): Promise<number> {
  let rotated = 0
  for (const { id, connection: sealed } of await listOutdatedPending(deps, accountId)) {
    const connection = sealConnection(deps, accountId, id, openConnection(deps, accountId, id, sealed))
    const unchanged = and(eq(pendingConnections.accountId, accountId), eq(pendingConnections.id, id))
    const rows = await deps.scopes
      .system(accountId)
      .tx((tx) => tx.orm.update(pendingConnections).set({ connection }).where(unchanged).returning())
    rotated += rows.length
  }
  return rotated
}

async function listOutdatedSwaps(deps: Deps, accountId: string) {
  const rows = await deps.scopes.system(accountId).read((tx) =>
    tx.orm
      .select()
      .from(inboxSwaps)
      .where(and(eq(inboxSwaps.accountId, accountId), isNotNull(inboxSwaps.fromCredentials))),
  )
  const isOutdated = (sealed: string | null) => sealed !== null && !deps.vault.isCurrent(sealed)
  return rows.filter(
    ({ fromCredentials, fromWebhookKeys }) => isOutdated(fromCredentials) || isOutdated(fromWebhookKeys),
  )
}

async function rotateSwaps(deps: Deps, accountId: string): Promise<number> {
  let rotated = 0
  for (const swap of await listOutdatedSwaps(deps, accountId)) {
    const rows = await deps.scopes.system(accountId).tx(async (tx) => {
      const side = leftSide(await getInboxRow(tx, swap.inboxId), swap)
      const keys = openWebhookKeys(deps, side)
      const unchanged = and(
        eq(inboxSwaps.accountId, accountId),
        eq(inboxSwaps.id, swap.id),
        eq(inboxSwaps.fromCredentials, swap.fromCredentials ?? ''),
      )
      const set = {
        fromCredentials: sealSwapCredentials(deps, accountId, swap.id, unsealCredentials(deps, side)),
        fromWebhookKeys: keys.length ? sealSwapWebhookKeys(deps, accountId, swap.id, keys) : null,
      }
      return tx.orm.update(inboxSwaps).set(set).where(unchanged).returning({ id: inboxSwaps.id })
    })
    rotated += rows.length
  }
  return rotated
}
