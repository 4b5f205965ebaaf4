export interface Scheduler {
  /** Runs `fn` after `ms` of real time; counts as pending until it has finished. */
  after(ms: number, fn: () => unknown): void
  /** Waits `ms` of real time; false when the scheduler was cleared meanwhile. */
  sleep(ms: number): Promise<boolean>
  /** Counts `work` as pending until it settles. */
  track(work: Promise<unknown>): void
  /** Counts as pending until the returned function is called. */
  hold(): () => void
  pending(): number
  /** Resolves once nothing is pending. */
  settled(): Promise<void>
  /** Forgets every timer. */
  clear(): void
}

const noop = (): void => {}

export function createScheduler(): Scheduler {
  let pending = 0
  let epoch = 0
  let waiters: (() => void)[] = []
  const sleepers = new Map<NodeJS.Timeout, (kept: boolean) => void>()

  const wake = (): void => {
    if (pending > 0) return
    const ready = waiters
    waiters = []
    for (const resolve of ready) resolve()
  }

  const hold = (): (() => void) => {
    const born = epoch
    let released = false
    pending++
    return () => {
      if (released || born !== epoch) return
      released = true
      pending--
      // One turn of the loop later: finished work may start more.
      setImmediate(wake)
    }
  }

  const sleep = (ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        sleepers.delete(timer)
        resolve(true)
      }, ms)
      sleepers.set(timer, resolve)
    })

  const track = (work: Promise<unknown>): void => {
    work.catch(noop).finally(hold())
  }

  return {
    sleep,
    track,
    hold,
    after: (ms, fn) => track(sleep(ms).then((kept) => (kept ? fn() : undefined))),
    pending: () => pending,
    settled: () =>
      new Promise((resolve) => {
        waiters.push(resolve)
        setImmediate(wake)
      }),
    clear: () => {
      epoch++
      pending = 0
      for (const [timer, resolve] of sleepers) {
        clearTimeout(timer)
        resolve(false)
      }
      sleepers.clear()
      wake()
    },
  }
}
