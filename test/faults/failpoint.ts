import { Socket } from 'node:net'
import { Frontend } from './frontend.ts'
import { POINTS, type Point, type PointName } from './points.ts'

/**
 * Loaded before everything else into a process under test. Watches what it says to Postgres and to the provider, and kills the
 * process with SIGKILL at the n-th time that it comes to the armed point. Nothing in the program knows of it.
 */
const postgresPort = Number(new URL(process.env.DATABASE_URL ?? 'postgres://x:1').port)
const ACTIONS = { die: () => process.kill(process.pid, 'SIGKILL') }

interface Watched {
  frontend: Frontend
  /** What is still to be looked for in the server's next bytes. */
  awaiting: Buffer | undefined
}

const postgres = new WeakMap<Socket, Watched>()
/** The line that a call of the provider begins with. */
const calling = new WeakMap<Socket, string>()
let armed: { point: Point; left: number } | undefined

/** Whether this is the time to die. */
function reached(): boolean {
  if (!armed) return false
  armed.left -= 1
  return armed.left <= 0
}

const READY = Buffer.from([0x5a, 0, 0, 0, 5])
const COMMITTED = Buffer.from('COMMIT\0')

function watchStatement(watched: Watched, sql: string): void {
  if (!armed) return
  const { point } = armed
  const isCommit = /^\s*commit\b/i.test(sql)
  if (point.at === 'before' && point.sql.test(sql) && reached()) ACTIONS.die()
  if (point.at === 'after' && point.sql.test(sql)) watched.awaiting = READY
  if (!isCommit || !watched.frontend.statements.some((statement) => 'sql' in point && point.sql.test(statement))) return
  if (point.at === 'before commit of' && reached()) ACTIONS.die()
  if (point.at === 'after commit of') watched.awaiting = COMMITTED
}

const { write, emit } = Socket.prototype

Socket.prototype.write = function (this: Socket, chunk: unknown, ...rest: unknown[]): boolean {
  const pass = (...args: unknown[]) => Reflect.apply(write, this, args) as boolean
  if (this.remotePort === postgresPort && Buffer.isBuffer(chunk)) {
    const watched = postgres.get(this) ?? { frontend: new Frontend(), awaiting: undefined }
    postgres.set(this, watched)
    for (const sql of watched.frontend.read(chunk)) watchStatement(watched, sql)
  }
  const [call] = /^POST \/open_api\/\S+/.exec(typeof chunk === 'string' ? chunk : '') ?? []
  if (call) {
    calling.set(this, call)
    if (armed?.point.at === 'request' && armed.point.of === call && reached()) {
      // The kernel has the whole request then, and delivers it although we are gone.
      const [encoding] = rest
      return pass(chunk, typeof encoding === 'string' ? encoding : 'utf8', ACTIONS.die)
    }
  }
  return pass(chunk, ...rest)
} as Socket['write']

Socket.prototype.emit = function (this: Socket, event: string, ...args: unknown[]): boolean {
  const [chunk] = args
  if (event === 'data' && Buffer.isBuffer(chunk)) {
    const watched = postgres.get(this)
    if (watched?.awaiting && chunk.includes(watched.awaiting)) {
      watched.awaiting = undefined
      if (reached()) ACTIONS.die()
    }
    const call = calling.get(this)
    calling.delete(this)
    if (call && armed?.point.at === 'answer' && armed.point.of === call && reached()) ACTIONS.die()
  }
  return Reflect.apply(emit, this, [event, ...args]) as boolean
} as Socket['emit']

process.on('message', (message: { arm?: PointName; nth?: number }) => {
  armed = message.arm && { point: POINTS[message.arm], left: message.nth ?? 1 }
  process.send?.({ armed: message.arm ?? null })
})
// Nothing is to outlive the test, and nothing here is to keep the process alive.
process.on('disconnect', ACTIONS.die)
process.channel?.unref()
