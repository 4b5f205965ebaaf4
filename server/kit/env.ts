import { z } from 'zod'

export interface EncryptionKey {
  kid: string
  key: Buffer
}

// Messages are fixed text on purpose: zod's own may quote the value, and the value may be a secret.

export const text = z.string()

export const portNumber = integer(0, 65_535, 'is not a port number (0 to 65535)')
export const proxyHops = integer(0, 10, 'is not a number of proxies (0 to 10)')
export const seconds = integer(0, 86_400, 'is not a whole number of seconds (0 to 86400)')

function integer(min: number, max: number, message: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
}

export const booleanText = z
  .string()
  .refine((value) => /^(true|false|1|0|yes|no|on|off)$/i.test(value), 'is neither true nor false')
  .transform((value) => /^(true|1|yes|on)$/i.test(value))

/** A URL in one of these protocols (with colon) that names a host. */
export function urlOf(protocols: string[]) {
  const form = protocols.map((protocol) => `${protocol}//…`).join(' or ')
  return z.string().refine(
    (value) => {
      const url = URL.canParse(value) ? new URL(value) : undefined
      return Boolean(url?.hostname) && protocols.includes(url?.protocol ?? '')
    },
    { message: `is not a URL of the form ${form}` },
  )
}

/** An http(s) address that paths can be appended to. */
export const httpUrl = urlOf(['http:', 'https:']).refine((value) => !/[?#]/.test(value), {
  message: 'must have neither a query nor a fragment',
})

/** Where browsers find us: redirects, cookies and checks of origin know no path. */
export const originUrl = httpUrl
  .refine((value) => !URL.canParse(value) || new URL(value).pathname === '/', { message: 'must have no path' })
  .transform((value) => new URL(value).origin)

export const secret = (length: number) => z.string().min(length, `must have at least ${length} characters`)

/** `kid:base64-32-bytes`, comma separated. */
export const encryptionKeys = z.string().transform((value, context): EncryptionKey[] => {
  const keys: EncryptionKey[] = []
  const fault = (message: string) => context.addIssue({ code: 'custom', message })
  for (const [index, part] of value.split(',').entries()) {
    const [kid = '', encoded = ''] = part.trim().split(/:(.*)/s)
    if (!/^[\w-]{1,32}$/.test(kid)) fault(`key ${index + 1} has no id of letters, digits, "-" or "_" before its colon`)
    else if (!isBase64Of32Bytes(encoded)) fault(`key ${index + 1} is not 32 bytes in base64`)
    else if (keys.some((key) => key.kid === kid)) fault(`key ${index + 1} repeats the id of an earlier one`)
    else keys.push({ kid, key: Buffer.from(encoded, 'base64') })
  }
  return keys
})

// Buffer.from() skips what it does not understand, so a damaged key would quietly become a shorter or another one.
const isBase64Of32Bytes = (encoded: string) =>
  /^[\w+/-]{43}=?$/.test(encoded) && Buffer.from(encoded, 'base64').length === 32
