/** Characters (code points) of a text, those included that are put into it here (respond.io wire reference §5.4). */
export const TEXT_LENGTH = 6000

/**
 * respond.io puts values for `{{$contact.name}}` into what is sent, and documents no escape (respond.io wire reference
 * §5.2). So a sign that nobody sees comes between the braces of what an agent wrote, one more than there was; it goes out
 * again when the message comes back, so that an echo says what was sent. Where it would make the text too long, a brace
 * that only looks like one takes the place of the second.
 */
const WORD_JOINER = '\u2060'
const LOOKALIKE = '\u2774'

const BRACES = new RegExp(`\\{(${WORD_JOINER}*)\\{(?=\\s*\\$)`, 'g')
const JOINED_BRACES = new RegExp(`\\{${WORD_JOINER}(${WORD_JOINER}*)\\{(?=\\s*\\$)`, 'g')
const REPLACED_BRACES = new RegExp(`\\{(${WORD_JOINER}*)${LOOKALIKE}(?=\\s*\\$)`, 'g')

const lengthOf = (text: string): number => [...text].length

/** No longer than the text is, where that is as long as it may be. */
export function withoutVariables(text: string): string {
  const joined = text.replace(BRACES, `{$1${WORD_JOINER}{`)
  return lengthOf(joined) <= TEXT_LENGTH ? joined : text.replace(BRACES, `{$1${LOOKALIKE}`)
}

export function asWritten(text: string): string {
  const replaced = text.match(REPLACED_BRACES)?.length ?? 0
  const wasFull = replaced > 0 && lengthOf(text) + replaced > TEXT_LENGTH
  return wasFull ? text.replace(REPLACED_BRACES, '{$1{') : text.replace(JOINED_BRACES, '{$1{')
}
