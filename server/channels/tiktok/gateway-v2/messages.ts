import type { MessageContent } from '../../contract.ts'
import { asRecord, asText } from '../../../kit/json.ts'
import type { Json } from '../../../kit/json.ts'

const MAX_DEPTH = 32

function isShallow(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true
  return left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1))
}

function kindOf(message: Json): string {
  const kind = asText(message.msg_type)?.toLowerCase() ?? ''
  return /^[\w.-]{1,64}$/.test(kind) ? kind : 'unknown'
}

/**
 * What a message says. The gateway's reference has a body for texts alone; everything else is `unsupported`, with details
 * { kind } and its raw form.
 */
export function readContent(message: Json): MessageContent {
  const kind = kindOf(message)
  const text = asText(asRecord(message.content)?.text)
  if (kind === 'text' && text !== undefined) return { contentType: 'text', text }
  // JSON of any depth can be parsed but not written again; of what is too deep the raw delivery remains.
  return { contentType: 'unsupported', details: { kind }, ...(isShallow(message) && { raw: message }) }
}
