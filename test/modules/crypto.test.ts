import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveKey, Vault, type CipherPlace } from '../../server/kit/crypto.ts'
import {
  CURSOR_ID,
  CURSOR_NUMBER,
  CURSOR_TIME,
  decodeCursor,
  encodeCursor,
  pageSize,
} from '../../server/kit/pagination.ts'
import { storable, storableJson } from '../../server/kit/text.ts'

const key = (kid: string) => ({ kid, key: randomBytes(32) })
const place: CipherPlace = { accountId: 'a', table: 'inboxes', rowId: 'r', column: 'credentials' }
const anyText = fc.string({ unit: 'binary', maxLength: 400 })

describe('the vault (I14)', () => {
  const first = key('k1')
  const vault = new Vault([first])

  it('opens what it sealed, whatever the text, and never seals the same way twice', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const well = text.toWellFormed()
        const sealed = vault.seal(well, place)
        expect(vault.open(sealed, place)).toBe(well)
        expect(vault.seal(well, place)).not.toBe(sealed)
        if (well.length > 8) expect(sealed).not.toContain(well)
      }),
    )
  })

  it('does not open a text that was moved to another account, table, row or column', () => {
    const sealed = vault.seal('secret', place)
    for (const name of ['accountId', 'table', 'rowId', 'column'] as const) {
      expect(() => vault.open(sealed, { ...place, [name]: 'other' }), name).toThrow()
    }
  })

  it('does not open a text of which any part was changed, cut or swapped with another’s', () => {
    const parts = vault.seal('secret', place).split('.')
    const others = vault.seal('other!', place).split('.')
    for (let part = 0; part < parts.length; part++) {
      const changed = [...parts]
      const text = parts[part] ?? ''
      for (const value of [
        `${text.slice(0, -2)}${text.endsWith('AA') ? 'BB' : 'AA'}`,
        text.slice(1),
        '',
        others[part] ?? '',
      ]) {
        changed[part] = value
        if (value !== text) expect(() => vault.open(changed.join('.'), place), `part ${part}`).toThrow()
      }
    }
    for (const nonsense of ['', 'x', 'v1', 'v1.k1', 'v1.k1..', 'v2.k1.a.b.c', parts.slice(0, -1).join('.')]) {
      expect(() => vault.open(nonsense, place), nonsense).toThrow()
    }
  })

  it('does not take a shortened tag for a whole one', () => {
    const [version, kid, nonce, text, tag = ''] = vault.seal('secret', place).split('.')
    const short = Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url')
    expect(() => vault.open([version, kid, nonce, text, short].join('.'), place)).toThrow()
  })

  it('opens nothing with another key of the same name, and names a missing one', () => {
    const sealed = vault.seal('secret', place)
    expect(() => new Vault([key('k1')]).open(sealed, place)).toThrow()
    expect(() => new Vault([key('k2')]).open(sealed, place)).toThrow(/k1/)
    expect(() => new Vault([])).toThrow()
  })

  it('rotates: new texts get the first key, old ones still open, and it can tell them apart', () => {
    const old = vault.seal('secret', place)
    const rotated = new Vault([key('k2'), first])
    expect(rotated.open(old, place)).toBe('secret')
    expect(rotated.isCurrent(old)).toBe(false)
    const fresh = rotated.seal(rotated.open(old, place), place)
    expect(rotated.isCurrent(fresh)).toBe(true)
    expect(fresh.split('.')[1]).toBe('k2')
    expect(() => vault.open(fresh, place)).toThrow()
  })

  it('says nothing of the secret when it fails', () => {
    const sealed = vault.seal('a very secret token', place)
    try {
      vault.open(sealed, { ...place, rowId: 'other' })
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('secret token')
    }
  })

  it('derives a key of its own for each use', () => {
    const keys = ['access', 'oauth-state', 'access '].map((use) => deriveKey('the one secret', use).toString('hex'))
    expect(new Set(keys).size).toBe(3)
    expect(deriveKey('the one secret', 'access').toString('hex')).toBe(keys[0])
    expect(deriveKey('another secret', 'access').toString('hex')).not.toBe(keys[0])
  })
})

describe('cursors (I17)', () => {
  const id = '01a202df-c504-779c-9b5d-24908abb0538'

  it('lead back to what they were made of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999_999 }), fc.uuid(), (time, uuid) => {
        expect(decodeCursor(encodeCursor([time, uuid]), [CURSOR_TIME, CURSOR_ID])).toEqual([String(time), uuid])
      }),
    )
  })

  it('that we did not make are INVALID, whatever they are', () => {
    const invalid = { code: 'INVALID', details: { field: 'cursor' } }
    fc.assert(
      fc.property(anyText, (text) => {
        expect(() => decodeCursor(text, [CURSOR_TIME, CURSOR_ID])).toThrow(expect.objectContaining(invalid))
      }),
    )
    fc.assert(
      fc.property(fc.json(), (text) => {
        const cursor = Buffer.from(text).toString('base64url')
        expect(() => decodeCursor(cursor, [CURSOR_TIME, CURSOR_ID])).toThrow(expect.objectContaining(invalid))
      }),
    )
    for (const parts of [
      [1],
      [1, id, 1],
      [1, 2],
      [id, 1],
      ['1e5', id],
      [-1, id],
      ['1\n', id],
      [1, `${id}\n`],
      [1e15, id],
    ]) {
      expect(() => decodeCursor(encodeCursor(parts), [CURSOR_TIME, CURSOR_ID]), JSON.stringify(parts)).toThrow()
    }
    expect(() => decodeCursor(encodeCursor(['1234567890123456789']), [CURSOR_NUMBER])).toThrow()
  })

  it('every time in one is a time for Postgres', () => {
    expect(new Date(99_999_999_999_999).toISOString()).toMatch(/^\d{4}-/)
  })

  it('pages hold 1 to 100 rows', () => {
    expect([pageSize(null, 25), pageSize(undefined, 20), pageSize(1, 25), pageSize(100, 25)]).toEqual([25, 20, 1, 100])
    for (const size of [0, -1, 101, 2 ** 31]) expect(() => pageSize(size, 25)).toThrow(/1 to 100/)
  })
})

describe('what Postgres can hold (I4)', () => {
  it('has neither NUL nor half a character, and keeps everything else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\0', '\ud83d', '\ude00', 'ก', '😀', 'e\u0301', ' '), maxLength: 50 }),
        (text) => {
          const held = storable(text)
          expect(held.includes('\0')).toBe(false)
          expect(held.isWellFormed()).toBe(true)
          expect(held).toHaveLength(text.length)
        },
      ),
    )
    expect(storable('ปกติ 👨‍👩‍👧')).toBe('ปกติ 👨‍👩‍👧')
  })

  it('also as JSON, in keys and values at any depth', () => {
    const value = { 'a\0': ['\ud800', { b: 'c\0', n: 1, t: true, z: null }] }
    expect(JSON.parse(storableJson(value))).toEqual({ 'a\ufffd': ['\ufffd', { b: 'c\ufffd', n: 1, t: true, z: null }] })
    expect(storableJson(undefined)).toBe('null')
  })
})
