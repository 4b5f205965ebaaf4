/** A refusal with respond.io's envelope: `code` is the HTTP status (§2.1). */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Where the reference knows a text it stands there; the rest is plain wording. */
export const ERROR_TEXT: Record<number, string> = {
  400: 'Validation error',
  401: 'UN_AUTHORIZED',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  429: 'Too many requests',
  449: 'Retry With',
  500: 'Internal server error',
  503: 'Service unavailable',
}

export const refuse = (status: number, message = ERROR_TEXT[status] ?? 'Error'): ApiError =>
  new ApiError(status, message)

/** What CloudFront answers when no bearer reaches the API (§1). */
export const REQUEST_BLOCKED =
  '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>' +
  '<BODY><H1>403 ERROR</H1>Request blocked.</BODY></HTML>\n'

/** What something on the way answers that knows no such address. */
export const NO_SUCH_PAGE = '<html><head><title>404 Not Found</title></head><body>404 Not Found</body></html>\n'
