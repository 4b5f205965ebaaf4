import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ChannelError, type Channel, type GatewayEnvironment } from '../../channels/contract.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { deriveKey } from '../../kit/crypto.ts'
import { AppError } from '../../kit/errors.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { requireFeature } from '../accounts/feature-flags.ts'
import { adoptConnection, findWorking, type Adoption } from '../inboxes/adopt-connection.ts'
import { unsafeEnterApp } from '../inboxes/app-credentials.ts'
import { requireConnectable } from '../inboxes/connectable.ts'
import { missingRequired } from '../inboxes/missing-scopes.ts'

/** What the gateway's environment says, by its names; an empty text for what it does not. */
export type Given = Readonly<Record<string, string>>

/** One business: the inbox that it is now, or the code of why it is none. */
export interface ImportedBusiness {
  name: string
  adoption?: Adoption
  code?: string
}

export interface Work {
  deps: Deps
  scope: Scope
  channel: Channel
  gateway: GatewayEnvironment
  given: Given
  choices: readonly string[]
}

const translated = (names: Readonly<Record<string, string>>, given: Given) =>
  Object.fromEntries(Object.entries(names).map(([name, own]) => [own, given[name] ?? '']))

/** Each that the provider offers for the key; one that fails stops none of the others. */
export async function importForm({ deps, scope, channel, gateway, given, choices }: Work): Promise<ImportedBusiness[]> {
  const { form, manifest } = channel
  if (!form) throw new Error(`${manifest.id} has no form`)
  await requireFeature(scope, manifest.featureFlag)
  const values = translated(gateway.fields ?? {}, given)
  const offered = await attempt(manifest.label, async () => (await form.inspect(values)).choices)
  if ('code' in offered) return [offered]
  const isWanted = ({ ref, name }: { ref: string; name: string }) =>
    !choices.length || choices.includes(ref) || choices.includes(name)
  const unknown = choices.filter((choice) => !offered.some(({ ref, name }) => ref === choice || name === choice))
  const businesses: ImportedBusiness[] = unknown.map((name) => ({ name, code: 'NOT_OFFERED' }))
  for (const { ref, name } of offered.filter(isWanted)) {
    const adopted = await attempt(name, async () => {
      const { connection, profile } = await form.connect(values, ref)
      return adoptConnection(deps, scope, { channelType: manifest.id, connection, profile })
    })
    businesses.push('inboxId' in adopted ? { name, adoption: adopted } : adopted)
  }
  return businesses
}

/**
 * The tokens are renewed, which ends those of the gateway: from then on they are the inbox's alone. The audit log
 * remembers of which token an inbox was made, as a keyed hash, since asking with a token that was used is refused.
 */
export async function importGrant({
  deps,
  scope,
  channel,
  gateway,
  given,
  choices,
}: Work): Promise<ImportedBusiness[]> {
  const { manifest, oauth } = channel
  const { id: channelType, label: name } = manifest
  if (choices.length) return choices.map((choice) => ({ name: choice, code: 'NOT_OFFERED' }))
  const credentials = translated(gateway.credentials ?? {}, given)
  const origin = createHmac('sha256', deriveKey(deps.config.jwtSecret, 'import:env'))
    .update(JSON.stringify(credentials))
    .digest('base64url')
  const known = await findImported(scope, channelType, origin)
  if (known) return [{ name, adoption: known }]
  await scope.tx((tx) => requireConnectable(tx, channel))
  const adopted = await attempt(name, async () => {
    if (!manifest.appId && gateway.app) await enterApp(deps, channelType, gateway.app, given)
    const connection = await channel.renew?.(credentials)
    if (!connection || !oauth) throw new Error(`${channelType} renews nothing`)
    const missing = missingRequired(channel, connection.grantedScopes)
    if (missing.length) throw new AppError('CHANNEL_REJECTED', 'A scope is missing', { reason: 'SCOPE_MISSING' })
    const profile = await oauth.profile(connection.credentials, connection.externalId)
    const note = { channelType, externalId: connection.externalId, origin }
    return adoptConnection(deps, scope, { channelType, connection, profile }, (tx) =>
      recordAudit(tx, 'inbox.imported', note),
    )
  })
  return ['inboxId' in adopted ? { name, adoption: adopted } : adopted]
}

async function findImported(scope: Scope, channelType: string, origin: string): Promise<Adoption | undefined> {
  const [row] = await scope.read(
    ({ sql, accountId }) => sql<{ externalId: string }[]>`
      select data->>'externalId' as "externalId" from audit_log
      where account_id = ${accountId} and action = 'inbox.imported' and data->>'origin' = ${origin}
        and data->>'channelType' = ${channelType}
      limit 1`,
  )
  return row && findWorking(scope, channelType, row.externalId)
}

/** Whoever entered an app by the command is no user. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** The installation acts as no app yet: the gateway's becomes its own, as if somebody had entered it. */
async function enterApp(deps: Deps, channelType: string, app: { id: string; secret: string }, given: Given) {
  const entry = { channelType, appId: given[app.id] ?? '', appSecret: given[app.secret] ?? '' }
  await unsafeEnterApp(deps, { ...entry, userId: NOBODY, now: deps.clock.now() })
  await deps.appCredentials.refresh()
}

const ATTEMPTS = 4
const LONGEST_WAIT_MS = 10_000

/** What came of one business; a provider that is asked too much is asked again. */
async function attempt<Result>(
  name: string,
  work: () => Promise<Result>,
  attempts = ATTEMPTS,
): Promise<Result | { name: string; code: string }> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) return { name, code: String(error.details?.['reason'] ?? error.code) }
    if (!(error instanceof ChannelError)) throw error
    if (error.kind !== 'rate_limited' || attempts === 1) return { name, code: error.code }
    await pause(Math.min(error.retryAfterMs ?? 1_000, LONGEST_WAIT_MS))
    return attempt(name, work, attempts - 1)
  }
}
