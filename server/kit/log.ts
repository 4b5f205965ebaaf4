import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import { describeError, redact, redactText } from './redact.ts'

export type { Logger } from 'pino'

interface LoggedRequest {
  method?: string
  url?: string
  ip?: string
}

/** method, address without secrets, and client address of a request. */
const serializeRequest = (request: LoggedRequest) => ({
  method: request.method,
  url: request.url && redactText(request.url),
  ip: request.ip,
})

const serializers = {
  req: serializeRequest,
  res: (reply: { statusCode?: number }) => ({ statusCode: reply.statusCode }),
  err: (error: unknown) => describeError(error),
  error: (error: unknown) => describeError(error),
}

// req, res and errors are class instances that their serializers shorten; everything else is walked here.
function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([key, value]) => [
    key,
    key in serializers ? value : (redact({ [key]: value }) as Record<string, unknown>)[key],
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}

// pino drops the bindings formatter for child loggers, so their fields are redacted by name.
const bindingPaths = [
  'token',
  'accessToken',
  'refreshToken',
  'inboxToken',
  'secret',
  'password',
  'authorization',
].concat(['cookie', 'credentials', 'content', 'text', 'body', 'payload', 'headers.authorization', 'headers.cookie'])

function withSafeTexts(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg))
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err
  // Without a text of its own pino takes the error's message, which may carry the values of a row.
  return error instanceof Error && rest.length === 0 ? [first, describeError(error).message] : [first, ...rest]
}

/**
 * Structured logs on standard output: JSON, or one readable line each in development. Tokens, secrets, passwords,
 * credentials and message texts are replaced wherever they appear as a field, and secrets inside URLs everywhere.
 */
export function createLogger(
  config: { nodeEnv: string; logLevel: string },
  destination: DestinationStream = config.nodeEnv === 'development' ? readableLines : pino.destination(1),
): Logger {
  return pino(
    {
      level: config.logLevel,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      redact: { paths: bindingPaths, censor: '[redacted]' },
      hooks: {
        logMethod(args, method) {
          method.apply(this, withSafeTexts(args) as typeof args)
        },
      },
    },
    destination,
  )
}

const readableLines: DestinationStream = {
  write(line) {
    process.stdout.write(readable(line))
  },
}

function readable(line: string) {
  const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>
  const stack = (err as { message?: string; stack?: string } | undefined) ?? {}
  const fields = Object.keys(rest).length ? ` ${JSON.stringify(rest)}` : ''
  const trace = err ? `\n${stack.message}\n${stack.stack ?? ''}` : ''
  const clock = String(time).slice(11, 23)
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${String(msg ?? '')}${fields}${trace}\n`
}
