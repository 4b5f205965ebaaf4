import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { LOOPBACK_PERSON, type LoopbackMessage } from '../standin/loopback.ts'
import type { Actor } from './actor.ts'
import { until } from './until.ts'
import type { World } from './world.ts'

/** A shop of the loop-back that is connected, and one customer's thread in it. */
export class Shop {
  readonly id = `shop-${randomUUID().slice(0, 8)}`
  readonly thread = `thread-${randomUUID()}`
  inboxId = ''
  conversationId = ''
  readonly #world: World
  readonly #sql: postgres.Sql
  readonly #actor: Actor
  #hook = { url: '', key: '' }

  private constructor(world: World, sql: postgres.Sql, actor: Actor) {
    this.#world = world
    this.#sql = sql
    this.#actor = actor
  }

  /** Connected, and its customer has said hello. */
  static async open(world: World, sql: postgres.Sql, actor: Actor): Promise<Shop> {
    const shop = new Shop(world, sql, actor)
    shop.inboxId = await actor.connectByForm({ id: shop.id, name: 'The shop' })
    shop.#hook = await actor.hookUp(shop.inboxId, shop.id)
    world.loopback.hookUp(shop.id, 'http://127.0.0.1:1/')
    await shop.told({ text: 'Hello' })
    shop.conversationId = (await actor.conversations({ inboxId: shop.inboxId }))[0]?.id ?? ''
    return shop
  }

  /** As it is listed and delivered; echoes of what we send are told by hand alone. */
  message(what: Partial<LoopbackMessage>): LoopbackMessage {
    const { id: shop, thread } = this
    const told = { shop, thread, id: randomUUID(), at: this.#world.loopback.now(), kind: 'text' }
    return { event: 'message', ...told, person: LOOPBACK_PERSON, ...what }
  }

  /** Delivers at once what happened in the thread, and waits until all of it is worked off. */
  async told(...what: Partial<LoopbackMessage>[]): Promise<LoopbackMessage[]> {
    const messages = what.map((one) => this.message(one))
    await Promise.all(messages.map((one) => this.deliver(one)))
    await until(
      async () =>
        (await this.#sql`select 1 from webhook_events where account_ref = ${this.id} and state = 0`).length === 0,
      'it is worked off',
    )
    return messages
  }

  async deliver(message: LoopbackMessage): Promise<void> {
    const body = Buffer.from(JSON.stringify(message))
    const headers = this.#world.loopback.sign(body, this.#hook.key)
    const { status } = await fetch(this.#hook.url, { method: 'POST', body, headers })
    if (status !== 200) throw new Error(`the delivery was answered ${status}`)
  }

  /** The rows behind the bubbles, in the thread's order. */
  rows() {
    return this.#sql<{ id: string; content: string; source: string; status: string; names: string[] }[]>`
      select id, content, source, status, array[external_id, alternate_external_id] as names from messages
      where inbox_id = ${this.inboxId} order by at, arrival`
  }

  async bubbles(): Promise<(string | null | undefined)[]> {
    return (await this.#actor.messages(this.conversationId)).map(({ content }) => content)
  }
}
