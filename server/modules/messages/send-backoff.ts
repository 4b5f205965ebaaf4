const BACKOFF_MS = [1_000, 4_000, 15_000, 60_000]

/**
 * How long to wait after that many attempts of a send that provably were none, with some chance in it; no less than the
 * provider asks for. Undefined: enough of them were made.
 */
export function sendBackoff(attempts: number, atLeastMs = 0): number | undefined {
  const ms = BACKOFF_MS[attempts - 1]
  return ms === undefined ? undefined : Math.max(ms * (0.8 + Math.random() * 0.4), atLeastMs)
}
