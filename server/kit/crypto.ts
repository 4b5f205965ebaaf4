import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface EncryptionKey {
  kid: string
  key: Buffer
}

/** Where a ciphertext belongs; one moved elsewhere does not open (I14). */
export interface CipherPlace {
  accountId: string
  table: string
  rowId: string
  column: string
}

const TAG_LENGTH = 16

const associatedData = (place: CipherPlace) =>
  Buffer.from(['v1', place.accountId, place.table, place.rowId, place.column].join('|'))

/** AES-256-GCM under the first key; opens what any of the keys sealed. Text form: v1.kid.nonce.ciphertext.tag */
export class Vault {
  readonly #keys: Map<string, Buffer>
  readonly #first: EncryptionKey

  constructor(keys: readonly EncryptionKey[]) {
    const [first] = keys
    if (!first) throw new Error('the vault needs a key')
    this.#first = first
    this.#keys = new Map(keys.map(({ kid, key }) => [kid, key]))
  }

  seal(plain: string, place: CipherPlace): string {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#first.key, nonce).setAAD(associatedData(place))
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
    const parts = [nonce, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))
    return ['v1', this.#first.kid, ...parts].join('.')
  }

  /** Throws when the key is missing, the text was changed, or it stands in another place than it was sealed for. */
  open(sealed: string, place: CipherPlace): string {
    const [version, kid = '', nonce = '', text = '', tag = ''] = sealed.split('.')
    const key = this.#keys.get(kid)
    if (version !== 'v1' || !key) throw new Error(`no key for ciphertext of key id ${kid || '?'}`)
    // Node takes tags of 4 bytes too, which can be guessed.
    const options = { authTagLength: TAG_LENGTH }
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), options)
    decipher.setAAD(associatedData(place)).setAuthTag(Buffer.from(tag, 'base64url'))
    return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8')
  }

  /** Whether `sealed` is under the first key, the one that new texts get. */
  isCurrent(sealed: string): boolean {
    return sealed.split('.')[1] === this.#first.kid
  }
}

/** A key of its own for each use of the one secret. */
export const deriveKey = (secret: string, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'parley', use, 32))
