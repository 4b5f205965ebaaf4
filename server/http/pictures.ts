import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { openAddressed, PICTURE_PATH, type PictureParams } from '../modules/attachments/picture-address.ts'

const HEADERS = {
  'cache-control': 'private, no-store',
  'content-disposition': 'inline',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

/**
 * The signed address of one picture, for the provider that is to fetch it: without log-in, and 404 for everything that is
 * no such address or not any more. Outside rate limiting, as all customers' pictures are fetched from a few addresses.
 */
export function registerPictures(app: FastifyInstance, deps: Deps): void {
  app.get<{ Params: PictureParams }>(PICTURE_PATH, { logLevel: 'warn' }, async (request, reply) => {
    reply.headers(HEADERS)
    const { stream, bytes, mime } = await openAddressed(deps, request.params)
    return reply.type(mime).header('content-length', bytes).send(stream)
  })
}
