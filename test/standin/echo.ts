import type { z } from 'zod'
import type { echoShape } from './knob-kinds.ts'
import type { Prng } from './prng.ts'
import type { Scheduler } from './scheduler.ts'

export interface Echo {
  /** The answer waits for this. */
  beforeReply?: Promise<unknown>
  /** Runs once the answer is out, or its connection gone. */
  afterReply?: () => void
}

interface Stage {
  knobs: { [K in keyof typeof echoShape]: z.output<(typeof echoShape)[K]> }
  jitter: Prng
  scheduler: Scheduler
}

const LONGEST_WAIT_MS = 2000

/** When the webhook of an API send is published: before its answer or after it, as the knob has it. */
export function echoAround({ knobs, jitter, scheduler }: Stage, publish: () => Promise<void>): Echo {
  const later = (delayMs: number): Echo => {
    const release = scheduler.hold()
    return {
      afterReply: () => {
        scheduler.after(delayMs, publish)
        release()
      },
    }
  }
  // The answer waits for the echo's first attempt, but not for ever: the receiver may be the caller itself.
  const first = (): Echo => ({ beforeReply: Promise.race([publish(), scheduler.sleep(LONGEST_WAIT_MS)]) })

  switch (knobs.echo) {
    case 'never':
      return {}
    case 'before':
      return first()
    case 'late':
      return later(knobs.lateEchoDelayMs)
    case 'after':
      return later(knobs.echoDelayMs)
    case 'random': {
      const delayMs = jitter.int(-200, 2000)
      return delayMs < 0 ? first() : later(delayMs)
    }
  }
}
