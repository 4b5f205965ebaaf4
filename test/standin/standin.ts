import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import type { Clock } from './clock.ts'
import { createSimClock } from './clock.ts'
import { mountRespondIoControl } from './respondio/control-routes.ts'
import type { RespondIoOptions } from './respondio/context.ts'
import type { RespondIoStandin } from './respondio/standin.ts'
import { mountRespondIo } from './respondio/standin.ts'
import { keepState, readState } from './state-file.ts'
import { mountPage } from './page-routes.ts'
import { mountTikTokControl } from './tiktok/control-routes.ts'
import type { TikTokOptions } from './tiktok/context.ts'
import type { TikTokStandin } from './tiktok/standin.ts'
import { mountTikTok } from './tiktok/standin.ts'

export interface StandinOptions {
  /** Default 0: any free one. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** The same seed gives the same ids, jitter and noise. */
  seed?: number
  log?: boolean
  /** What the stand-in's clock stands on; default: the machine's. */
  clock?: Clock
  /** Keeps people, conversations and consents over restarts. What was waiting to be delivered is not kept. */
  stateFile?: string
  tiktok?: Partial<TikTokOptions>
  respondio?: RespondIoOptions
}

export interface Standin {
  url: string
  tiktok: TikTokStandin
  respondio: RespondIoStandin
  close(): Promise<void>
}

const NOT_FOUND =
  '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body><h1>404 Not Found</h1></body>\r\n</html>\r\n'
const BAD_REQUEST =
  '<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body><h1>400 Bad Request</h1></body>\r\n</html>\r\n'

function createApp(log: boolean): FastifyInstance {
  const app = Fastify({
    logger: log,
    forceCloseConnections: true,
    bodyLimit: 8 * 1024 * 1024,
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html').send(NOT_FOUND))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) console.error(`stand-in: ${request.method} ${request.url.split('?')[0]}`, error)
    return reply
      .code(status)
      .type('text/html')
      .send(status >= 500 ? 'Internal Server Error' : BAD_REQUEST)
  })
  return app
}

/** Starts the stand-in for the outside world: TikTok, and respond.io beside it. */
export async function startStandin(opts: StandinOptions = {}): Promise<Standin> {
  const { port = 0, host = '127.0.0.1', seed = 1, log = false } = opts
  const app = createApp(log)
  const clock = createSimClock(opts.clock)
  let url = ''
  const saved = opts.stateFile === undefined ? {} : readState(opts.stateFile)
  const side = { clock, seed, baseUrl: () => url }
  const tiktok = mountTikTok(app, { ...side, saved: saved['tiktok'] }, opts.tiktok)
  const respondio = mountRespondIo(app, { ...side, saved: saved['respondio'] }, tiktok, opts.respondio)
  mountTikTokControl(app, tiktok)
  mountRespondIoControl(app, respondio, tiktok)
  mountPage(app)
  url = await app.listen({ port, host })
  const stopSaving = opts.stateFile === undefined ? undefined : keepState(opts.stateFile, { tiktok, respondio })
  return {
    url,
    tiktok,
    respondio,
    close: async () => {
      stopSaving?.()
      await app.close()
    },
  }
}
