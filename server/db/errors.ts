/** Whether a statement failed on the constraint or unique index of that name; Drizzle wraps what Postgres said. */
export function violates(error: unknown, constraint: string): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error
  return (cause as { constraint_name?: string } | undefined)?.constraint_name === constraint
}
