import type { Contact } from './types.ts'

const nameOf = ({ firstName, lastName }: Contact): string => [firstName, lastName].filter(Boolean).join(' ')

const FIELDS: Record<string, (contact: Contact) => unknown> = {
  id: ({ id }) => id,
  name: nameOf,
  firstname: ({ firstName }) => firstName,
  lastname: ({ lastName }) => lastName,
  email: ({ email }) => email,
  phone: ({ phone }) => phone,
  language: ({ language }) => language,
  country: ({ countryCode }) => countryCode,
  lifecycle: ({ lifecycle }) => lifecycle,
}

function valueOf(contact: Contact, path: string): unknown {
  const [object = '', field = ''] = path.trim().toLowerCase().split('.')
  if (object !== 'contact') return undefined
  if (Object.hasOwn(FIELDS, field)) return FIELDS[field]?.(contact) ?? ''
  return contact.customFields.find(({ name }) => name.toLowerCase() === field)?.value
}

/** Puts values for `{{$contact.name}}` and its like (§5.2). */
export const expandVariables = (text: string, contact: Contact, unknown: 'empty' | 'keep'): string =>
  text.replace(/\{\{\s*\$([^{}]*)\}\}/g, (whole, path: string) => {
    const value = valueOf(contact, path)
    return value === undefined ? (unknown === 'keep' ? whole : '') : String(value)
  })
