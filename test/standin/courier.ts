import type { z } from 'zod'
import { httpPost } from './http-post.ts'
import type { deliveryShape } from './knob-kinds.ts'
import { createLanes } from './lanes.ts'
import type { AttemptEntry } from './ledger.ts'
import type { Prng } from './prng.ts'
import type { Scheduler } from './scheduler.ts'

type Knobs = { [K in keyof typeof deliveryShape]: z.output<(typeof deliveryShape)[K]> }

export interface Parcel {
  webhookId: number
  url: string
  rawBody: string
  /** First attempts with the same one go out one after the other, unless reorderWebhooks says otherwise. */
  lane: string
  /** Asked before each attempt, so that retries may be signed anew. */
  headers(): { signature: string; headers: Record<string, string> }
  accepted(status: number): boolean
  /** Told after every attempt; false: no further one. */
  onAttempt?(delivered: boolean): boolean
}

export interface Courier {
  nextWebhookId(): number
  /** Whether the knobs have this webhook lost on its way. */
  loses(): boolean
  /** Resolves when the first attempt is over. `repeat` gives the copy of a webhook that comes twice. */
  deliver(parcel: Parcel, repeat: () => number): Promise<void>
  pause(): void
  resume(): void
  paused(): boolean
  clear(): void
}

interface Stage {
  knobs: Knobs
  ledger: { append(entry: Omit<AttemptEntry, 'seq' | 'at'>): void }
  scheduler: Scheduler
  jitter: Prng
}

/** What was handed over before a reset is neither delivered nor written down any more. */
type Delivery = Parcel & { generation: number }

const DUPLICATE_WITHIN_MS = 150

/** Stops what comes through it while it is closed. */
function createGate() {
  let closed: { opened: Promise<void>; open: () => void } | null = null
  return {
    closed: () => closed !== null,
    passage: async (): Promise<void> => {
      while (closed) await closed.opened
    },
    close: () => {
      if (closed) return
      let open = (): void => {}
      const opened = new Promise<void>((resolve) => (open = resolve))
      closed = { opened, open }
    },
    open: () => {
      closed?.open()
      closed = null
    },
  }
}

/** Brings webhooks to their receivers: in turn, out of turn, twice, late, again after a failure. */
export function createCourier({ knobs, ledger, scheduler, jitter }: Stage): Courier {
  const lanes = createLanes()
  const gate = createGate()
  let nextId = 1
  let generation = 0

  const attempt = async (delivery: Delivery, number: number): Promise<void> => {
    await gate.passage()
    if (delivery.generation !== generation) return
    const { signature, headers } = delivery.headers()
    const started = performance.now()
    const all = { 'Content-Type': 'application/json', ...headers }
    const answer = await httpPost(delivery.url, delivery.rawBody, all, knobs.webhookTimeoutMs)
    if (delivery.generation !== generation) return
    const wait = knobs.retryScheduleMs[number - 1]
    const delivered = answer.status !== null && delivery.accepted(answer.status)
    const goesOn = (delivery.onAttempt?.(delivered) ?? true) && !delivered && wait !== undefined
    ledger.append({
      kind: 'attempt',
      webhookId: delivery.webhookId,
      attempt: number,
      url: delivery.url,
      signature,
      status: answer.status,
      ...(answer.error !== undefined && { error: answer.error }),
      durationMs: Math.round(performance.now() - started),
      result: delivered ? 'delivered' : goesOn ? 'retry' : 'given_up',
    })
    if (goesOn) scheduler.after(wait, () => attempt(delivery, number + 1))
  }

  const inTurn = (delivery: Delivery): Promise<void> =>
    lanes.run(
      delivery.lane,
      () => scheduler.sleep(knobs.webhookDelayMs),
      () => attempt(delivery, 1),
    )

  const outOfTurn = async (delivery: Delivery, withinMs: number): Promise<void> => {
    if (await scheduler.sleep(jitter.int(1, Math.max(1, withinMs)))) await attempt(delivery, 1)
  }

  return {
    nextWebhookId: () => nextId++,
    loses: () => {
      if (knobs.dropNextWebhooks === 0) return jitter.chance(knobs.dropWebhooks)
      knobs.dropNextWebhooks--
      return true
    },
    deliver: (parcel, repeat) => {
      const delivery = { ...parcel, generation }
      const outside = jitter.chance(knobs.reorderWebhooks)
      const first = outside ? outOfTurn(delivery, knobs.reorderDelayMs) : inTurn(delivery)
      scheduler.track(first)
      if (jitter.chance(knobs.duplicateWebhooks))
        scheduler.track(outOfTurn({ ...delivery, webhookId: repeat() }, DUPLICATE_WITHIN_MS))
      return first
    },
    pause: gate.close,
    resume: gate.open,
    paused: gate.closed,
    clear: () => {
      generation++
      lanes.clear()
      gate.open()
    },
  }
}
