import type { Channel } from '../../channels/contract.ts'
import type { Deps } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { AppError, invalid } from '../../kit/errors.ts'
import { requirePlatformAdministrator } from '../accounts/accounts.policy.ts'
import { unsafeEnterApp, unsafeListEnteredApps, unsafeRemoveApp } from '../inboxes/app-credentials.ts'
import { unsafeCountInstallation, unsafeCountRejections, unsafeCountSent } from '../intake/health.queries.ts'
import { unsafeFindChannelApp, type ChannelAppRow } from '../intake/registration.queries.ts'
import {
  callbackUrlOf,
  checkChangedApp,
  registerAgain,
  removeRegistration,
  webhookStateOf,
} from '../intake/registration.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Every channel that takes webhooks for the whole app. Platform administrators only. */
export async function listChannelApps(deps: Deps, admin: SignedIn) {
  requirePlatformAdministrator(admin)
  const channels = deps.channels.all().filter(({ manifest }) => manifest.webhookPaths.length)
  return Promise.all(channels.map((channel) => describeNow(deps, channel)))
}

function getChannel(deps: Deps, channelType: string): Channel {
  const channel = deps.channels.find(channelType)
  if (!channel?.manifest.webhookPaths.length) throw invalid('channelType', 'There is no such channel')
  return channel
}

/** Registers a channel's webhook again. Errors: INVALID for an unknown channel, RATE_LIMITED. */
export async function registerWebhook(deps: Deps, admin: SignedIn, input: { channelType: string }) {
  requirePlatformAdministrator(admin)
  const channel = getChannel(deps, input.channelType)
  const row = await registerAgain(deps, channel)
  deps.log.info({ channelType: channel.manifest.id, userId: admin.userId }, 'webhook registration asked for')
  return describe(deps, channel, row)
}

/** Has a channel's provider deliver nowhere. Errors: INVALID for an unknown channel, RATE_LIMITED. */
export async function removeWebhook(deps: Deps, admin: SignedIn, input: { channelType: string }) {
  requirePlatformAdministrator(admin)
  const channel = getChannel(deps, input.channelType)
  const row = await removeRegistration(deps, channel)
  deps.log.info({ channelType: channel.manifest.id, userId: admin.userId }, 'webhook removal asked for')
  return describe(deps, channel, row)
}

const APP_ID = /^[\x21-\x7e]{1,100}$/
const APP_SECRET = /^[\x21-\x7e]{8,200}$/

/**
 * Enters the app that a channel acts as, sealed; the row says who and when. Every process takes it up within seconds, and
 * where the provider delivers to is looked at, and set, at once. Errors: INVALID; CONFLICT with details.reason
 * ENVIRONMENT.
 */
export async function setChannelCredentials(
  deps: Deps,
  admin: SignedIn,
  input: { channelType: string; appId: string; appSecret: string },
) {
  requirePlatformAdministrator(admin)
  const channel = getEnterable(deps, input.channelType)
  const { id: channelType } = channel.manifest
  const [appId, appSecret] = [input.appId.trim(), input.appSecret.trim()]
  if (!APP_ID.test(appId)) throw invalid('appId', 'An app id has 1 to 100 printable characters')
  if (!APP_SECRET.test(appSecret)) throw invalid('appSecret', 'A secret has 8 to 200 printable characters')
  await unsafeEnterApp(deps, { channelType, appId, appSecret, userId: admin.userId, now: deps.clock.now() })
  deps.log.info({ channelType, appId, userId: admin.userId }, 'the app of a channel was entered')
  await deps.appCredentials.refresh()
  await checkChangedApp(deps, channelType)
  return describeNow(deps, channel)
}

/**
 * Takes the entered app away: within seconds nobody connects, renews or is believed as it. What is connected stays, and
 * goes on once the same app is entered again. Errors as `setChannelCredentials`.
 */
export async function removeChannelCredentials(deps: Deps, admin: SignedIn, input: { channelType: string }) {
  requirePlatformAdministrator(admin)
  const channel = getEnterable(deps, input.channelType)
  const { id: channelType } = channel.manifest
  await unsafeRemoveApp(deps.system, channelType)
  deps.log.info({ channelType, userId: admin.userId }, 'the app of a channel was removed')
  await deps.appCredentials.refresh()
  return describeNow(deps, channel)
}

/** One whose app is a matter of this page. */
function getEnterable(deps: Deps, type: string): Channel {
  const channel = getChannel(deps, type)
  if (!channel.oauth) throw invalid('channelType', 'This channel acts as no app')
  if (deps.apps.isFixed(channel.manifest.id))
    throw new AppError('CONFLICT', 'The environment names the app', { reason: 'ENVIRONMENT' })
  return channel
}

const describeNow = async (deps: Deps, channel: Channel) =>
  describe(deps, channel, await unsafeFindChannelApp(deps.system, channel.manifest.id))

async function describe(deps: Deps, channel: Channel, row: ChannelAppRow | undefined) {
  const { id, label, configured, rate } = channel.manifest
  const now = deps.clock.now().getTime()
  return {
    channelType: id,
    label,
    configured,
    credentials: await describeApp(deps, id),
    webhookState: webhookStateOf(deps, channel, row),
    callbackUrl: callbackUrlOf(deps.config, channel),
    registeredUrl: row?.callbackUrl ?? null,
    registeredAt: row?.registeredAt ?? null,
    checkedAt: row?.checkedAt ?? null,
    failureCode: row?.failureCode ?? null,
    rejectedSignatures: await unsafeCountRejections(deps.system, id, new Date(now - DAY_MS)),
    ...(await unsafeCountInstallation(deps.system, id)),
    sentLastHour: await unsafeCountSent(deps.system, id, new Date(now - HOUR_MS)),
    callsPerSecond: Math.round(rate.perSecond + rate.burst),
  }
}

async function describeApp(deps: Deps, channelType: string) {
  const app = deps.apps.current(channelType)
  if (!app) return null
  const { appId } = app
  if (deps.apps.isFixed(channelType)) return { appId, source: 'ENVIRONMENT' as const }
  const entered = (await unsafeListEnteredApps(deps.system)).find((row) => row.channelType === channelType)
  const { updatedByName = null, updatedAt = null } = entered ?? {}
  return { appId, source: 'PLATFORM' as const, updatedByName, updatedAt }
}
