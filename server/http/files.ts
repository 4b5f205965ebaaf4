import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../kit/errors.ts'
import { openAttachment } from '../modules/attachments/attachments.service.ts'
import { memberScope, requireReader } from './caller-scope.ts'

/** What a browser may show; anything else is saved. Neither SVG nor HTML is ever stored. */
const SHOWN = /^(image\/(jpeg|png|webp|gif|avif)|video\/(mp4|webm))$/

interface FileRequest {
  Params: { accountId: string; attachmentId: string }
  Querystring: { thumbnail?: string }
}

/** `GET /files/:accountId/:attachmentId`, with `?thumbnail` the small picture: to whoever sees its conversation (I11). */
export function registerFiles(app: FastifyInstance, deps: Deps): void {
  app.get<FileRequest>('/files/:accountId/:attachmentId', async (request, reply) => {
    const { accountId, attachmentId } = request.params
    const scope = await memberScope(deps, accountId, await requireReader(deps, request)).catch(hideAccount)
    const part = request.query.thumbnail === undefined ? 'file' : 'thumbnail'
    const file = await openAttachment(deps, scope, attachmentId, part)
    const disposition = SHOWN.test(file.mime) ? 'inline' : 'attachment'
    void reply.headers({
      'content-disposition': `${disposition}; filename="${file.fileName}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=300',
      'cross-origin-resource-policy': 'same-origin',
      vary: 'authorization, cookie',
      etag: `"${file.version}"`,
    })
    if (request.headers['if-none-match'] === `"${file.version}"`) {
      file.stream.destroy()
      return reply.code(304).send()
    }
    return reply.type(file.mime).header('content-length', file.bytes).send(file.stream)
  })
}

/** A file of another account is not there, as one that never was. */
function hideAccount(error: unknown): never {
  throw error instanceof AppError && error.code === 'NOT_FOUND' ? notFound('File') : error
}
