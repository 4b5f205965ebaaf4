import type {} from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { AppError } from '../kit/errors.ts'
import { refreshSession } from '../modules/users/sessions.service.ts'
import { refreshCookieName } from './auth.ts'
import { isSameOrigin } from './same-origin.ts'

/** `POST /auth/refresh`: the cookie for a new access token. Needs authPlugin and limitsPlugin. */
export function registerAuthRoutes(app: FastifyInstance, deps: Deps): void {
  const cookieName = refreshCookieName(deps.config)
  app.post('/auth/refresh', async (request, reply) => {
    if (!isSameOrigin(request, deps.config.publicUrl)) {
      throw new AppError('FORBIDDEN', 'This address takes requests of its own pages only')
    }
    await request.limit('refresh')
    const session = await refreshSession(deps, request.cookies[cookieName])
    return reply.startSession(session)
  })
}
