import { hash, verify } from '@node-rs/argon2'
import { AppError } from '../../kit/errors.ts'

/** argon2id is the library's default; 19 MiB, two passes, one lane (OWASP). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Of a random text that nobody knows: looking up somebody unknown takes as long as anybody else. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$GX0PCTQkCIUiv1UuxBl6dA$GnTgUYKfFWp+TwoE82SnACRW2kzAbhiPOburhobQRU4'

const MAX_RUNNING = 2
const MAX_WAITING = 200

let running = 0
const waiting: (() => void)[] = []

/** Each hash takes 19 MiB and a thread: log-ins queue, and are turned away when the queue is long. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_RUNNING) {
    if (waiting.length >= MAX_WAITING) {
      throw new AppError('RATE_LIMITED', 'Too many log-ins at once; try again in a moment', { retryAfterMs: 2_000 })
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running += 1
  }
  try {
    return await work()
  } finally {
    // The place passes on to whoever waits, so that nobody slips in between.
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

// The same password typed on another keyboard may arrive in another composition.
const normal = (password: string): string => password.normalize('NFKC')

/** argon2id in the PHC text form. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(normal(password), COST))

/** Whether it is this user's password. Without a hash (an unknown user) it takes as long and is false. */
export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const right = await inTurn(() => verify(passwordHash ?? NOBODY, normal(password)))
  return right && passwordHash !== undefined
}
