import type { ThreadMessage } from '../api/types.ts'

type Rows = ReadonlyMap<string, ThreadMessage>

/** What waits to be sent comes after everything that was said; bubbles that the server does not know come last. */
const rankOf = ({ local, status }: ThreadMessage): number => (local ? 2 : status === 'QUEUED' ? 1 : 0)

/** The provider's time, ties by arrival (our ids grow with it). */
export function compareMessages(a: ThreadMessage, b: ThreadMessage): number {
  const ranks = rankOf(a) - rankOf(b)
  if (ranks) return ranks
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  if (a.local) return 0
  return a.id < b.id ? -1 : Number(a.id > b.id)
}

const DELIVERY: readonly (string | null)[] = ['QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'READ']

/** What the provider once accepted or saw read stays so (I7); a copy that says less is an older one. */
export function goesBack(known: ThreadMessage, copy: ThreadMessage): boolean {
  const [before, after] = [DELIVERY.indexOf(known.status), DELIVERY.indexOf(copy.status)]
  return before >= DELIVERY.indexOf('SENT') && after >= 0 && after < before
}

/** A message's place from the end: live ones nearly always come last. */
export function insertMessage(ids: string[], message: ThreadMessage, rows: Rows): void {
  let place = ids.length
  while (place > 0) {
    const before = rows.get(ids[place - 1]!)
    if (before && compareMessages(before, message) <= 0) break
    place -= 1
  }
  ids.splice(place, 0, message.id)
}

/** Joins a page to what is loaded, without doubles; a page keeps the server's order among its own messages. */
export function mergeIds(known: readonly string[], page: readonly string[], rows: Rows): string[] {
  const inPage = new Set(page)
  const merged = [...page]
  for (const id of known) {
    const message = rows.get(id)
    if (message && !inPage.has(id)) insertMessage(merged, message, rows)
  }
  return merged
}
