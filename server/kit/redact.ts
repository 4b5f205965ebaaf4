const REDACTED = '[redacted]'

const hiddenKeys = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'credentials',
  'jwt',
  'apikey',
  'encryptionkeys',
  'databaseurl',
  'redisurl',
  'smtpurl',
  'content',
  'text',
  'html',
  'body',
  'raw',
  'rawbody',
  'payload',
  'params',
  'parameters',
  'variables',
])
const hiddenEndings = /(token|secret|password|passwordhash|ciphertext)$/

function isHidden(key: string) {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '')
  return hiddenKeys.has(plain) || hiddenEndings.test(plain)
}

const secretQuery =
  /([?&#;](?:code|auth_code|state|token|secret|access_token|refresh_token|client_secret|app_secret|verify_token|password)=)[^&#\s"']*/gi
const webhookToken = /(\/webhooks\/[\w-]+\/)[^/?#\s"']+/gi
const pictureAddress = /(\/pictures\/)[^?#\s"']+/gi
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)[^/@\s"']+@/gi
const bearer = /(\bBearer\s+)[\w.~+/=-]{8,}/gi

/** The same text with the secrets of URLs in it (query, webhook path, picture's address, user:password@) and bearer tokens taken out. */
export function redactText(value: string): string {
  return value
    .replace(secretQuery, `$1${REDACTED}`)
    .replace(webhookToken, `$1${REDACTED}`)
    .replace(pictureAddress, `$1${REDACTED}`)
    .replace(userInfo, `$1${REDACTED}@`)
    .replace(bearer, `$1${REDACTED}`)
}

const MAX_DEPTH = 6

/** A copy fit for a log: secrets, credentials and message texts replaced by their key's name, at any depth. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (value instanceof Error) return describeError(value)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  const entries = Object.entries(value).map(([key, inner]) => {
    const hidden = isHidden(key) && inner !== undefined && inner !== null && typeof inner !== 'boolean'
    return [key, hidden ? REDACTED : redact(inner, depth + 1)]
  })
  return Object.fromEntries(entries)
}

/** What a log may say of an error. A list of what is allowed, since database errors carry the values of rows. */
export function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: redactText(String(error)) }
  const { code, statusCode, constraint_name, table_name, routine } = error as unknown as Record<string, unknown>
  const message = redactText(withoutParameters(error))
  const stack = error.stack?.slice(error.stack.indexOf('\n    at ') + 1)
  const described = { type: error.name, message, code, statusCode, constraint_name, table_name, routine, stack }
  if (error.cause === undefined || depth >= 4) return described
  return { ...described, cause: describeError(error.cause, depth + 1) }
}

// Drizzle puts the parameters of the failed query, message texts among them, into its message.
function withoutParameters(error: Error) {
  const cut = error.message.search(/\n?params: /)
  return error.message.startsWith('Failed query:') && cut > 0 ? error.message.slice(0, cut) : error.message
}
