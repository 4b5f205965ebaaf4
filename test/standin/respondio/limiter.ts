export interface Ration {
  allowed: boolean
  remaining: number
}

/**
 * A fixed window per token, method and route (§2.2). In real time, whatever the clock says: a frozen clock would
 * otherwise lock a token out for good. A simulation gives it its own time.
 */
export class RouteLimiter {
  private readonly windows = new Map<string, { since: number; used: number }>()
  private readonly now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  take(key: string, limit: number, windowMs: number): Ration {
    const now = this.now()
    const known = this.windows.get(key)
    const window = known && now - known.since < windowMs ? known : { since: now, used: 0 }
    this.windows.set(key, window)
    if (window.used >= limit) return { allowed: false, remaining: 0 }
    window.used++
    return { allowed: true, remaining: Math.max(0, limit - window.used) }
  }

  reset(): void {
    this.windows.clear()
  }
}
