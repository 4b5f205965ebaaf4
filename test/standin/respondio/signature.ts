import { createHmac } from 'node:crypto'
import type { Knobs } from './knobs.ts'

export interface WebhookSignature {
  value: string
  headers: Record<string, string>
}

type Style = Pick<Knobs, 'signatureOver' | 'signatureHeader' | 'signatureEncoding'>

/** §7.2: HMAC-SHA256 keyed with the text of the signing key, not with what it would decode to. */
export function signWebhookBody(rawBody: string | Buffer, key: string, style: Style): WebhookSignature {
  const signed = style.signatureOver === 'bytes' ? rawBody : JSON.stringify(JSON.parse(rawBody.toString()))
  const value = createHmac('sha256', key).update(signed).digest(style.signatureEncoding)
  return { value, headers: { [style.signatureHeader]: value } }
}
