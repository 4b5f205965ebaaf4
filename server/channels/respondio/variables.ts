/**
 * respond.io puts values for `{{$contact.name}}` into what is sent, and documents no escape (respond.io wire reference
 * §5.2). So a sign that nobody sees comes between the braces of what an agent wrote, one more than there was; it goes out
 * again when the message comes back, so that an echo says what was sent.
 */
const WORD_JOINER = '\u2060'

const BRACES = new RegExp(`\\{(${WORD_JOINER}*)\\{(?=\\s*\\$)`, 'g')
const JOINED_BRACES = new RegExp(`\\{${WORD_JOINER}(${WORD_JOINER}*)\\{(?=\\s*\\$)`, 'g')

export const withoutVariables = (text: string): string => text.replace(BRACES, `{$1${WORD_JOINER}{`)

export const asWritten = (text: string): string => text.replace(JOINED_BRACES, '{$1{')
