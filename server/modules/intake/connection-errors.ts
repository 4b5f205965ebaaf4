/**
 * Whether Postgres itself is away, restarting, full or torn between two transactions: nobody's poison, and as true of the
 * next row as of this one. A statement that was cut off (57014) is not among them: one row may be what makes it slow.
 */
export function isConnectionError(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error
  const code = (cause as { code?: string } | undefined)?.code ?? ''
  return /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|CONNECTION_|CONNECT_|08|57P0|53|40|25006)/.test(code)
}
