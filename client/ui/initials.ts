const HUES = 7
/** Thai writes some vowels before the consonant that a name begins with. */
const THAI_LEADING_VOWEL = /^[เแโใไ]/

/** Two letters of a latin name, one of a Thai one: what still reads at 24 px. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/[^\p{L}\p{N}\s._-]/gu, '')
    .split(/[\s._-]+/)
    .filter(Boolean)
  const [first = '', second = ''] = words
  if (!/^[\p{Script=Latin}\p{N}]/u.test(first)) return [...first.replace(THAI_LEADING_VOWEL, '')][0] ?? '?'
  return `${first[0]}${second[0] ?? ''}`.toUpperCase()
}

/** The same colour for the same row, everywhere. */
export function hueOf(id: string): number {
  let sum = 0
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 9973
  return sum % HUES
}
