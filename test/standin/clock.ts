/** Milliseconds since the epoch. */
export interface Clock {
  now(): number
}

export interface SimClock extends Clock {
  /** Moves this clock forward (or back) without waiting. */
  advance(ms: number): void
  /** How far this clock stands from the one below it, in ms. */
  offset(): number
  reset(): void
}

export function createSimClock(base: Clock = { now: Date.now }): SimClock {
  let offset = 0
  return {
    now: () => base.now() + offset,
    advance: (ms) => {
      offset += ms
    },
    offset: () => offset,
    reset: () => {
      offset = 0
    },
  }
}

export const toSeconds = (ms: number): number => Math.floor(ms / 1000)
