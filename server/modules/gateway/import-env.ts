import type { Channel, GatewayEnvironment } from '../../channels/contract.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import type { Complaint, ComplaintCode, Environment } from './environment.ts'
import { importForm, importGrant, type Given, type ImportedBusiness } from './import-businesses.ts'

export interface EnvironmentImport {
  businesses: ImportedBusiness[]
  complaints: Complaint[]
}

/**
 * Makes inboxes of what a message-gateway was connected with: all that the provider offers for its key, or those of
 * `choices` (ids or names). It may be repeated: what works stays as it is. Complaints name what was of no use; where one of
 * them stands in the way there are no businesses.
 */
export async function importEnvironment(
  deps: Deps,
  scope: Scope,
  environment: Environment,
  choices: readonly string[],
): Promise<EnvironmentImport> {
  const left = new Map(environment)
  const take = (name: string): string => {
    const value = left.get(name)?.value ?? ''
    left.delete(name)
    return value
  }
  const fault = (code: ComplaintCode, name: string): EnvironmentImport => ({
    businesses: [],
    complaints: [{ code, name, line: environment.get(name)?.line }],
  })
  const provider = take('PROVIDER')
  const channel = deps.channels.all().find(({ manifest }) => manifest.gateway?.provider === provider)
  const gateway = channel?.manifest.gateway
  if (!channel || !gateway) return fault(provider ? 'UNKNOWN_PROVIDER' : 'MISSING', 'PROVIDER')
  const given = takeGiven(gateway, take)
  if (isInstallationsOwn(deps, left)) left.delete(VERIFY_TOKEN)
  const wrong = faultIn(channel, gateway, given)
  if (wrong) return fault(...wrong)
  const work = gateway.fields ? importForm : importGrant
  const businesses = await work({ deps, scope, channel, gateway, given, choices })
  const unused = [...left].map(([name, { line }]): Complaint => ({ code: 'NOT_USED', name, line }))
  return { businesses, complaints: unused }
}

/** The handshake's word is the installation's, not an inbox's. */
const VERIFY_TOKEN = 'WEBHOOK_VERIFY_TOKEN'
const isInstallationsOwn = ({ config }: Deps, left: Environment) =>
  left.get(VERIFY_TOKEN)?.value === config.tiktok.webhookVerifyToken

/** Every name that the message-gateway knows of, whatever its provider is. */
export function gatewayNames({ channels }: Pick<Deps, 'channels'>): string[] {
  const known = channels.all().flatMap(({ manifest }) => (manifest.gateway ? namesOf(manifest.gateway) : []))
  return ['PROVIDER', VERIFY_TOKEN, ...known]
}

const namesOf = ({ address, fields = {}, app, credentials = {} }: GatewayEnvironment): string[] => [
  ...(address ? [address.name] : []),
  ...Object.keys(fields),
  ...(app ? [app.id, app.secret] : []),
  ...Object.keys(credentials),
]

const takeGiven = (gateway: GatewayEnvironment, take: (name: string) => string): Given =>
  Object.fromEntries(namesOf(gateway).map((name) => [name, take(name)]))

const withoutSlash = (url: string) => url.replace(/\/+$/, '')

/** What stands in the way, so that neither a key nor a token goes to somebody whom it was not made for. */
function faultIn(
  { manifest }: Channel,
  { address, fields = {}, app, credentials = {} }: GatewayEnvironment,
  given: Given,
): [ComplaintCode, string] | undefined {
  const missing = [...Object.keys(fields), ...Object.keys(credentials)].find((name) => !given[name])
  if (missing) return ['MISSING', missing]
  const url = address && given[address.name]
  if (url && withoutSlash(url) !== withoutSlash(address.url)) return ['OTHER_ADDRESS', address.name]
  if (!app) return undefined
  if (manifest.appId) return given[app.id] && given[app.id] !== manifest.appId ? ['OTHER_APP', app.id] : undefined
  const lacking = [app.id, app.secret].find((name) => !given[name])
  return lacking ? ['MISSING', lacking] : undefined
}
