import { z } from 'zod'
import { invalid } from '../../kit/errors.ts'

const emailAddress = z.email().max(254)

/** An e-mail address in lower case; INVALID otherwise. */
export function parseEmail(value: string): string {
  const email = value.trim().toLowerCase()
  if (!emailAddress.safeParse(email).success) throw invalid('email', 'That is not an e-mail address')
  return email
}

// Control characters, line separators, and marks that turn the reading direction of what follows around.
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** A name of 1 to 100 characters, trimmed; INVALID otherwise. */
export function parseName(value: string, field: string): string {
  const name = value.trim().normalize('NFC')
  const { length } = [...name]
  if (length < 1 || length > 100) throw invalid(field, 'A name has 1 to 100 characters')
  if (UNFIT.test(name)) throw invalid(field, 'A name has no control characters')
  return name
}
