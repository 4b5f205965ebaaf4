import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { FaultKind, Operation } from '../standin/respondio/knobs.ts'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

/** A world without workers whose time a test moves, and in it an inbox of respond.io, a new one for each test. */
export class PollingStage {
  offset = 0
  world!: World
  sql!: postgres.Sql
  admin!: Actor
  polling!: Polling

  async open(): Promise<void> {
    const now = () => Date.now() + this.offset
    const standin = { clock: { now }, respondio: { knobs: { rateLimit: 1_000 } } }
    const clock = { now: () => new Date(now()) }
    this.world = await startWorld({ jobs: false, clock, standin, environment: { LOG_LEVEL: 'silent' } })
    this.sql = openSql(this.world)
    this.admin = await this.world.business()
  }

  async begin(): Promise<void> {
    this.offset = 0
    this.world.standin.respondio.resetKnobs()
    this.polling = new Polling(this.world, this.sql, await connectRespondIo(this.world, this.admin))
  }

  async close(): Promise<void> {
    await this.sql.end()
    await this.world.close()
  }

  advance(ms: number): void {
    this.offset += ms
  }

  async texts(contact?: number): Promise<(string | null)[]> {
    return (await this.polling.messages(contact)).map((row) => row.content)
  }

  fault(kind: FaultKind, operation: Operation, contactId: number, count = 1): void {
    this.world.standin.respondio.fault({ kind, operations: [operation], contactId, count })
  }

  async somebody(text = 'Hello'): Promise<number> {
    const { contactId } = this.polling.writes({ firstName: 'Ploy' }, text)
    await this.polling.hurry('list')
    await this.polling.all()
    return contactId
  }
}

export function usePolling(): PollingStage {
  const stage = new PollingStage()
  beforeAll(() => stage.open())
  afterAll(() => stage.close())
  beforeEach(() => stage.begin())
  return stage
}
