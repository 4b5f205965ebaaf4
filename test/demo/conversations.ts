import { randomUUID } from 'node:crypto'
import { eventually } from './api.ts'
import type { Line } from './cast.ts'
import type { Member } from './seed.ts'

interface ConversationAnswer {
  id: string
  inboundCount: number
  lastMessage: { content: string | null } | null
}

/** The conversation with the customer of that name or username, if there is one. */
export async function findConversation(
  { caller, accountId }: Member,
  query: string,
): Promise<ConversationAnswer | undefined> {
  const document = `query ($accountId: ID!, $filter: ConversationFilter) {
    conversations(accountId: $accountId, filter: $filter) { nodes { id inboundCount lastMessage { content } } } }`
  const { nodes } = await caller.call<{ nodes: ConversationAnswer[] }>(document, { accountId, filter: { query } })
  return nodes[0]
}

/** The conversation, once Parley has this many messages of the customer. */
export const arrived = (administrator: Member, query: string, inbound: number) =>
  eventually(`the messages of ${query}`, async () => {
    const conversation = await findConversation(administrator, query)
    return conversation && conversation.inboundCount >= inbound ? conversation : undefined
  })

function agentOf(agents: readonly Member[], index: number): Member {
  const agent = agents[index]
  if (!agent) throw new Error(`there is no agent ${index}`)
  return agent
}

export async function answer(
  agents: readonly Member[],
  conversationId: string,
  line: Extract<Line, { agent: number }>,
): Promise<void> {
  const { caller, accountId } = agentOf(agents, line.agent)
  const input = {
    accountId,
    conversationId,
    clientMessageId: randomUUID(),
    content: line.text,
    private: line.private ?? false,
  }
  await caller.call('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { id } }', { input })
  await caller.call('mutation ($input: MarkConversationReadInput!) { markConversationRead(input: $input) { id } }', {
    input: { accountId, conversationId },
  })
}

export async function assign(
  { administrator, agents }: { administrator: Member; agents: readonly Member[] },
  conversationId: string,
  agent: number,
): Promise<void> {
  const { caller, accountId } = administrator
  const input = { accountId, conversationId, assigneeId: agentOf(agents, agent).userId }
  const document = 'mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { id } }'
  await caller.call(document, { input })
}

export async function resolve({ caller, accountId }: Member, conversationId: string): Promise<void> {
  const input = { accountId, conversationId, status: 'RESOLVED' }
  const document = 'mutation ($input: SetConversationStatusInput!) { setConversationStatus(input: $input) { id } }'
  await caller.call(document, { input })
}
