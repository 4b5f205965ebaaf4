import { randomBytes } from 'node:crypto'

/** Every way in which a request or a job can fail; the three edges (HTTP, GraphQL, jobs) read this one table. */
export const ERRORS = {
  UNAUTHENTICATED: { http: 401, job: 'fail' },
  FORBIDDEN: { http: 403, job: 'fail' },
  NOT_FOUND: { http: 404, job: 'fail' },
  INVALID: { http: 400, job: 'fail' },
  CONFLICT: { http: 409, job: 'fail' },
  RATE_LIMITED: { http: 429, job: 'delay' },
  WINDOW_CLOSED: { http: 422, job: 'fail' },
  CHANNEL_REJECTED: { http: 422, job: 'fail' },
  CHANNEL_UNAVAILABLE: { http: 503, job: 'retry' },
  CHANNEL_REAUTH: { http: 409, job: 'fail' },
  FEATURE_DISABLED: { http: 403, job: 'fail' },
  INTERNAL: { http: 500, job: 'retry' },
} as const satisfies Record<string, { http: number; job: 'fail' | 'delay' | 'retry' }>

export type ErrorCode = keyof typeof ERRORS

/**
 * The one error class. `message` is read by people and never holds a secret, a message's text or a provider's body;
 * `details` are plain facts for programs (field, retryAfterMs …).
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }

  get httpStatus(): number {
    return ERRORS[this.code].http
  }
}

export const notFound = (what: string) => new AppError('NOT_FOUND', `${what} not found`)

export const invalid = (field: string, message: string, reason?: string) =>
  new AppError('INVALID', message, { field, ...(reason && { reason }) })

/**
 * What may leave the server: an AppError as it is, anything else as INTERNAL without its text, with an id
 * (details.errorId) by which whoever reads the log finds it.
 */
export function publicError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const errorId = randomBytes(5).toString('hex')
  return new AppError('INTERNAL', 'Something went wrong', { errorId }, { cause: error })
}
