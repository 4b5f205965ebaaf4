import type { SimClock } from '../clock.ts'
import type { Lanes } from '../lanes.ts'
import type { Prng } from '../prng.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Ids } from './ids.ts'
import type { Knobs } from './knobs.ts'
import type { RespondIoLedger } from './ledger.ts'
import type { RouteLimiter } from './limiter.ts'
import type { Outbox } from './outbox.ts'
import type { Tie } from './tie.ts'
import type { World } from './world.ts'

export interface RespondIoOptions {
  knobs?: Partial<Knobs>
  /** What the limits go by, in ms; default: the machine's. */
  limiterNow?: () => number
}

export interface RespondIoContext {
  options: RespondIoOptions
  clock: SimClock
  /** Draws for ids and for everything else are apart, so that timing does not change ids. */
  ids: Ids
  jitter: Prng
  knobs: Knobs
  scheduler: Scheduler
  world: World
  ledger: RespondIoLedger
  outbox: Outbox
  limiter: RouteLimiter
  /** What goes out to one contact goes out in order. */
  lanes: Lanes
  /** To TikTok's side of this stand-in. */
  tie: Tie
  baseUrl(): string
}
