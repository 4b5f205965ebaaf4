import { randomUUID } from 'node:crypto'
import type { Person } from '../standin/tiktok/types.ts'
import type { Actor, Connected } from '../support/actor.ts'
import { ConnectChannelDocument } from '../support/generated.ts'
import type { Cluster } from './cluster.ts'
import type { Thread } from './history.ts'

/** By which provider a history's business is connected. What was written stands on TikTok's side either way. */
export interface Side {
  connect(admin: Actor): Promise<Connected>
  /** What a thread is called in the database; '' while the provider does not know it. */
  aliasOf(thread: Pick<Thread, 'person' | 'ref'>): string
  /** Whether the list of a thread's messages was asked for after that time. */
  wasAsked(thread: Thread, since: number): boolean
  /** Nothing is on its way any more on the provider's side. */
  settled(): Promise<void>
  /** The provider is asked for what there is: whatever was written has to be here, delivered or not. */
  readonly isPolled: boolean
}

export const byTikTok = ({ standin: { tiktok } }: Cluster): Side => ({
  connect: (admin) => admin.connect(),
  aliasOf: ({ ref }) => ref,
  wasAsked: ({ ref }, since) =>
    tiktok.ledger.calls('content_list').some((call) => call.conversationId === ref && call.at > since),
  settled: () => tiktok.settled(),
  isPolled: false,
})

/** A channel of respond.io that is tied to a business of TikTok's, without webhooks: everything is polled. */
export function byRespondIo({ standin: { tiktok, respondio } }: Cluster): Side {
  const space = respondio.addSpace({ name: 'Faults' })
  const contactOf = (person: Person) =>
    respondio.world.contactsOf(space.id).find(({ presences }) => presences.some((one) => one.personId === person.id))
  return {
    connect: async (admin) => {
      const username = `shop.${randomUUID().slice(0, 8)}`
      const business = tiktok.addBusiness({ username, displayName: `The ${username}` })
      const channel = respondio.addChannel({ space, business: business.openId })
      const fields = { apiToken: space.tokens[0], channelId: String(channel.id) }
      const input = { accountId: admin.accountId, channelType: 'respondio', fields }
      const { id } = (await admin.gql(ConnectChannelDocument, { input })).connectChannel
      return { inboxId: id, business }
    },
    aliasOf: ({ person }) => String(contactOf(person)?.id ?? ''),
    wasAsked: ({ person }, since) => {
      const id = contactOf(person)?.id
      return respondio.ledger.calls('message_list').some((call) => call.contactId === id && call.at > since)
    },
    settled: async () => {
      await tiktok.settled()
      await respondio.settled()
    },
    isPolled: true,
  }
}
