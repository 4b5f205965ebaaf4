import type { Seen } from './figures.ts'

interface Page {
  items?: { id: number; messageId: number; traffic: string; message: { text?: string } }[]
}

export interface SeedLoopOptions {
  apiUrl: string
  token: string
  /** Hears what it shows. */
  show: (text: string) => void
}

const CONTACTS = 50
const MESSAGES = 10

/**
 * The loop that the seed's document describes: each second the first 50 contacts, of each of them the newest messages, and
 * of these whatever has a larger id than the last one. No pages, no rest after a 429.
 */
export class SeedLoop {
  readonly #options: SeedLoopOptions
  readonly #last = new Map<number, number>()

  constructor(options: SeedLoopOptions) {
    this.#options = options
  }

  /** One round: the moments, within its second, at which it makes its calls. */
  async round(move: (share: number) => void): Promise<void> {
    const filter = { search: '', timezone: 'Asia/Bangkok', filter: { $and: [] } }
    const contacts = (await this.#call(`/contact/list?limit=${CONTACTS}`, filter)).items ?? []
    for (const [place, { id }] of contacts.entries()) {
      move((place + 1) / (contacts.length + 1))
      const { items = [] } = await this.#call(`/contact/id:${id}/message/list?limit=${MESSAGES}`)
      this.#take(id, items.toReversed())
    }
  }

  #take(contact: number, items: NonNullable<Page['items']>): void {
    const last = this.#last.get(contact)
    for (const { messageId, message } of items) {
      if (last !== undefined && messageId > last && message.text !== undefined) this.#options.show(message.text)
    }
    this.#last.set(contact, Math.max(last ?? 0, ...items.map(({ messageId }) => messageId)))
  }

  async #call(path: string, body?: unknown): Promise<Page> {
    const { apiUrl, token } = this.#options
    const response = await fetch(apiUrl + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Page
  }
}

/** Counts what is shown. */
export const showIn =
  (seen: Map<string, Seen>, now: () => number): SeedLoopOptions['show'] =>
  (text) => {
    const one = seen.get(text)
    if (!one) return
    if (one.times++ === 0) one.at = now()
  }
