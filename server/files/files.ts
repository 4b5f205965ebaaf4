import type { Readable } from 'node:stream'

/** Where the bytes of attachments lie. A key is `<account id>/<name>`, of letters, digits, `-` and `_`. */
export interface Files {
  /** Whole or not at all; the same key again replaces it. */
  put(key: string, bytes: Buffer, mime: string): Promise<void>
  /** Undefined: there is none. */
  open(key: string): Promise<OpenFile | undefined>
  /** Nothing happens when there is none. */
  remove(key: string): Promise<void>
}

export interface OpenFile {
  stream: Readable
  bytes: number
}

const KEY = /^[\w-]{1,64}\/[\w-]{1,128}$/

/** Throws for anything that is no key: it could name a place that is not ours. */
export function checkKey(key: string): string {
  if (!KEY.test(key)) throw new Error('not the key of a file')
  return key
}
