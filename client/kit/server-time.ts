let offset = 0

/** Learns from the Date header (whole seconds) how far this computer's clock is off; small differences are noise. */
export function observeServerTime(date: string | null): void {
  const server = date ? Date.parse(date) : Number.NaN
  if (Number.isNaN(server)) return
  const difference = server - Date.now()
  offset = Math.abs(difference) > 5_000 ? difference : 0
}

/** Milliseconds since the epoch by the server's clock: reply windows are the server's. */
export function serverNow(): number {
  return Date.now() + offset
}
