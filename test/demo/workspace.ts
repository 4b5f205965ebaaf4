import type { Channel, Contact, Space } from '../standin/respondio/types.ts'
import type { Standin } from '../standin/standin.ts'
import { eventually } from './api.ts'
import type { DemoWorkspace, WorkspaceScene } from './cast.ts'
import { answer, findConversation, resolve } from './conversations.ts'
import type { Member } from './seed.ts'

export interface WorkspaceStage {
  standin: Standin
  workspace: DemoWorkspace
  administrator: Member
  agents: Member[]
}

interface Place {
  space: Space
  channel: Channel
}

/** The workspace of that name at respond.io with its channel; a stand-in of an earlier demo may not have it. */
function ensureWorkspace({ respondio }: Standin, { name, channel }: DemoWorkspace): Place {
  const { spaces, channels } = respondio.world
  const space = [...spaces.values()].find((one) => one.name === name) ?? respondio.addSpace({ name })
  const known = [...channels.values()].find((one) => one.spaceId === space.id && one.name === channel)
  return { space, channel: known ?? respondio.addChannel({ space, name: channel }) }
}

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000

/** What the customer wrote before the inbox is connected, unless the customer is there already. */
function write({ respondio }: Standin, { space, channel }: Place, { customer, lines }: WorkspaceScene): Contact {
  const { firstName } = customer
  const find = () => respondio.world.contactsOf(space.id).find((contact) => contact.firstName === firstName)
  if (!find()) {
    for (const { text, ago } of lines)
      respondio.customerWrites({ channel, contact: find() ?? customer, text, at: minutesAgo(ago) })
  }
  const contact = find()
  if (!contact) throw new Error(`${firstName} is no contact`)
  return contact
}

/** Connects the channel by the form's mutation, unless it is connected; answers the inbox's id. */
async function connect({ administrator }: WorkspaceStage, { space, channel }: Place): Promise<string> {
  const { caller, accountId } = administrator
  const fields = { apiToken: space.tokens.at(-1), channelId: String(channel.id) }
  const known = await caller.call<{ id: string; externalId: string }[]>(
    'query ($accountId: ID!) { inboxes(accountId: $accountId) { id externalId } }',
    { accountId },
  )
  const own = known.find(({ externalId }) => externalId === fields.channelId)
  if (own) return own.id
  const { id } = await caller.call<{ id: string }>(
    'mutation ($input: ConnectChannelInput!) { connectChannel(input: $input) { id } }',
    { input: { accountId, channelType: 'respondio', fields } },
  )
  return id
}

async function share({ administrator, agents }: WorkspaceStage, inboxId: string): Promise<void> {
  const { caller, accountId } = administrator
  const input = { accountId, inboxId, memberIds: agents.map(({ userId }) => userId) }
  await caller.call('mutation ($input: UpdateInboxInput!) { updateInbox(input: $input) { id } }', { input })
}

/** The business's second inbox: a channel of its workspace, whose conversations are read by polling. */
export async function seedWorkspace(stage: WorkspaceStage): Promise<void> {
  const { standin, workspace } = stage
  const place = ensureWorkspace(standin, workspace)
  const contacts = workspace.scenes.map((scene) => write(standin, place, scene))
  await share(stage, await connect(stage, place))
  for (const [index, scene] of workspace.scenes.entries()) await reply(stage, scene, contacts[index])
}

async function reply(stage: WorkspaceStage, scene: WorkspaceScene, contact: Contact | undefined): Promise<void> {
  const { respondio } = stage.standin
  const hasAnswer = () => contact && respondio.messages(contact).some(({ traffic }) => traffic === 'outgoing')
  if (!scene.answer || hasAnswer()) return
  const last = scene.lines.at(-1)?.text
  const { id } = await eventually(`what ${scene.customer.firstName} wrote`, async () => {
    const conversation = await findConversation(stage.administrator, scene.customer.firstName)
    return conversation?.lastMessage?.content === last ? conversation : undefined
  })
  await answer(stage.agents, id, scene.answer)
  await eventually('the answer is at respond.io', () => Promise.resolve(hasAnswer() || undefined))
  if (scene.resolved) await resolve(stage.administrator, id)
}
