import multipart, { type MultipartFile } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Scope } from '../db/scope.ts'
import type { Deps } from '../deps.ts'
import { AppError, invalid } from '../kit/errors.ts'
import { toAttachment } from '../modules/attachments/attachment-view.ts'
import type { AttachmentRow } from '../modules/attachments/attachments.queries.ts'
import { findUploadPlace, storeUpload } from '../modules/attachments/uploads.ts'
import { memberScope, requireBearer } from './caller-scope.ts'

const MAX_BYTES = 25_000_000
const MAX_FILES = 10

/** `POST /uploads`: multipart with accountId, conversationId and then one or more files; answers their ids. */
export async function registerUploads(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register(multipart, {
    limits: { fileSize: MAX_BYTES, files: MAX_FILES, fields: 4, fieldSize: 200, fieldNameSize: 50, headerPairs: 20 },
  })
  app.post('/uploads', async (request) => {
    const userId = await requireBearer(deps, request)
    if (!request.isMultipart()) throw invalid('file', 'Send the picture as multipart/form-data')
    const attachments: AttachmentRow[] = []
    const fields: Record<string, string> = {}
    let scope: Scope | undefined
    for await (const part of partsOf(request)) {
      if (part.type === 'field') {
        fields[part.fieldname] = String(part.value)
        continue
      }
      await request.limit('upload', userId)
      scope ??= await memberScope(deps, fieldOf(fields, 'accountId'), userId)
      const place = await findUploadPlace(deps, scope, fieldOf(fields, 'conversationId'))
      const upload = { bytes: await bytesOf(part), fileName: part.filename ?? '' }
      attachments.push(await storeUpload(deps, scope, place, upload))
    }
    if (!attachments.length) throw invalid('file', 'There is no picture in this upload')
    return { attachments: attachments.map(toAttachment) }
  })
}

/** What the parser finds wrong with a form, in our words. */
async function* partsOf(request: FastifyRequest) {
  try {
    yield* request.parts()
  } catch (error) {
    throw explained(error)
  }
}

async function bytesOf(part: MultipartFile): Promise<Buffer> {
  try {
    return await part.toBuffer()
  } catch (error) {
    throw explained(error)
  }
}

function explained(error: unknown): unknown {
  const { code = '', statusCode } = error as { code?: string; statusCode?: number }
  if (error instanceof AppError) return error
  if (code === 'FST_REQ_FILE_TOO_LARGE')
    return new AppError('INVALID', 'The file is too large', { field: 'file', reason: 'IMAGE_TOO_LARGE' })
  if (code.startsWith('FST_') || statusCode === 413) return invalid('file', 'This form is not as it should be')
  return /multipart|unexpected end of form|malformed part/i.test(String(error))
    ? invalid('file', 'This form does not end')
    : error
}

function fieldOf(fields: Readonly<Record<string, string>>, name: string): string {
  const value = fields[name]
  if (value === undefined) throw invalid(name, `${name} comes before the file`)
  return value
}
