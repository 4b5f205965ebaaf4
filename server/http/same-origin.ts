import type { FastifyRequest } from 'fastify'

/**
 * Whether a request comes from a page of ours: a browser names the page in Origin with every POST and every socket, and
 * no page can forge it or the Host it goes to. Programs name none.
 */
export function isSameOrigin(request: FastifyRequest, publicUrl: string): boolean {
  const { origin, host } = request.headers
  if (origin === undefined || origin === new URL(publicUrl).origin) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
