import { invalid } from '../../kit/errors.ts'

const MIN_PASSWORD = 10
const MAX_PASSWORD = 200

const COMMON = new Set(
  `1234567890 12345678910 123456789a 0123456789 0987654321 1234512345 1111111111 0000000000 1234567891
  1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 qwerty123456 qazwsxedcrfv asdfghjkl123 password12
  password123 password1234 password12345 passw0rd123 p@ssw0rd123 passwordpassword adminadmin administrator admin12345
  welcome123 welcome1234 iloveyou12 iloveyou123 iloveyou1234 letmein123 letmein1234 football123 baseball123 sunshine123
  princess123 superman123 michael123 abcdefghij abcd123456 abc1234567 abcdef123456 changeme123 changeme1234
  tiktoktiktok tiktok1234 tiktok12345 parleyparley`.split(/\s+/),
)

/** A password fit to be set: 10 to 200 characters, not the address, not one of the commonest. INVALID otherwise. */
export function parseNewPassword(password: string, email: string): string {
  const plain = password.toLowerCase()
  if ([...password].length < MIN_PASSWORD)
    throw invalid('password', `A password has at least ${MIN_PASSWORD} characters`)
  if ([...password].length > MAX_PASSWORD)
    throw invalid('password', `A password has at most ${MAX_PASSWORD} characters`)
  if (plain === email || plain === email.split('@')[0]) throw invalid('password', 'Do not use your address as password')
  if (COMMON.has(plain) || new Set(plain).size < 3) throw invalid('password', 'That password is too easy to guess')
  return password
}

/** A password given to prove who one is. Only its length is limited, so that nobody makes us hash a book. */
export function parseGivenPassword(password: string): string {
  if (password.length > 4 * MAX_PASSWORD) throw invalid('password', `A password has at most ${MAX_PASSWORD} characters`)
  return password
}

const LOCALES = ['en', 'th']

/** A language that Parley speaks, from a tag such as `th-TH`; INVALID otherwise. */
export function parseLocale(value: string): string {
  const [language = ''] = value.trim().toLowerCase().split(/[-_]/)
  if (!LOCALES.includes(language)) throw invalid('locale', `Languages: ${LOCALES.join(', ')}`)
  return language
}
