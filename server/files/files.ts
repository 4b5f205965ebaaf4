import type { Readable } from 'node:stream'

/** Where the bytes of attachments lie. A key is `<account id>/<name>`, of letters, digits, `-` and `_`. */
export interface Files {
  /** Whole or not at all; the same key again replaces it. */
  put(key: string, bytes: Buffer, mime: string): Promise<void>
  /** All of it, or a part that lies within it. Undefined: there is none. */
  open(key: string, range?: ByteRange): Promise<OpenFile | undefined>
  /** Nothing happens when there is none. */
  remove(key: string): Promise<void>
}

/** Places of bytes, from 0, both included. */
export interface ByteRange {
  first: number
  last: number
}

export interface OpenFile {
  stream: Readable
  /** How many bytes the stream has. */
  bytes: number
}

const KEY = /^[\w-]{1,64}\/[\w-]{1,128}$/

/** Throws for anything that is no key: it could name a place that is not ours. */
export function checkKey(key: string): string {
  if (!KEY.test(key)) throw new Error('not the key of a file')
  return key
}
