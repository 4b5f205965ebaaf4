export interface Prng {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [min, max]. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  bytes(length: number): Buffer
}

/** sfc32: small, fast, 128 bits of state, so that ids drawn from it do not collide. */
export function createPrng(seed: number, stream = 0): Prng {
  let a = 0x9e3779b9 ^ seed
  let b = 0x243f6a88 ^ stream
  let c = 0xb7e15162
  let d = 1

  const uint32 = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return t >>> 0
  }
  for (let i = 0; i < 15; i++) uint32()

  const next = (): number => uint32() / 4294967296
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => probability > 0 && next() < probability,
    bytes: (length) => {
      const out = Buffer.alloc(Math.ceil(length / 4) * 4)
      for (let i = 0; i < out.length; i += 4) out.writeUInt32LE(uint32(), i)
      return out.subarray(0, length)
    },
  }
}
