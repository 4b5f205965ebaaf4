import type { FastifyInstance } from 'fastify'
import { serveMedium } from '../cdn.ts'
import type { TikTokContext } from './context.ts'
import type { Call } from './endpoint.ts'
import { mountEndpoint } from './endpoint.ts'
import { ApiError, invalidParam } from './errors.ts'
import type { FilePart } from './multipart.ts'
import { readForm } from './multipart.ts'
import { conversationFor } from './send-validation.ts'

type Json = Record<string, unknown>

const MAX_BYTES = 3_000_000
const UPLOAD_LIVES_MS = 30 * 86_400_000
const ADDRESS_LIVES_MS = 86_400_000

const isPicture = (bytes: Buffer): boolean =>
  bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])) ||
  bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))

/** §4.4: only multipart with a file name; JPG and PNG by their first bytes, at most 3 MB. */
function upload(ctx: TikTokContext, { params, grant }: Call): Json {
  if (params['media_type'] !== 'IMAGE') throw invalidParam('Param media_type is invalid.')
  const file = params['file'] as FilePart | undefined
  if (!file || !file.fileName.includes('.') || !file.mime.startsWith('image/'))
    throw invalidParam('Param file is invalid.')
  if (file.bytes.length > MAX_BYTES) throw new ApiError(40907)
  if (!isPicture(file.bytes)) throw new ApiError(40908)
  const { mime, bytes } = file
  const medium = { businessId: grant.businessId, mime, bytes, expiresAt: ctx.clock.now() + UPLOAD_LIVES_MS }
  return { media_id: ctx.world.addMedium(ctx.ids.short(), medium) }
}

function download(ctx: TikTokContext, { params, grant }: Call): Json {
  const conversation = conversationFor(ctx, grant.businessId, params['conversation_id'])
  const message = conversation.messages.find(({ id }) => id === params['message_id'])
  const content = message?.content
  if (content?.type !== 'image' && content?.type !== 'video') throw new ApiError(40007)
  if (content.mediaId !== params['media_id']) throw new ApiError(40007)
  if (params['media_type'] !== content.type.toUpperCase()) throw invalidParam('Param media_type is invalid.')
  const query = new URLSearchParams({ id: content.mediaId, expires: String(ctx.clock.now() + ADDRESS_LIVES_MS) })
  return { download_url: `${ctx.baseUrl()}/cdn/media?${query}` }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Media: handed over, located, and served to whoever brings a token of the business (§4.4, §16.9). */
export function mountMedia(app: FastifyInstance, ctx: TikTokContext): void {
  app.addContentTypeParser(/^multipart\/form-data/, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const form = readForm(request.headers['content-type'] ?? '', body)
    done(null, form && { ...form.fields, ...form.files })
  })
  mountEndpoint(app, ctx, {
    operation: 'media_upload',
    method: 'POST',
    path: '/business/message/media/upload/',
    scope: 'message.list.send',
    run: (call) => ({ data: upload(ctx, call) }),
  })
  mountEndpoint(app, ctx, {
    operation: 'media_download',
    method: 'POST',
    path: '/business/message/media/download/',
    scope: 'message.list.read',
    run: (call) => ({ data: download(ctx, call) }),
  })
  app.get('/cdn/media', (request, reply) => {
    const { id, expires } = request.query as Record<string, unknown>
    const medium = ctx.world.media.get(text(id))
    if (!medium || Number(expires) < ctx.clock.now()) return reply.code(403).type('text/plain').send('expired')
    try {
      const grant = ctx.tokens.authenticate(text(request.headers['x-user']) || undefined)
      if (grant.businessId !== medium.businessId) throw new ApiError(40001)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return reply.code(403).type('text/plain').send('forbidden')
    }
    return serveMedium(ctx.knobs.cdn, request, reply, medium)
  })
  // Stickers and emoji: no token, no end.
  app.get('/cdn/open/:id', (request, reply) => {
    const medium = ctx.world.media.get((request.params as { id: string }).id)
    return medium
      ? serveMedium(ctx.knobs.cdn, request, reply, medium)
      : reply.code(404).type('text/plain').send('not found')
  })
}
