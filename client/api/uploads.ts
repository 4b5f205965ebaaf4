import { accessToken, refreshAccessToken } from './access-token.ts'
import { ApiError, type ErrorCode } from './graphql.ts'

/** A picture that is with the server and waits to be sent. */
export interface UploadedPicture {
  id: string
  url: string
  thumbnailUrl: string
  width: number
  height: number
}

interface Answer {
  attachments?: UploadedPicture[]
  error?: { code: ErrorCode; message: string; details?: Record<string, unknown> }
}

export interface PictureUpload {
  accountId: string
  conversationId: string
  file: File
  /** From 0 to 1. */
  onProgress: (done: number) => void
  signal: AbortSignal
}

/** Hands a picture to the server; throws ApiError. A token that has run out is renewed once. */
export async function uploadPicture(upload: PictureUpload): Promise<UploadedPicture> {
  const token = accessToken()
  try {
    return await post(upload, token)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED' || !token) throw error
    if ((await refreshAccessToken(token)) !== 'renewed') throw error
    return post(upload, accessToken())
  }
}

/** Whether the server still has it: what nobody sends is gone after a day. Without an answer it may be there. */
export async function hasUpload({ thumbnailUrl }: UploadedPicture): Promise<boolean> {
  const answer = await fetch(thumbnailUrl, { method: 'HEAD' }).catch(() => undefined)
  return answer?.status !== 404
}

// XMLHttpRequest, since fetch tells nothing of how far an upload is.
function post({ accountId, conversationId, file, onProgress, signal }: PictureUpload, token: string | undefined) {
  const form = new FormData()
  form.set('accountId', accountId)
  form.set('conversationId', conversationId)
  form.set('file', file)
  return new Promise<UploadedPicture>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/uploads')
    if (token) request.setRequestHeader('authorization', `Bearer ${token}`)
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total ? loaded / total : 0))
    request.addEventListener('load', () => {
      const [picture, error] = read(request)
      if (picture) resolve(picture)
      else reject(error)
    })
    const fail = () => reject(new ApiError('NETWORK', 'No connection'))
    for (const event of ['error', 'abort', 'timeout']) request.addEventListener(event, fail)
    signal.addEventListener('abort', () => request.abort())
    request.send(form)
  })
}

/** A proxy answers with pages of its own. */
function read({ status, responseText }: XMLHttpRequest): [UploadedPicture | undefined, ApiError] {
  let answer: Answer = {}
  try {
    answer = JSON.parse(responseText) as Answer
  } catch {
    answer = {}
  }
  const { code, message, details } = answer.error ?? {}
  const unnamed = status >= 502 || status === 408 ? 'NETWORK' : 'INTERNAL'
  return [answer.attachments?.[0], new ApiError(code ?? unnamed, message ?? `The server answered ${status}`, details)]
}
