const text = (bytes: Buffer, from: number): { value: string; next: number } => {
  const end = bytes.indexOf(0, from)
  return { value: bytes.toString('utf8', from, end), next: end + 1 }
}

/**
 * Reads a client's side of the Postgres protocol: which statement each message runs, also when it was prepared long
 * before and is only named.
 */
export class Frontend {
  /** Of the transaction that is open. */
  statements: string[] = []
  readonly #prepared = new Map<string, string>()
  #rest: Buffer = Buffer.alloc(0)
  #started = false

  /** The statements that these bytes run, in order. */
  read(chunk: Buffer): string[] {
    const found: string[] = []
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      // The first message of all has no letter in front.
      const head = this.#started ? 1 : 0
      if (this.#rest.length < head + 4) return found
      const length = this.#rest.readInt32BE(head)
      if (this.#rest.length < head + length) return found
      const kind = head ? String.fromCharCode(this.#rest[0] ?? 0) : ''
      const body = this.#rest.subarray(head + 4, head + length)
      this.#rest = this.#rest.subarray(head + length)
      this.#started = true
      const sql = this.#statement(kind, body)
      if (sql === undefined) continue
      if (/^\s*begin\b/i.test(sql)) this.statements = []
      this.statements.push(sql)
      found.push(sql)
    }
  }

  #statement(kind: string, body: Buffer): string | undefined {
    if (kind === 'Q') return text(body, 0).value
    if (kind === 'P') {
      const name = text(body, 0)
      this.#prepared.set(name.value, text(body, name.next).value)
    }
    if (kind !== 'B') return undefined
    const portal = text(body, 0)
    return this.#prepared.get(text(body, portal.next).value)
  }
}
