import {
  ChannelError,
  type Channel,
  type ChannelForm,
  type ConnectionChoice,
  type FormManifest,
} from '../../channels/contract.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { AppError, invalid } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { parseConnectFields, type ConnectFields } from './connect-form.input.ts'
import type { ConnectInput } from './connect-inbox.ts'
import { requireConfigured, requireConnectable } from './connectable.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'
import { getInboxRow, unsafeListConnectedIds, type InboxRow } from './inboxes.queries.ts'
import { connectOrPark, revokeUnused } from './pending-connections.ts'

export interface ConnectFormInput {
  channelType: string
  fields: unknown
  inboxId?: string | null
}

export interface ChannelInspection {
  choices: (ConnectionChoice & { connected: boolean })[]
  notes: string[]
}

/**
 * What can be connected with the fields of a channel's form. Errors: FORBIDDEN, FEATURE_DISABLED, NOT_FOUND, INVALID with
 * details.field, CONFLICT with details.reason INBOX_LIMIT; CHANNEL_REJECTED, CHANNEL_UNAVAILABLE and RATE_LIMITED with
 * details.reason where the provider says no.
 */
export async function inspectChannel(deps: Deps, scope: Scope, input: ConnectFormInput): Promise<ChannelInspection> {
  const { form, fields } = await prepare(deps, scope, input)
  const { choices, notes } = await ask(() => form.inspect(fields.values))
  const refs = choices.map(({ ref }) => ref)
  const connected = await unsafeListConnectedIds(deps.system, input.channelType, refs)
  return { notes: [...notes], choices: choices.map((choice) => ({ ...choice, connected: connected.has(choice.ref) })) }
}

/**
 * Connects what was chosen, as OAuth's way back does. Errors: of `inspectChannel`, of `connectInbox`, and CONFLICT with
 * details.reason OTHER_BUSINESS and details.pendingConnectionId, which `confirmConnection` takes.
 */
export async function connectChannel(deps: Deps, scope: Scope, input: ConnectFormInput): Promise<InboxRow> {
  const { channel, form, formManifest, fields, again } = await prepare(deps, scope, input)
  const { connection, profile } = await ask(async () => {
    const ref = fields.ref ?? (await chooseFor(form, formManifest, fields, again))
    return form.connect(fields.values, ref)
  })
  const connect: ConnectInput = {
    channelType: channel.manifest.id,
    connection,
    profile: { ...profile, name: fields.name ?? profile.name },
    ...(again && { inboxId: again.id }),
  }
  const outcome = await connectOrPark(deps, scope, connect).catch(async (error: unknown) => {
    await revokeUnused(deps, connect.channelType, connection)
    throw error
  })
  if ('inboxId' in outcome) return scope.read((tx) => getInboxRow(tx, outcome.inboxId))
  throw new AppError('CONFLICT', 'This is another business than the inbox belongs to', {
    ...{ reason: 'OTHER_BUSINESS', pendingConnectionId: outcome.pendingId },
  })
}

interface Prepared {
  channel: Channel
  form: ChannelForm
  formManifest: FormManifest
  fields: ConnectFields
  /** The inbox to connect again, or instead of its own channel. */
  again: InboxRow | undefined
}

async function prepare(deps: Deps, scope: Scope, input: ConnectFormInput): Promise<Prepared> {
  requireInboxAdministrator(scope)
  const channel = deps.channels.find(input.channelType)
  const { form } = channel ?? {}
  const formManifest = channel?.manifest.form
  if (!channel || !form || !formManifest) throw invalid('channelType', 'This channel does not connect by a form')
  requireConfigured(channel)
  const inboxId = input.inboxId == null ? undefined : parseId(input.inboxId, 'Inbox')
  const again = await scope.tx((tx) => requireConnectable(tx, channel, inboxId))
  return { channel, form, formManifest, again, fields: parseConnectFields(formManifest, input.fields) }
}

/** What was not chosen is the inbox's own, or the only one that there is. */
async function chooseFor(
  form: ChannelForm,
  { choice }: FormManifest,
  { values }: ConnectFields,
  again: InboxRow | undefined,
): Promise<string> {
  const { choices } = await form.inspect(values)
  const own = choices.find(({ ref }) => ref === again?.externalId)
  const [only, another] = choices
  if (own) return own.ref
  if (!only) throw invalid(choice, 'There is nothing to connect', 'NOTHING_TO_CONNECT')
  if (another) throw invalid(choice, 'Choose what to connect', 'CHOICE_NEEDED')
  return only.ref
}

/** What a provider says of the fields, to whoever entered them. */
async function ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ChannelError ? refusalOf(error) : error
  }
}

function refusalOf(error: ChannelError): AppError {
  const { kind, code: reason, retryAfterMs } = error
  const options = { cause: error }
  if (kind === 'rate_limited') {
    return new AppError('RATE_LIMITED', 'The provider is busy; try again', { reason, retryAfterMs }, options)
  }
  if (kind === 'unavailable' || kind === 'unknown') {
    return new AppError(
      'CHANNEL_UNAVAILABLE',
      'The provider did not answer; try again in a moment',
      { reason },
      options,
    )
  }
  return new AppError('CHANNEL_REJECTED', 'The provider did not accept this', { reason }, options)
}
