import { randomUUID } from 'node:crypto'
import type { Actor } from '../support/actor.ts'
import { AssignConversationDocument, CreateApiTokenDocument, InviteMemberDocument } from '../support/generated.ts'
import { picture, upload } from '../support/pictures.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/world.ts'

/** Another business is connected where this inbox was to be connected again. */
async function park(world: World, admin: Actor, inboxId: string, username: string): Promise<string> {
  const business = world.standin.tiktok.addBusiness({ username, displayName: `The ${username}` })
  return /pending\/([0-9a-f-]{36})$/.exec(await admin.authorize({ business, inboxId }))?.[1] ?? ''
}

/** What a swap would have left to be decided, between the inbox's customer and somebody else. */
async function askWho(world: World, inboxId: string, userId: string) {
  const sql = openSql(world)
  const [swapId, matchId, contactId, candidateId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const candidates = [{ threadId: candidateId, confidence: 0.5, reasons: ['SAME_NAME'] }]
  await sql`
    with inbox as (select * from inboxes where id = ${inboxId}),
    contact as (
      insert into contacts (account_id, id, name, first_seen_at)
      select account_id, ${contactId}, 'Somebody', now() from inbox),
    other as (
      insert into threads (account_id, id, inbox_id, contact_id)
      select account_id, ${candidateId}, id, ${contactId} from inbox),
    swap as (
      insert into inbox_swaps (account_id, id, inbox_id, user_id, from_channel_type, from_external_id, from_connection,
        to_channel_type, to_external_id, state, swapped_at, ends_at)
      select account_id, ${swapId}, id, ${userId}, 'loopback', 'before', '{}', channel_type, external_id, 'over',
        created_at, created_at from inbox)
    insert into swap_matches (account_id, id, swap_id, inbox_id, thread_id, candidates)
    select i.account_id, ${matchId}, ${swapId}, i.id, t.id, ${sql.json(candidates)} from inbox i
    join threads t on t.inbox_id = i.id`
  await sql.end()
  return { matchId, candidateId }
}

/** One inbox of a business with something of every kind in it. */
export interface Place {
  accountId: string
  inboxId: string
  /** One that was connected by a form, with these fields. */
  formInboxId: string
  apiToken: string
  conversationId: string
  /** A reply that was sent. */
  messageId: string
  /** A picture that the administrator has uploaded and not sent. */
  uploadId: string
  /** The agent who sees this inbox and no other. */
  agentId: string
  invitationId: string
  apiTokenId: string
  /** Businesses that were connected in place of this inbox's own, each to be decided about once. */
  pendingId: string
  otherPendingId: string
  /** Of a swap that is over, the question whether two customers are one, and the other one's thread. */
  matchId: string
  candidateId: string
  contact: string
  text: string
}

export interface Tenant {
  admin: Actor
  /** Sees `one` and not `two`. */
  agent: Actor
  one: Place
  two: Place
  /** Texts, names and ids that nobody else may ever be shown. */
  secrets: string[]
}

/** A business with two inboxes, an agent for each, and a conversation with a reply in each. */
export async function buildTenant(world: World, name: string): Promise<Tenant> {
  const admin = await world.business(name)
  const invited = { accountId: admin.accountId, email: `${name}.guest@example.com`, inboxIds: [] }
  const { inviteMember } = await admin.gql(InviteMemberDocument, { input: { ...invited, role: 'AGENT' } })
  const named = { accountId: admin.accountId, name: `${name} dashboard` }
  const { createApiToken } = await admin.gql(CreateApiTokenDocument, { input: named })
  const [one, two] = [await furnish(world, admin, `${name}-one`), await furnish(world, admin, `${name}-two`)]
  const common = { invitationId: inviteMember.id, apiTokenId: createApiToken.apiToken.id }
  const places = [one, two].map(({ place }) => ({ ...place, ...common })) as [Place, Place]
  const secrets = places.flatMap((place) => Object.values(place)).concat(admin.userId, admin.email)
  return { admin, agent: one.agent, one: places[0], two: places[1], secrets }
}

async function furnish(world: World, admin: Actor, name: string) {
  const { tiktok } = world.standin
  const { inboxId, business } = await admin.connect(name)
  const shop = { id: `shop-${name}`, name: `The shop ${name}` }
  const form = { formInboxId: await admin.connectByForm(shop), apiToken: world.loopback.issueToken([shop]) }
  const agent = await admin.invite('AGENT', [inboxId])
  const contact = `Customer of ${name}`
  const person = tiktok.addPerson({ username: `customer.${name}`, displayName: contact })
  const text = `a secret of ${name}`
  const { conversation } = await admin.customerWrites(business, text, person)
  const given = { accountId: admin.accountId, conversationId: conversation.id, assigneeId: agent.userId }
  await admin.gql(AssignConversationDocument, { input: given })
  const { id } = await admin.send(conversation.id, `the answer to ${text}`)
  await until(async () => {
    const shown = await admin.conversation(conversation.id)
    return shown.contact.name === contact && shown.messages.nodes.every((message) => message.status !== 'QUEUED')
  }, 'the reply is sent and the contact known')
  await tiktok.settled()
  const pendingId = await park(world, admin, inboxId, `${name}-pending`)
  const otherPendingId = await park(world, admin, inboxId, `${name}-pending-too`)
  const { attachments } = await upload(admin, conversation.id, [{ bytes: await picture() }])
  const place = { accountId: admin.accountId, inboxId, conversationId: conversation.id, messageId: id }
  const asked = await askWho(world, inboxId, admin.userId)
  const waiting = { ...asked, pendingId, otherPendingId, uploadId: attachments[0]?.id ?? '' }
  return { agent, place: { ...place, ...form, ...waiting, agentId: agent.userId, contact, text } }
}
