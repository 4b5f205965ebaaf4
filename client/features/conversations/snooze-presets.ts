const HOUR_MS = 3_600_000
const MORNING = 9

export interface SnoozePreset {
  name: 'hour' | 'threeHours' | 'tomorrow' | 'nextWeek'
  at: number
}

/** In the agent's own time zone: an hour, three hours, tomorrow at nine, next Monday at nine. */
export function snoozePresets(now: Date): SnoozePreset[] {
  const untilMonday = (8 - now.getDay()) % 7 || 7
  return [
    { name: 'hour', at: now.getTime() + HOUR_MS },
    { name: 'threeHours', at: now.getTime() + 3 * HOUR_MS },
    { name: 'tomorrow', at: morning(now, 1) },
    { name: 'nextWeek', at: morning(now, untilMonday) },
  ]
}

function morning(now: Date, days: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING).getTime()
}
