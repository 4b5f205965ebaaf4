const TIMEOUT_MS = 15_000
const FIRST_MS = 10
/** Probes cost what is waited for its time: the longer it takes, the fewer they get. */
const LONGEST_MS = 80

/** Waits until `probe` answers something truthy, and answers that. Fails with `what` in words. */
export async function until<Value>(
  probe: () => Promise<Value | undefined | false | null> | Value | undefined | false | null,
  what: string,
  timeoutMs = TIMEOUT_MS,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs
  let lastError: unknown
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 1.3, LONGEST_MS)) {
    try {
      const value = await probe()
      if (value) return value
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`, { cause: lastError })
    await new Promise((done) => setTimeout(done, pause))
  }
}

/** Makes sure that `probe` stays falsy for `ms`. */
export async function never(probe: () => Promise<unknown> | unknown, what: string, ms = 600): Promise<void> {
  const deadline = Date.now() + ms
  while (Date.now() < deadline) {
    if (await probe()) throw new Error(`it happened: ${what}`)
    await new Promise((done) => setTimeout(done, 25))
  }
}
