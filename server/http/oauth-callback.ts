import type { FastifyReply } from 'fastify'
import { ChannelError, type Channel, type ChannelOAuth, type Connection } from '../channels/contract.ts'
import type { Scope } from '../db/scope.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../kit/errors.ts'
import { unsafeFindMember } from '../modules/accounts/accounts.queries.ts'
import { missingRequired } from '../modules/inboxes/missing-scopes.ts'
import { connectOrPark, revokeUnused } from '../modules/inboxes/pending-connections.ts'
import { consumeState, type StateClaims } from '../modules/inboxes/start-connection.ts'
import { unsafeFindSessionOwner } from '../modules/users/session-owner.queries.ts'
import { refreshCookieName } from './auth.ts'

export interface CallbackRequest {
  query: Readonly<Record<string, string>>
  state: { claims: StateClaims; expired: boolean } | undefined
  /** The state as this browser was given it. */
  stateCookie: string | undefined
  cookies: Readonly<Record<string, string | undefined>>
}

/** Why a connection did not come about; the client has a sentence for each, and for each of what is missing. */
class Refused extends Error {
  readonly code: string
  readonly accountId: string | undefined
  readonly missing: readonly string[]
  constructor(code: string, accountId?: string, missing: readonly string[] = []) {
    super(code)
    this.code = code
    this.accountId = accountId
    this.missing = missing
  }

  get location(): string {
    const page = this.accountId ? `/a/${this.accountId}/settings/inboxes?error=` : '/connect-error?code='
    return page + this.code + (this.missing.length ? `&missing=${this.missing.join(',')}` : '')
  }
}

/**
 * Where the provider sends the browser back to. The state is checked before the code is exchanged; whatever is wrong
 * ends on a page of the client that says what to do, never in an error of ours (I16).
 */
export async function finishConnection(
  deps: Deps,
  channel: Channel,
  callback: CallbackRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  try {
    const claims = await checkState(deps, channel, callback)
    const page = await connect(deps, channel, claims, callback)
    return await reply.redirect(`/a/${claims.accountId}/settings/inboxes/${page}`)
  } catch (error) {
    if (!(error instanceof Refused)) deps.log.error({ err: error }, 'a connection failed unexpectedly')
    return reply.redirect((error instanceof Refused ? error : new Refused('INTERNAL')).location)
  }
}

async function checkState(deps: Deps, channel: Channel, callback: CallbackRequest): Promise<StateClaims> {
  const { state, stateCookie, query } = callback
  if (!state || state.claims.channelType !== channel.manifest.id) throw new Refused('STATE_INVALID')
  if (state.expired) throw new Refused('STATE_EXPIRED')
  if (!stateCookie || stateCookie !== query['state']) throw new Refused('OTHER_BROWSER')
  const cookie = callback.cookies[refreshCookieName(deps.config)]
  const owner = await unsafeFindSessionOwner(deps.system, cookie, deps.clock.now())
  if (owner !== state.claims.userId) throw new Refused('OTHER_USER')
  return state.claims
}

/** The page to go on with: the inbox's own, or the one that asks what to do with another business. */
async function connect(deps: Deps, channel: Channel, claims: StateClaims, callback: CallbackRequest): Promise<string> {
  const { accountId } = claims
  const refuse = (code: string) => new Refused(code, accountId)
  const member = await unsafeFindMember(deps.system, accountId, claims.userId)
  if (member?.actor.role !== 'administrator') throw new Refused('FORBIDDEN')
  if (member.accountStatus !== 'active') throw new Refused('ACCOUNT_SUSPENDED')
  const scope = deps.scopes.of(accountId, member.actor)
  if (!(await consumeState(scope, claims.jti))) throw refuse('STATE_USED')
  const { oauth } = channel
  if (!oauth) throw refuse('STATE_INVALID')
  const { query } = callback
  if (query['error']) throw refuse(oauth.redirectError(query))
  if (!query['code']) throw refuse('CODE_REJECTED')
  try {
    const connection = await oauth.exchange(query['code'], `${deps.config.publicUrl}${oauth.callbackPaths[0]}`)
    return await store(deps, channel, oauth, scope, claims, connection)
  } catch (error) {
    throw refusalOf(error, refuse) ?? error
  }
}

/** What was granted and is of no use is taken back: the business need not wonder who may read its messages. */
async function store(
  deps: Deps,
  channel: Channel,
  oauth: ChannelOAuth,
  scope: Scope,
  claims: StateClaims,
  connection: Connection,
): Promise<string> {
  const { channelType, inboxId, accountId } = claims
  try {
    const missing = missingRequired(channel, connection.grantedScopes)
    if (missing.length) throw new Refused('SCOPE_MISSING', accountId, missing)
    const profile = await oauth.profile(connection.credentials, connection.externalId)
    const input = { channelType, connection, profile, ...(inboxId ? { inboxId } : {}) }
    const outcome = await connectOrPark(deps, scope, input)
    return 'inboxId' in outcome ? `${outcome.inboxId}?connected=1` : `pending/${outcome.pendingId}`
  } catch (error) {
    await revokeUnused(deps, channelType, connection)
    throw error
  }
}

function refusalOf(error: unknown, refuse: (code: string) => Refused): Refused | undefined {
  if (error instanceof Refused) return error
  if (error instanceof ChannelError) return refuse(channelRefusal(error))
  if (!(error instanceof AppError)) return undefined
  if (error.code === 'CONFLICT') return refuse(String(error.details?.['reason'] ?? 'INTERNAL'))
  return refuse(error.code === 'FEATURE_DISABLED' || error.code === 'FORBIDDEN' ? error.code : 'INTERNAL')
}

const NOT_ELIGIBLE = ['NOT_ELIGIBLE', 'NOT_PERMITTED']

/** The provider's no to the account, to the code or to our app; anything else is no answer. */
function channelRefusal({ kind, code }: ChannelError): string {
  if (NOT_ELIGIBLE.includes(code)) return 'NOT_ELIGIBLE'
  if (kind === 'misconfigured') return 'APP_MISCONFIGURED'
  if (kind !== 'rejected') return 'CHANNEL_UNAVAILABLE'
  return code === 'NOT_A_BUSINESS' ? code : 'CODE_REJECTED'
}
