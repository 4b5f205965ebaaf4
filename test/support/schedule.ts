import { schedules } from '../../jobs/schedules.ts'
import type { Deps } from '../../server/deps.ts'

/** What the clock would do once `name` is due, done now: it tells the queue, whose workers do the rest. */
export async function runSchedule(deps: Deps, name: string, now = deps.clock.now()): Promise<void> {
  const schedule = schedules.find((candidate) => candidate.name === name)
  if (!schedule) throw new Error(`there is no schedule ${name}`)
  await schedule.run(deps, now)
}
