import { AppError } from '../kit/errors.ts'
import type { AccessChange } from './access.ts'
import type { Room } from './room.ts'
import type { Subscriber } from './subscriber.ts'
import { CLOSE, type FindViewer, type Viewer } from './types.ts'

const AT_ONCE = 25

/** Keeps what each subscriber may see in step with the database (I11). */
export class Members {
  readonly #findViewer: FindViewer

  constructor(findViewer: FindViewer) {
    this.#findViewer = findViewer
  }

  /** The member as of now; undefined for whoever has no business in the account. */
  async find(accountId: string, userId: string): Promise<Viewer | undefined> {
    try {
      return await this.#findViewer(accountId, userId)
    } catch (error) {
      if (error instanceof AppError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN')) return undefined
      throw error
    }
  }

  /** Reads anew everyone in the room whom the changes concern, and tells those who now see something else. */
  async reload(room: Room, changes: readonly AccessChange[]): Promise<void> {
    const present = room.userIds
    const everybody = changes.some((change) => change.kind === 'account' || change.userId === null)
    const concerned = everybody ? present : new Set(changes.map((change) => change.userId ?? ''))
    const userIds = [...concerned].filter((userId) => present.has(userId))
    for (let start = 0; start < userIds.length; start += AT_ONCE)
      await Promise.all(
        userIds.slice(start, start + AT_ONCE).map(async (userId) => {
          this.apply(room, userId, await this.find(room.accountId, userId))
        }),
      )
  }

  /** From here on the user's subscribers in the room see what `viewer` sees; undefined sees nothing and is shown out. */
  apply(room: Room, userId: string, viewer: Viewer | undefined): void {
    const own = [...room.subscribers].filter((subscriber) => subscriber.viewer.userId === userId)
    if (!viewer) return void showOut(room, own, REMOVED)
    const ofOtherRole = own.filter((subscriber) => subscriber.viewer.role !== viewer.role)
    for (const subscriber of own) {
      const unchanged = sameSight(subscriber.viewer, viewer)
      subscriber.viewer = viewer
      if (!unchanged && !ofOtherRole.includes(subscriber)) room.follower.notify(subscriber, { type: 'access.changed' })
    }
    if (ofOtherRole.length) void showOut(room, ofOtherRole, OTHER_ROLE)
  }
}

interface Farewell {
  notice: { type: 'access.changed'; data?: { removed: true } }
  code: number
  reason: string
}

const REMOVED: Farewell = {
  notice: { type: 'access.changed', data: { removed: true } },
  code: CLOSE.refused,
  reason: 'No longer a member',
}
/** A session begun in one role does not go on in another: the client signs in anew and resumes with its cursor. */
const OTHER_ROLE: Farewell = { notice: { type: 'access.changed' }, code: CLOSE.sessionEnded, reason: 'Role changed' }

/** They see nothing from this moment; their last frames say so. */
async function showOut(room: Room, subscribers: readonly Subscriber[], { notice, code, reason }: Farewell) {
  for (const subscriber of subscribers) room.follower.stop(subscriber)
  await Promise.allSettled(subscribers.map((subscriber) => room.follower.say(subscriber, notice)))
  for (const subscriber of subscribers) subscriber.complete()
  for (const { connection } of subscribers) connection.close(code, reason)
}

function sameSight(a: Viewer, b: Viewer): boolean {
  if (a.role !== b.role || a.inboxIds.size !== b.inboxIds.size) return false
  for (const inboxId of a.inboxIds) if (!b.inboxIds.has(inboxId)) return false
  return true
}
