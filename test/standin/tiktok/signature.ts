import { createHmac } from 'node:crypto'
import type { Knobs } from './knobs.ts'

export interface WebhookSignature {
  t: number
  s: string
  /** The header's value, in the style that the knobs ask for. */
  value: string
  headers: Record<string, string>
}

/** §6.2: lower-case hex of HMAC-SHA256 over `t.rawBody`, keyed with the app secret. */
export function signWebhookBody(
  rawBody: string | Buffer,
  t: number,
  secret: string,
  style: Knobs['signatureStyle'],
): WebhookSignature {
  const s = createHmac('sha256', secret).update(`${t}.`).update(rawBody).digest('hex')
  const parts = style.signatureFirst ? [`s=${s}`, `t=${t}`] : [`t=${t}`, `s=${s}`]
  const value = parts.join(style.spaceAfterComma ? ', ' : ',')
  return { t, s, value, headers: { [style.header]: value } }
}
