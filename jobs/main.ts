import type { Deps } from '../server/deps.ts'
import { settled } from '../server/kit/settled.ts'
import { startSchedules } from './schedules.ts'
import { startWorkers } from './worker.ts'

/** Of the 10 s that a stop may take; what it leaves is for pools and services. */
export const GRACE_MS = 7_000

/** Starts workers and schedules; answers how to stop them: what is in hand is finished within `graceMs`, or handed back. */
export function startJobs(deps: Deps): { close: (graceMs?: number) => Promise<void> } {
  const workers = startWorkers(deps, deps.producer.prefix)
  const schedules = startSchedules(deps)
  return {
    close: async (graceMs = GRACE_MS) => {
      // A round of schedules may hang in a statement for longer than that; Postgres takes its lock back.
      await Promise.all([settled(schedules.close(), graceMs), workers.close(graceMs)])
    },
  }
}
