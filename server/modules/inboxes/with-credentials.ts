import { ChannelError, type Credentials } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { openCredentials } from './credentials.ts'
import { noteLeftEnded, renewLeft } from './left-side.ts'
import { renewInboxCredentials, requireReauthorization, type RenewalOutcome } from './renewal.ts'
import { findSide, type Side } from './swap.queries.ts'

/**
 * Asks the provider in an inbox's name. A token that it refuses says nothing of what was asked, so it is renewed and
 * asked with once more; when the renewed one is refused too, or the consent has ended, the inbox has to be connected
 * again (I15). Throws ChannelError: `unavailable` also while another process renews, `misconfigured` when the credentials
 * do not open.
 */
export async function withCredentials<Answer>(
  deps: Deps,
  scope: Scope,
  inbox: Side,
  ask: (credentials: Credentials) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(openOrFail(deps, inbox))
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    if (error.kind !== 'unauthorized') throw await noting(scope, inbox, error)
    const outcome = await renewSide(deps, scope, inbox)
    if (outcome === 'busy' || outcome === 'later') throw new ChannelError('unavailable', error.code, { cause: error })
    if (outcome === 'ended') throw error
    const renewed = await scope.read((tx) => findSide(tx, inbox.id, inbox.channelType))
    if (!renewed) throw error
    return ask(openOrFail(deps, renewed)).catch(async (again: unknown) => {
      throw await noting(scope, renewed, again)
    })
  }
}

/** Of an inbox's own connection, or of the one that it has left. */
export const renewSide = (deps: Deps, scope: Scope, side: Side): Promise<RenewalOutcome> =>
  side.swapId ? renewLeft(deps, scope, side) : renewOwn(deps, scope, side)

/** The inbox may have gone over to another provider since it was read: then this is the side that it has left. */
async function renewOwn(deps: Deps, scope: Scope, side: Side): Promise<RenewalOutcome> {
  const { id, channelType, credentialsVersion: version } = side
  const outcome = await renewInboxCredentials(deps, scope, id, { version, channelType })
  if (outcome !== 'elsewhere') return outcome
  const left = await scope.read((tx) => findSide(tx, id, channelType))
  if (!left) return 'ended'
  return left.swapId ? renewLeft(deps, scope, { ...left, credentialsVersion: version }) : 'busy'
}

/** The consent is gone: only connecting again helps. */
export const endSide = (tx: Tx, side: Side, reason: string): Promise<void> =>
  side.swapId
    ? noteLeftEnded(tx, side.swapId, reason)
    : requireReauthorization(tx, side.id, reason, side.credentialsVersion)

function openOrFail(deps: Deps, inbox: Side): Credentials {
  try {
    return openCredentials(deps, inbox)
  } catch (cause) {
    if (cause instanceof ChannelError) throw cause
    throw new ChannelError('misconfigured', 'APP_MISCONFIGURED', { cause })
  }
}

/** What says that the connection itself is gone is written down before it is thrown. */
async function noting(scope: Scope, inbox: Side, error: unknown): Promise<unknown> {
  const gone = error instanceof ChannelError && (error.kind === 'reauth' || error.kind === 'unauthorized')
  if (gone) await scope.tx((tx) => endSide(tx, inbox, error.code))
  return error
}
