import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../kit/errors.ts'
import { findFile } from '../modules/attachments/attachments.service.ts'
import { readRange } from './byte-range.ts'
import { memberScope, requireReader } from './caller-scope.ts'

/** What a browser may show; anything else is saved. Neither SVG nor HTML is ever stored. */
const SHOWN = /^(image\/(jpeg|png|webp|gif|avif)|video\/(mp4|webm))$/

interface FileRequest {
  Params: { accountId: string; attachmentId: string }
  Querystring: { thumbnail?: string }
}

/**
 * `GET /files/:accountId/:attachmentId`, with `?thumbnail` the small picture: to whoever sees its conversation (I11), the
 * file also in parts. A failure is told without what would let a browser keep it.
 */
export function registerFiles(app: FastifyInstance, deps: Deps): void {
  app.get<FileRequest>('/files/:accountId/:attachmentId', async (request, reply) => {
    const { accountId, attachmentId } = request.params
    const scope = await memberScope(deps, accountId, await requireReader(deps, request)).catch(hideAccount)
    const part = request.query.thumbnail === undefined ? 'file' : 'thumbnail'
    const file = await findFile(deps, scope, attachmentId, part)
    const headers = headersOf(file)
    if (request.headers['if-none-match'] === headers.etag) return reply.code(304).headers(headers).send()
    const range = readRange(request, headers.etag, file.size)
    if (range === 'BEYOND') return reply.code(416).header('content-range', `bytes */${file.size}`).send()
    const { stream, bytes } = await file.open(range)
    if (range) void reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${file.size}`)
    return reply.headers(headers).type(file.mime).header('content-length', bytes).send(stream)
  })
}

const headersOf = ({ mime, fileName, version, size }: Awaited<ReturnType<typeof findFile>>) => ({
  'content-disposition': `${SHOWN.test(mime) ? 'inline' : 'attachment'}; filename="${fileName}"`,
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, max-age=300',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'authorization, cookie',
  etag: `"${version}"`,
  ...(size !== undefined && { 'accept-ranges': 'bytes' }),
})

/** A file of another account is not there, as one that never was. */
function hideAccount(error: unknown): never {
  throw error instanceof AppError && error.code === 'NOT_FOUND' ? notFound('File') : error
}
