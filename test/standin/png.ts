import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

const CELLS = 5
const CELL = 16
const MARGIN = 8
const SIZE = CELLS * CELL + MARGIN * 2

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A small symmetric pattern (PNG, 96 × 96, two colours) that is always the same for the same seed. */
export function identicon(seed: string): Buffer {
  const hash = createHash('sha256').update(seed).digest()
  const at = (index: number): number => hash[index % hash.length] ?? 0
  const filled = (x: number, y: number): boolean => {
    const column = Math.floor((x - MARGIN) / CELL)
    const row = Math.floor((y - MARGIN) / CELL)
    if (x < MARGIN || y < MARGIN || column >= CELLS || row >= CELLS) return false
    return at(3 + Math.min(column, CELLS - 1 - column) * CELLS + row) % 2 === 0
  }
  const rows = Buffer.alloc(SIZE * (SIZE + 1))
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) rows[y * (SIZE + 1) + 1 + x] = filled(x, y) ? 1 : 0
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIZE, 0)
  header.writeUInt32BE(SIZE, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const palette = Buffer.from([238, 240, 243, 70 + (at(0) % 120), 70 + (at(1) % 120), 70 + (at(2) % 120)])
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
