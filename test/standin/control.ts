import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimClock } from './clock.ts'
import { UnknownObject } from './unknown-object.ts'

export const CONTROL_BASE = '/standin/api'
const BEAT_MS = 150

type Command = (body: unknown) => unknown
export type Commands = Record<string, Command>

export const command =
  <T>(schema: z.ZodType<T>, run: (input: T) => unknown): Command =>
  (body) =>
    run(schema.parse(body ?? {}))

/** JSON drops undefined optionals anyway; the control's own types ask for them to be absent. */
export const present = <T extends object>(input: T): { [K in keyof T]-?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never

export const nothing = z.object({}).loose()

interface Journal {
  since(seq: number): unknown[]
  webhooks(): unknown[]
  onAppend(listener: () => void): () => void
}

/** What can be done to every provider's side. */
export interface Controllable<Knobs, Fault> {
  readonly knobs: Knobs & { sendFault: unknown[] }
  readonly clock: SimClock
  readonly ledger: Journal
  setKnobs(knobs: Partial<Knobs>): void
  resetKnobs(): void
  /** Queues a fault; default: one shot on send. */
  fault(fault: Fault): void
  clearFaults(): void
  pauseWebhooks(): void
  resumeWebhooks(): void
  webhooksPaused(): boolean
  /** Resolves when no webhook, retry or echo is pending any more. */
  settled(): Promise<void>
  /** Everything that a restart should find again. */
  save(): object
  /** As new, with the options of the start; the clock stands at its base again. */
  reset(): void
}

/** Knobs that are changed in place, so that every holder sees it. */
export const knobControl = <K extends { sendFault: (F | string)[] }, F>(knobs: K, start: () => K) => ({
  knobs,
  setKnobs: (values: Partial<K>): void => void Object.assign(knobs, values),
  resetKnobs: (): void => void Object.assign(knobs, start()),
  fault: (fault: K['sendFault'][number]): void => void knobs.sendFault.push(fault),
  clearFaults: (): void => void (knobs.sendFault = []),
})

export function commonCommands<K, F>(
  side: Controllable<K, F>,
  schemas: { knobs: z.ZodType<object>; fault: z.ZodType<object> },
): Commands {
  return {
    knobs: command(schemas.knobs, (knobs) => {
      side.setKnobs(present(knobs) as Partial<K>)
      return side.knobs
    }),
    'knobs/reset': command(nothing, () => {
      side.resetKnobs()
      return side.knobs
    }),
    faults: command(schemas.fault, (fault) => {
      side.fault(present(fault) as F)
      return side.knobs.sendFault
    }),
    'faults/clear': command(nothing, () => side.clearFaults()),
    'webhooks/pause': command(nothing, () => side.pauseWebhooks()),
    'webhooks/resume': command(nothing, () => side.resumeWebhooks()),
    settled: command(nothing, () => side.settled()),
    clock: command(z.object({ advanceMs: z.number() }), ({ advanceMs }) => {
      side.clock.advance(advanceMs)
      return { now: side.clock.now() }
    }),
    reset: command(nothing, () => side.reset()),
  }
}

/** Tells the page that something happened; what it was is fetched. Bursts are told once. */
function streamChanges(journal: Journal, request: FastifyRequest, reply: FastifyReply) {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  reply.raw.write('retry: 1000\n\n')
  let timer: NodeJS.Timeout | undefined
  const stop = journal.onAppend(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      reply.raw.write('data: changed\n\n')
    }, BEAT_MS)
  })
  request.raw.socket.once('close', () => {
    clearTimeout(timer)
    stop()
  })
}

export interface ControlPlan {
  prefix: string
  commands: Commands
  ledger: Journal
  /** What the provider's own routes need to be refused with, beside wrong input and unknown objects. */
  explain?: (error: Error) => { status: number; message: string } | undefined
  more: (app: FastifyInstance) => void
}

function refusalOf(error: Error): { status: number; message: string } | undefined {
  if (error instanceof z.ZodError) return { status: 400, message: z.prettifyError(error) }
  if (error instanceof UnknownObject) return { status: 404, message: error.message }
  return undefined
}

/** Everything that the control object can do, for tests in other processes and for the page. */
export function mountControl(root: FastifyInstance, { prefix, commands, ledger, explain, more }: ControlPlan): void {
  void root.register(
    (app, _options, done) => {
      app.setErrorHandler((error: Error, _request, reply) => {
        const known = refusalOf(error) ?? explain?.(error)
        if (!known) throw error
        return reply.code(known.status).send({ error: known.message })
      })
      for (const [name, run] of Object.entries(commands)) {
        app.post(`/${name}`, async (request) => (await run(request.body)) ?? { ok: true })
      }
      app.get('/ledger', (request) => {
        const { since } = z.object({ since: z.coerce.number().default(0) }).parse(request.query)
        return ledger.since(since)
      })
      app.get('/webhooks', () => ledger.webhooks())
      app.get('/events', (request, reply) => streamChanges(ledger, request, reply))
      more(app)
      done()
    },
    { prefix },
  )
}
