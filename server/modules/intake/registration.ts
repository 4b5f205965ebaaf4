import { setTimeout as pause } from 'node:timers/promises'
import { ChannelError, type Channel, type ChannelRegistration } from '../../channels/contract.ts'
import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../kit/errors.ts'
import { checkRegistration as checkRegistrationJob } from './intake.jobs.ts'
import { widenGap, widenGapToLastEvent } from './rejections.ts'
import {
  unsafeFindChannelApp,
  unsafeListConnected,
  unsafeMarkRemoved,
  unsafeMarkWanted,
  unsafeNoteRegistration,
  type ChannelAppRow,
  type Finding,
} from './registration.queries.ts'

const HOUR_MS = 3_600_000
const RETRY_MS = 5 * 60_000
const PATIENCE_MS = 3_000

/** How the provider's webhook stands; `BY_HAND`: the channel knows no call for it; `UNKNOWN`: nobody has asked yet. */
export type WebhookState =
  'REGISTERED' | 'OTHER_URL' | 'UNREGISTERED' | 'REMOVED' | 'LOCAL_URL' | 'FAILED' | 'BY_HAND' | 'UNKNOWN'

/** The address that the channel's provider is to deliver to. */
export const callbackUrlOf = (config: Pick<Config, 'publicUrl'>, { manifest }: Channel): string =>
  `${config.publicUrl}${manifest.webhookPaths[0] ?? ''}`

/** Undefined where nothing can be registered: no call for it, no app, or an address that the provider cannot reach. */
function registrationOf({ config }: Pick<Deps, 'config'>, channel: Channel): ChannelRegistration | undefined {
  const { manifest, webhook } = channel
  if (!manifest.configured || !webhook?.registration) return undefined
  return webhook.registration.reaches(callbackUrlOf(config, channel)) ? webhook.registration : undefined
}

export function webhookStateOf(
  deps: Pick<Deps, 'config'>,
  channel: Channel,
  row: ChannelAppRow | undefined,
): WebhookState {
  if (!channel.manifest.configured) return 'UNKNOWN'
  if (!channel.webhook?.registration) return 'BY_HAND'
  if (!registrationOf(deps, channel)) return 'LOCAL_URL'
  if (!row) return 'UNKNOWN'
  if (row.failureCode) return 'FAILED'
  if (row.removedAt) return 'REMOVED'
  if (!row.callbackUrl) return 'UNREGISTERED'
  return isOurs(deps, channel, row.callbackUrl) ? 'REGISTERED' : 'OTHER_URL'
}

const isOurs = ({ config }: Pick<Deps, 'config'>, { manifest }: Channel, url: string | null | undefined): boolean =>
  manifest.webhookPaths.some((path) => url === `${config.publicUrl}${path}`)

const started = new WeakSet<Deps>()

/** Channels whose registration is to be looked at: as the process starts, each hour, and when the address has changed. */
export async function listRegistrationsDue(deps: Deps, now: Date): Promise<string[]> {
  if (deps.config.webhookRegistration === 'off') return []
  const due: string[] = []
  for (const channel of deps.channels.all()) {
    if (!registrationOf(deps, channel)) continue
    const row = await unsafeFindChannelApp(deps.system, channel.manifest.id)
    if (!started.has(deps) || !row || nextCheck(deps, channel, row) <= now.getTime()) due.push(channel.manifest.id)
  }
  started.add(deps)
  return due
}

function nextCheck(deps: Deps, channel: Channel, row: ChannelAppRow): number {
  const state = webhookStateOf(deps, channel, row)
  if (state === 'FAILED') return row.checkedAt.getTime() + RETRY_MS
  const mayWrite = deps.config.webhookRegistration === 'on' && !row.removedAt
  return state !== 'REGISTERED' && mayWrite ? 0 : row.checkedAt.getTime() + HOUR_MS
}

/**
 * Reads where the provider delivers to, sets it when that is not here, and notes the outcome. Under the channel's rate,
 * after the sends (I9); answers in how many ms to come again while there is no token.
 */
export async function checkRegistration(deps: Deps, channelType: string): Promise<number | undefined> {
  const channel = deps.channels.find(channelType)
  const registration = channel && registrationOf(deps, channel)
  if (!registration) return undefined
  const { rate } = channel.manifest
  const taker = { accountId: 'installation', waiter: `registration:${channelType}` }
  const wait = await deps.buckets.takeSpare(rate, taker)
  if (wait > 0) return wait
  const before = await unsafeFindChannelApp(deps.system, channelType)
  const mayWrite = deps.config.webhookRegistration === 'on' && !before?.removedAt
  await lookAfter(deps, channel, registration, { before, write: mayWrite ? 'differing' : 'never' })
  return undefined
}

/** Sets the address again, whatever is there: somebody asked for it. Errors: RATE_LIMITED (retryAfterMs). */
export async function registerAgain(deps: Deps, channel: Channel): Promise<ChannelAppRow | undefined> {
  const registration = await registrationAtOnce(deps, channel)
  const before = await unsafeFindChannelApp(deps.system, channel.manifest.id)
  if (!registration) return before
  await unsafeMarkWanted(deps.system, channel.manifest.id)
  return lookAfter(deps, channel, registration, { before, write: 'always' })
}

/** Has the provider deliver nowhere, and leaves it so until somebody registers it again. Errors: RATE_LIMITED. */
export async function removeRegistration(deps: Deps, channel: Channel): Promise<ChannelAppRow | undefined> {
  const registration = await registrationAtOnce(deps, channel)
  if (!registration) return unsafeFindChannelApp(deps.system, channel.manifest.id)
  const now = deps.clock.now()
  const { id } = channel.manifest
  // First, or the next look would set it again.
  await unsafeMarkRemoved(deps.system, id, now)
  let finding: Finding = { callbackUrl: undefined }
  try {
    await registration.remove()
  } catch (error) {
    finding = { failureCode: await failureOf(deps, channel, error) }
    await unsafeMarkWanted(deps.system, id)
  }
  return unsafeNoteRegistration(deps.system, id, finding, now)
}

/**
 * The app of a channel has changed, and somebody waits for what comes of it: looks as soon as there is a token. While there
 * was none, or a wrong one, deliveries were refused, and the provider may have stopped to repeat them (I1).
 */
export async function checkChangedApp(deps: Deps, channelType: string): Promise<void> {
  await unsafeMarkWanted(deps.system, channelType)
  for (const { accountId, inboxId } of await unsafeListConnected(deps.system, channelType))
    await deps.scopes.system(accountId).tx((tx) => widenGapToLastEvent(tx, inboxId))
  if (deps.config.webhookRegistration === 'off') return
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const wait = await checkRegistration(deps, channelType).catch((error: unknown) => {
      deps.log.warn({ err: error, channelType }, 'a changed app is looked at by the schedule')
      return undefined
    })
    if (wait === undefined) return
    if (Date.now() + wait > until) return deps.producer.hint(checkRegistrationJob, { channelType }, { delayMs: wait })
    await pause(wait)
  }
}

/** Somebody waits for the answer: a token, or RATE_LIMITED. */
async function registrationAtOnce(deps: Deps, channel: Channel): Promise<ChannelRegistration | undefined> {
  const { id, rate } = channel.manifest
  const registration = registrationOf(deps, channel)
  const taker = { accountId: 'installation', waiter: `registration:${id}` }
  const retryAfterMs = registration ? await deps.buckets.takeSoon(rate, taker) : 0
  if (retryAfterMs > 0) throw new AppError('RATE_LIMITED', 'The provider is busy; try again', { retryAfterMs })
  return registration
}

async function lookAfter(
  deps: Deps,
  channel: Channel,
  registration: ChannelRegistration,
  { before, write }: { before: ChannelAppRow | undefined; write: 'differing' | 'always' | 'never' },
): Promise<ChannelAppRow> {
  const wanted = callbackUrlOf(deps.config, channel)
  let finding: Finding = { failureCode: 'PROVIDER_UNAVAILABLE' }
  try {
    const found = await registration.read()
    finding = { callbackUrl: found, failureCode: 'PROVIDER_UNAVAILABLE' }
    if (write === 'always' || (write === 'differing' && found !== wanted)) {
      await registration.write(wanted)
      deps.log.info({ channelType: channel.manifest.id }, 'the webhook is registered')
      finding = { callbackUrl: wanted }
    } else finding = { callbackUrl: found }
    if (!isOurs(deps, channel, found)) await noteDetour(deps, channel, before)
  } catch (error) {
    finding = { ...finding, failureCode: await failureOf(deps, channel, error) }
  }
  return unsafeNoteRegistration(deps.system, channel.manifest.id, finding, deps.clock.now())
}

/**
 * Deliveries went elsewhere since the address was last seen to be ours, or was taken away: nobody sends them again, so
 * what was missed is read from the lists (I1).
 */
async function noteDetour(deps: Deps, channel: Channel, before: ChannelAppRow | undefined): Promise<void> {
  const since = before?.removedAt ?? (isOurs(deps, channel, before?.callbackUrl) ? before?.checkedAt : undefined)
  if (!since) return
  for (const { accountId, inboxId } of await unsafeListConnected(deps.system, channel.manifest.id))
    await deps.scopes.system(accountId).tx((tx) => widenGap(tx, inboxId, since))
}

async function failureOf(deps: Deps, { manifest }: Channel, error: unknown): Promise<string> {
  if (!(error instanceof ChannelError)) throw error
  deps.log.warn({ err: error, channelType: manifest.id }, 'the webhook could not be registered')
  if (error.kind === 'rate_limited') await deps.buckets.pause(manifest.rate, error.retryAfterMs).catch(() => 0)
  return error.code
}
