import type { FormField, FormManifest, FormValues } from '../../channels/contract.ts'
import { invalid } from '../../kit/errors.ts'
import { parseName } from '../accounts/accounts.input.ts'

export interface ConnectFields {
  values: FormValues
  /** What was chosen of that which can be connected. */
  ref?: string
  /** For a new inbox. */
  name?: string
}

const PRINTABLE = /^[\x21-\x7e]*$/
// Marks of HTML are in no token and in no id; what has them was copied from a page.
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029<>]/u
const MAX_REF = 200

/** The fields of a channel's form, trimmed; INVALID with the field's name in its details, and never with a value. */
export function parseConnectFields(form: FormManifest, given: unknown): ConnectFields {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('fields', 'Send the fields by name')
  }
  const entries = new Map<string, unknown>(Object.entries(given))
  const values = Object.fromEntries(form.fields.flatMap((field) => parseField(field, take(entries, field.name))))
  const ref = take(entries, form.choice)
  const name = take(entries, 'name')
  if (entries.size) throw invalid('fields', 'The form has no such field')
  return {
    values,
    ...(ref !== undefined && { ref: parseText(form.choice, asRef(ref), MAX_REF) }),
    ...(name !== undefined && { name: parseName(asText('name', name), 'name') }),
  }
}

function take(entries: Map<string, unknown>, name: string): unknown {
  const value = entries.get(name) ?? undefined
  entries.delete(name)
  return value
}

function parseField({ name, secret, required, maxLength }: FormField, given: unknown): [string, string][] {
  const text = given === undefined ? '' : asText(name, given).trim()
  if (!text && required) throw invalid(name, 'This field is needed')
  if (!text) return []
  const value = parseText(name, text, maxLength)
  if (secret && !PRINTABLE.test(value)) throw invalid(name, 'This field has letters, digits and signs, and no spaces')
  return [[name, value]]
}

function parseText(field: string, given: unknown, maxLength: number): string {
  const text = asText(field, given).trim()
  if (!text || [...text].length > maxLength) throw invalid(field, `This field has 1 to ${maxLength} characters`)
  if (UNFIT.test(text)) throw invalid(field, 'This field has characters that do not belong there')
  return text
}

/** Many providers number what they have, and a program hands the number on as it got it. */
const asRef = (given: unknown): unknown => (Number.isSafeInteger(given) ? String(given) : given)

function asText(field: string, given: unknown): string {
  if (typeof given !== 'string') throw invalid(field, 'This field is a text')
  return given
}
