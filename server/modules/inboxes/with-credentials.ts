import { ChannelError, type Credentials } from '../../channels/contract.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { openCredentials } from './credentials.ts'
import { getInboxRow, type InboxRow } from './inboxes.queries.ts'
import { renewInboxCredentials, requireReauthorization } from './renewal.ts'

/**
 * Asks the provider in an inbox's name. A token that it refuses says nothing of what was asked, so it is renewed and
 * asked with once more; when the renewed one is refused too, or the consent has ended, the inbox has to be connected
 * again (I15). Throws ChannelError: `unavailable` also while another process renews, `misconfigured` when the credentials
 * do not open.
 */
export async function withCredentials<Answer>(
  deps: Deps,
  scope: Scope,
  inbox: InboxRow,
  ask: (credentials: Credentials) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(openOrFail(deps, inbox))
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    if (error.kind !== 'unauthorized') throw await noting(scope, inbox, error)
    const outcome = await renewInboxCredentials(deps, scope, inbox.id, { version: inbox.credentialsVersion })
    if (outcome === 'busy' || outcome === 'later') throw new ChannelError('unavailable', error.code, { cause: error })
    if (outcome === 'ended') throw error
    const renewed = await scope.read((tx) => getInboxRow(tx, inbox.id))
    return ask(openOrFail(deps, renewed)).catch(async (again: unknown) => {
      throw await noting(scope, renewed, again)
    })
  }
}

function openOrFail(deps: Deps, inbox: InboxRow): Credentials {
  try {
    return openCredentials(deps, inbox)
  } catch (cause) {
    if (cause instanceof ChannelError) throw cause
    throw new ChannelError('misconfigured', 'APP_MISCONFIGURED', { cause })
  }
}

/** What says that the connection itself is gone is written down before it is thrown. */
async function noting(scope: Scope, inbox: InboxRow, error: unknown): Promise<unknown> {
  const gone = error instanceof ChannelError && (error.kind === 'reauth' || error.kind === 'unauthorized')
  if (gone) await scope.tx((tx) => requireReauthorization(tx, inbox.id, error.code, inbox.credentialsVersion))
  return error
}
