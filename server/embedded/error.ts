/** Something about this machine that its user can mend; the message is one line and says how. */
export class EmbeddedError extends Error {
  readonly expected = true
}
