import type postgres from 'postgres'
import { handleReadHistory } from '../../jobs/handlers/read-history.ts'
import { ingestDeliveries } from '../../server/modules/intake/intake.service.ts'
import type { Business } from '../standin/tiktok/types.ts'
import { ImportHistoryDocument, InboxHistoryDocument } from '../support/generated.ts'
import type { Actor } from '../support/actor.ts'
import { runSchedule } from '../support/schedule.ts'
import type { World } from '../support/world.ts'

export const HOUR_MS = 3_600_000

export interface Place {
  accountId: string
  inboxId: string
}

/** Reads the past of inboxes by hand, in a world without workers. */
export class Past {
  readonly world: World
  readonly sql: postgres.Sql
  readonly admin: Actor
  #names = 0

  constructor(world: World, sql: postgres.Sql, admin: Actor) {
    this.world = world
    this.sql = sql
    this.admin = admin
  }

  get #tiktok() {
    return this.world.standin.tiktok
  }

  newPerson() {
    const number = ++this.#names
    return this.#tiktok.addPerson({ username: `customer.${number}`, displayName: `Customer ${number}` })
  }

  newBusiness(): Business {
    const name = `shop.${++this.#names}`
    return this.#tiktok.addBusiness({ username: name, displayName: name })
  }

  /** A customer writes, and no delivery tells of it. */
  writesUnheard(business: Business, text: string, ageMs = 0, person = this.newPerson()) {
    this.#tiktok.setKnobs({ dropNextWebhooks: 1 })
    const written = this.#tiktok.customerWrites({ business, person, text, at: Date.now() - ageMs })
    this.#tiktok.setKnobs({ dropNextWebhooks: 0 })
    return { person, ...written }
  }

  async connect(business: Business): Promise<Place> {
    const location = await this.admin.authorize({ business })
    return { accountId: this.admin.accountId, inboxId: /inboxes\/([0-9a-f-]{36})/.exec(location)?.[1] ?? '' }
  }

  /** Works off what was delivered, as the worker would. */
  async workOff() {
    await this.#tiktok.settled()
    const waiting = await this.sql<{ channelType: string; accountRef: string; threadKey: string }[]>`
      select distinct channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"
      from webhook_events where state = 0`
    for (const delivery of waiting) await ingestDeliveries(this.world.deps, delivery)
  }

  /** Reads on until there is nothing left or so many steps are made, as the worker would. */
  async readAll(place: Place, steps = Infinity): Promise<void> {
    for (let made = 0; made < steps;) {
      const wait = await handleReadHistory(this.world.deps, place)
      if (wait === undefined) return
      if (wait === 1) made++
      else await new Promise((done) => setTimeout(done, wait))
    }
  }

  async historyOf({ accountId, inboxId: id }: Place) {
    return (await this.admin.gql(InboxHistoryDocument, { accountId, id })).inbox.history
  }

  askAgain({ accountId, inboxId }: Place) {
    return this.admin.gql(ImportHistoryDocument, { input: { accountId, inboxId } })
  }

  rowsOf({ inboxId }: Place) {
    return this.sql<{ content: string; history: boolean; type: string; source: string }[]>`
      select content, history, type, source from messages where inbox_id = ${inboxId} order by at, arrival`
  }

  async unreadOf({ inboxId }: Place) {
    return (await this.admin.conversations({ inboxId })).map((row) => row.unreadCount).sort()
  }

  /** The sweeper's round, as of a time. */
  async sweep(at = new Date()) {
    await runSchedule(this.world.deps, 'history', at)
  }

  calls(): number {
    return this.#tiktok.ledger.entries.filter((entry) => entry.kind === 'call').length
  }

  /** What waits for its time may go on at once. */
  async hurry({ inboxId }: Place) {
    await this.sql`update history_runs set next_attempt_at = now() where inbox_id = ${inboxId}`
  }

  async gapOf({ inboxId }: Place): Promise<Date | null> {
    const [row] = await this.sql<{ gap_since: Date | null }[]>`select gap_since from inboxes where id = ${inboxId}`
    return row?.gap_since ?? null
  }
}
