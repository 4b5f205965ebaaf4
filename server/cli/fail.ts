import { AppError } from '../kit/errors.ts'
import { describeError } from '../kit/redact.ts'

/** The command was not called as it should be. */
export class UsageError extends Error {}

/** Says in words why a command ended: exit code 2 and how to call it for a UsageError, 1 for the rest. */
export function failWith(usage: string): (error: unknown) => void {
  return (error) => {
    const wrongUse = error instanceof UsageError
    const expected = wrongUse || error instanceof AppError
    console.error(expected ? error.message : unexpected(error))
    if (wrongUse) console.error(usage)
    process.exitCode = wrongUse ? 2 : 1
  }
}

/** The database's own words; what wraps them quotes the statement and its values. */
function unexpected(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  if (cause) return unexpected(cause)
  const { code, message } = describeError(error)
  return code === '42P01' ? 'The database is not migrated: run `npm run db:migrate` first' : String(message)
}
