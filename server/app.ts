import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Deps } from './deps.ts'
import { registerAuthRoutes } from './http/auth-routes.ts'
import { authPlugin } from './http/auth.ts'
import { registerClient } from './http/client.ts'
import { answerBrokenRequest, answerError, answerMissing } from './http/errors.ts'
import { feedHydration } from './http/feed-hydration.ts'
import { registerFiles } from './http/files.ts'
import { registerGatewayApi } from './http/gateway-api.ts'
import { registerGatewaySocket } from './http/gateway-socket.ts'
import { registerGraphqlSocket } from './http/graphql-ws.ts'
import { registerGraphql } from './http/graphql.ts'
import { registerHealth } from './http/health.ts'
import { registerOAuth } from './http/oauth.ts'
import { registerPictures } from './http/pictures.ts'
import { createRateLimiter, limitsPlugin, registerRequestLimit } from './http/rate-limit.ts'
import { registerUploads } from './http/uploads.ts'
import { unsafeFindMember } from './modules/accounts/accounts.queries.ts'
import { registerWebhooks } from './modules/intake/webhook-routes.ts'
import { unsafeFindSignedIn } from './modules/users/users.queries.ts'
import { Hub } from './realtime/hub.ts'

function createServer({ config, log }: Deps): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    // Hop 0 is whoever opened the connection.
    trustProxy: (_address, hop) => hop < config.trustProxyHops,
    bodyLimit: 256 * 1024,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answerError,
    clientErrorHandler: answerBrokenRequest,
  })
  app.setErrorHandler(answerError)
  return app
}

/** What a worker answers over HTTP: health, readiness and metrics. */
export function buildWorkerApp(deps: Deps): FastifyInstance {
  const app = createServer(deps)
  app.setNotFoundHandler(answerMissing)
  registerHealth(app, deps)
  return app
}

/** The web process: every registration, in order. Tests import it. */
export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const { config } = deps
  const app = createServer(deps)
  registerHealth(app, deps)
  registerWebhooks(app, deps)
  registerPictures(app, deps)
  await app.register(cookie)
  await app.register(authPlugin, { config, clock: deps.clock })
  await app.register(async (scope) => registerPages(scope, deps))
  return app
}

/** Everything behind helmet and limits: all but health, webhooks and what providers fetch. */
async function registerPages(app: FastifyInstance, deps: Deps): Promise<void> {
  const { config, log } = deps
  await app.register(helmet, {
    contentSecurityPolicy: { directives: contentPolicy(config.publicUrl, playersOf(deps)) },
  })
  await registerRequestLimit(app)
  await app.register(limitsPlugin, { limiter: createRateLimiter(deps.redis, log, `${deps.producer.prefix}:limit`) })
  registerAuthRoutes(app, deps)
  registerFiles(app, deps)
  await registerUploads(app, deps)
  await registerOAuth(app, deps)
  registerGatewayApi(app, deps)
  await registerGraph(app, deps)
  await registerClient(app)
}

/** GraphQL over HTTP, and the feed over sockets. */
async function registerGraph(app: FastifyInstance, deps: Deps): Promise<void> {
  const { config, log } = deps
  const { schema, rules } = await registerGraphql(app, deps)
  const hub = new Hub({
    scopes: deps.scopes,
    system: deps.system,
    stamper: deps.stamper,
    redisUrl: config.redisUrl ?? '',
    clock: deps.clock,
    log,
    hydrate: feedHydration(deps),
    findViewer: async (accountId, userId) => {
      const member = await unsafeFindMember(deps.system, accountId, userId)
      if (!member || member.accountStatus === 'suspended') return undefined
      const { role, inboxIds } = member.actor
      return { userId, role, inboxIds: new Set(inboxIds) }
    },
    schema: () => schema,
  })
  // Before what closes the hub: replies that were taken are told first.
  registerGatewaySocket(app, { deps, hub })
  await registerGraphqlSocket(app, {
    deps,
    hub,
    auth: {
      authenticate: async (token) => {
        const claims = app.auth.verify(token)
        return claims && (await unsafeFindSignedIn(deps.system, claims, deps)) ? claims : undefined
      },
    },
    validationRules: rules,
    sockets: deps.metrics.sockets,
  })
}

/** Nothing is framed but the players of the channels. */
const playersOf = ({ channels }: Deps): string[] => {
  const hosts = channels.all().flatMap(({ manifest }) => manifest.playerHosts)
  return [...new Set(hosts)].map((host) => `https://${host}`)
}

function contentPolicy(publicUrl: string, players: readonly string[]) {
  const secure = publicUrl.startsWith('https:')
  return {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'https:', 'data:', 'blob:', ...(secure ? [] : ['http:'])],
    connectSrc: ["'self'", publicUrl.replace(/^http/, 'ws')],
    fontSrc: ["'self'"],
    frameSrc: players.length ? [...players] : ["'none'"],
    frameAncestors: ["'none'"],
    upgradeInsecureRequests: secure ? [] : null,
  }
}
