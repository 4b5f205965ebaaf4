import type postgres from 'postgres'
import { pollOnce } from '../../server/modules/polling/poll-inbox.ts'
import type { PollLane } from '../../server/modules/polling/polling.jobs.ts'
import type { Channel, Contact, Space } from '../standin/respondio/types.ts'
import type { Actor } from '../support/actor.ts'
import { ConnectChannelDocument } from '../support/generated.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/world.ts'

export interface RespondIoShop {
  accountId: string
  inboxId: string
  space: Space
  channel: Channel
}

/** An inbox of a workspace of its own, or of one that is there. */
export async function connectRespondIo(world: World, admin: Actor, at?: Space): Promise<RespondIoShop> {
  const { respondio } = world.standin
  const space = at ?? respondio.addSpace({ name: 'Acme' })
  const channel = respondio.addChannel({ space })
  const fields = { apiToken: space.tokens.at(-1), channelId: String(channel.id) }
  const input = { accountId: admin.accountId, channelType: 'respondio', fields }
  const { id: inboxId } = (await admin.gql(ConnectChannelDocument, { input })).connectChannel
  return { accountId: admin.accountId, inboxId, space, channel }
}

/** Asks by hand in a world without workers. */
export class Polling {
  readonly #world: World
  readonly #sql: postgres.Sql
  readonly shop: RespondIoShop

  constructor(world: World, sql: postgres.Sql, shop: RespondIoShop) {
    this.#world = world
    this.#sql = sql
    this.shop = shop
  }

  get #respondio() {
    return this.#world.standin.respondio
  }

  writes(contact: Contact | number | { firstName: string }, text = 'Hello', at?: number) {
    const more = at === undefined ? {} : { at }
    return this.#respondio.customerWrites({ channel: this.shop.channel, contact, text, ...more })
  }

  /** One job of a lane. */
  step(lane: PollLane): Promise<number | undefined> {
    const { accountId, inboxId } = this.shop
    const { deps } = this.#world
    return pollOnce(deps, deps.scopes.system(accountId), { inboxId, lane }, () => false)
  }

  /** Everything of some lanes that is due, however long tokens take. */
  async all(...lanes: PollLane[]): Promise<void> {
    for (const lane of lanes.length ? lanes : (['list', 'check', 'read'] as const)) {
      for (let rounds = 0; rounds < 2_000; rounds++) {
        if (!(await this.#isDue(lane))) break
        const wait = await this.step(lane)
        if (wait === undefined) break
        await new Promise((done) => setTimeout(done, Math.min(wait, 300)))
      }
    }
  }

  async #isDue(lane: PollLane): Promise<boolean> {
    const { inboxId } = this.shop
    const now = this.#world.deps.clock.now()
    const rows = {
      list: this.#sql`select 1 from polls where inbox_id = ${inboxId} and list_due_at <= ${now}`,
      check: this.#sql`select 1 from polled_threads where inbox_id = ${inboxId} and check_due_at <= ${now}`,
      read: this.#sql`select 1 from polled_threads where inbox_id = ${inboxId} and read_due_at <= ${now}`,
    }
    return (await rows[lane]).length > 0
  }

  /** Their turn is now. */
  async hurry(lane: 'check' | 'read' | 'list', threadRef?: number): Promise<void> {
    const { inboxId } = this.shop
    const now = this.#world.deps.clock.now()
    const ref = threadRef === undefined ? null : String(threadRef)
    if (lane === 'list') await this.#sql`update polls set list_due_at = ${now} where inbox_id = ${inboxId}`
    else
      await this.#sql`update polled_threads set ${this.#sql(`${lane}_due_at`)} = ${now}
        where inbox_id = ${inboxId} and (${ref}::text is null or thread_ref = ${ref})`
  }

  async row(threadRef: number) {
    const [row] = await this.#sql<Record<string, Date | string | number | boolean | null>[]>`
      select * from polled_threads where inbox_id = ${this.shop.inboxId} and thread_ref = ${String(threadRef)}`
    return row ?? {}
  }

  /** Workers have listed everybody for the first time. */
  async listed(): Promise<void> {
    await until(async () => (await this.poll())['listed_at'] !== null, 'everybody is listed')
  }

  async poll() {
    const [row] = await this.#sql<Record<string, Date | string | number | boolean | null>[]>`
      select * from polls where inbox_id = ${this.shop.inboxId}`
    return row ?? {}
  }

  /** What was taken in, oldest first. */
  messages(threadRef?: number) {
    return this.#sql<{ content: string; history: boolean; type: string; status: string | null; external_id: string }[]>`
      select content, history, type, status, external_id from messages
      where inbox_id = ${this.shop.inboxId} and type <> 'activity'
        and (${threadRef ?? null}::text is null or external_id like ${`${threadRef}:%`})
      order by at, arrival`
  }

  calls(operation?: 'contact_list' | 'contact_channels' | 'message_list'): number {
    const { space } = this.shop
    return this.#respondio.ledger.calls(operation).filter((call) => call.spaceId === space.id).length
  }
}
