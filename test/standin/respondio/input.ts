import { z } from 'zod'
import type { RespondIoContext } from './context.ts'
import type { Call } from './endpoint.ts'
import { refuse } from './errors.ts'
import type { Contact } from './types.ts'

/** A body that fits, or 400 and what is wrong with it. */
export function bodyOf<T>({ body }: Call, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw refuse(400, z.prettifyError(parsed.error))
  return parsed.data
}

export function idParam({ params }: Call, name: string): number {
  const id = Number(params[name])
  if (!Number.isSafeInteger(id)) throw refuse(400, `${name} must be a number`)
  return id
}

/** `id:`, `email:` or `phone:` (§1); the path has been percent-decoded already. */
const IDENTIFIER = /^(?:(id):(\d+)|(email):(.+@.+\..+)|(phone):(\+?\d+))$/

export interface Identifier {
  by: 'id' | 'email' | 'phone'
  value: string
}

export function identifierOf({ params }: Call): Identifier {
  const [by, value] = (IDENTIFIER.exec(params['identifier'] ?? '') ?? []).slice(1).filter((part) => part !== undefined)
  if (by === undefined || value === undefined) throw refuse(400, 'Contact identifier is invalid')
  return { by: by as Identifier['by'], value }
}

const digits = (phone: string | null): string | undefined => phone?.replace(/^\+/, '')

export function findContact(ctx: RespondIoContext, call: Call): Contact | undefined {
  const { by, value } = identifierOf(call)
  if (by === 'id') {
    const contact = ctx.world.contacts.get(Number(value))
    return contact?.spaceId === call.space.id ? contact : undefined
  }
  const contacts = ctx.world.contactsOf(call.space.id)
  if (by === 'email') return contacts.find(({ email }) => email?.toLowerCase() === value.toLowerCase())
  return contacts.find(({ phone }) => digits(phone) === digits(value))
}

/** The contact of the path; 449 while it is still being made (§2.1). */
export function contactOf(ctx: RespondIoContext, call: Call): Contact {
  const contact = findContact(ctx, call)
  if (!contact) throw refuse(404, 'Contact not found')
  if (contact.readyAt > ctx.clock.now()) throw refuse(449)
  return contact
}
