import type { SimClock } from './clock.ts'

/** What a provider's side is given when it is mounted. */
export interface ProviderHost {
  clock: SimClock
  seed: number
  /** What `save` gave before. */
  saved: unknown
  baseUrl(): string
}
