import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { ingestDeliveries, type ThreadDelivery } from '../../server/modules/intake/intake.service.ts'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import type { Business, Person } from '../standin/tiktok/types.ts'
import type { Actor } from './actor.ts'
import type { World } from './world.ts'

/** What the workers of a world without jobs would do, one thing at a time. */
export class ByHand {
  readonly #world: World
  readonly #sql: postgres.Sql

  constructor(world: World, sql: postgres.Sql) {
    this.#world = world
    this.#sql = sql
  }

  /** Works off everything that was delivered and is due. */
  async ingest(): Promise<void> {
    await this.#world.standin.tiktok.settled()
    const deliveries = await this.#sql<ThreadDelivery[]>`
      select distinct channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"
      from webhook_events where state = 0`
    for (const delivery of deliveries) await ingestDeliveries(this.#world.deps, delivery)
  }

  /** A customer of the business writes; answers the conversation that it makes. */
  async converse(business: Business, at = Date.now()) {
    const { tiktok } = this.#world.standin
    const person = tiktok.addPerson({ username: `p.${randomUUID()}`, displayName: 'Alice' })
    const { messageId, conversationId: threadRef } = tiktok.customerWrites({ business, person, text: 'Hello', at })
    await this.ingest()
    const [row] = await this.#sql<{ id: string; threadId: string }[]>`
      select conversation_id as id, thread_id as "threadId" from messages where external_id = ${messageId}`
    if (!row) throw new Error(`the message ${messageId} did not come in`)
    return { ...row, person, threadRef }
  }

  /** Sends what is queued on a thread, in `scope` or as the workers do; nobody waits for the provider's rate here. */
  drain(actor: Actor, threadId: string, scope = this.#world.deps.scopes.system(actor.accountId)) {
    const { deps } = this.#world
    deps.buckets.take = () => Promise.resolve(0)
    return drainQueuedMessages(deps, scope, threadId, () => false)
  }

  /** What TikTok posts of a message that the business wrote; `fields` are the rest of its content. */
  async businessWrote(of: { business: Business; person: Person; threadRef: string }, fields: Record<string, unknown>) {
    const { business, person, threadRef } = of
    const { tiktok } = this.#world.standin
    const content = {
      ...{ from: business.username, to: person.username, unique_identifier: business.openId },
      from_user: { id: business.openId, role: 'business_account' },
      to_user: { id: person.id, role: 'personal_account' },
      ...{ conversation_id: threadRef, message_id: randomUUID(), timestamp: Date.now(), ...fields },
    }
    const envelope = { client_key: tiktok.appId, event: 'im_send_msg', create_time: Math.floor(Date.now() / 1_000) }
    const body = JSON.stringify({ ...envelope, user_openid: business.openId, content: JSON.stringify(content) })
    const { status } = await tiktok.postRaw(body)
    if (status !== 200) throw new Error(`the delivery was answered ${status}`)
  }
}
