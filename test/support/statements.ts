import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Statement {
  /** The application_name of its connection, which is its role. */
  role: string
  text: string
}

/** What belongs to no request: transactions' ends, their settings, and what goes on by the clock. */
const FRAME = /^\s*(begin|commit|rollback|savepoint|release|set |select set_config)/i
const CLOCKWORK =
  /feed_stamp|access_changes|feed_heads|pg_try_advisory|pg_catalog\.pg_type|from account_events|installation|channel_credentials/i

/**
 * Stands between a world and its Postgres and writes down every statement as it goes over the wire, whoever sends it:
 * simple queries, and each execution of a prepared one.
 */
export class StatementCounter {
  readonly statements: Statement[] = []
  readonly #sockets = new Set<Socket>()
  #server = createServer()

  /** Opens the way to `databaseUrl`; answers the address that leads through here. */
  async through(databaseUrl: string): Promise<string> {
    const target = new URL(databaseUrl)
    const [port, host] = [Number(target.port), target.hostname]
    this.#server = createServer((client) => this.#join(client, connect(port, host)))
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    target.hostname = '127.0.0.1'
    target.port = String((this.#server.address() as AddressInfo).port)
    return target.href
  }

  #join(client: Socket, server: Socket): void {
    const reader = new FrontendReader((statement) => this.statements.push(statement))
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (chunk) => {
        if (from === client) reader.read(chunk)
        to.write(chunk)
      })
      from.on('close', () => to.destroy())
      from.on('error', () => to.destroy())
    }
  }

  /** The statements of `work`, without those that only hold it together. */
  async during(work: () => Promise<unknown>, roles?: readonly string[]): Promise<string[]> {
    const start = this.statements.length
    await work()
    return this.statements
      .slice(start)
      .filter(({ role }) => !roles || roles.includes(role))
      .map(({ text }) => text.trim().replace(/\s+/g, ' '))
      .filter((text) => !FRAME.test(text) && !CLOCKWORK.test(text))
  }

  /** The same of the quietest of several runs: what other work adds now and then does not count. */
  async least(work: () => Promise<unknown>, roles?: readonly string[], runs = 4): Promise<string[]> {
    let best: string[] | undefined
    for (let run = 0; run < runs; run++) {
      const texts = await this.during(work, roles)
      if (!best || texts.length < best.length) best = texts
    }
    return best ?? []
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Reads what a client says in Postgres's protocol. */
class FrontendReader {
  readonly #say: (statement: Statement) => void
  readonly #prepared = new Map<string, string>()
  readonly #portals = new Map<string, string>()
  #pending: Buffer = Buffer.alloc(0)
  #role = ''
  #started = false

  constructor(say: (statement: Statement) => void) {
    this.#say = say
  }

  read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    for (;;) {
      const typeLength = this.#started ? 1 : 0
      if (this.#pending.length < typeLength + 4) return
      const end = typeLength + this.#pending.readInt32BE(typeLength)
      if (this.#pending.length < end) return
      const type = this.#started ? String.fromCharCode(this.#pending[0] ?? 0) : 'startup'
      this.#message(type, this.#pending.subarray(typeLength + 4, end))
      this.#pending = this.#pending.subarray(end)
      this.#started = true
    }
  }

  #message(type: string, body: Buffer): void {
    const texts = body.toString('utf8').split('\0')
    const [first = '', second = ''] = texts
    if (type === 'startup') this.#role = texts[texts.indexOf('application_name') + 1] ?? ''
    if (type === 'P') this.#prepared.set(first, second)
    if (type === 'B') this.#portals.set(first, this.#prepared.get(second) ?? '')
    if (type === 'Q') this.#say({ role: this.#role, text: first })
    if (type === 'E') this.#say({ role: this.#role, text: this.#portals.get(first) ?? '' })
  }
}
