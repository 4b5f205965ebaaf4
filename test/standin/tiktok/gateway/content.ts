import type { Message } from '../types.ts'

type Json = Record<string, unknown>

/** The reference shows a text; what other kinds look like is anybody's guess. */
export function kindAndContent({ content }: Message): { msg_type: string; content: Json } {
  if (content.type === 'text') return { msg_type: 'text', content: { text: content.body } }
  if (content.type === 'unknown') return { msg_type: content.kind, content: { [content.kind]: content.payload } }
  const { type, ...rest } = content
  return { msg_type: type, content: rest }
}
