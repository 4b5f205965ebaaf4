import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { NewContact } from './contacts.ts'
import { createContact, merge, updateContact } from './contacts.ts'
import type { RespondIoContext } from './context.ts'
import type { Call } from './endpoint.ts'
import { mountEndpoint } from './endpoint.ts'
import { refuse } from './errors.ts'
import { filterContacts, listBody } from './filters.ts'
import { bodyOf, contactOf, findContact, identifierOf } from './input.ts'
import { listAnswer, pageOf } from './paging.ts'
import { contactShape, presenceShape } from './shapes.ts'
import type { Contact, ContactFields, Json } from './types.ts'

const text = z.string().nullish()

const fields = z.object({
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  ...{ phone: text, email: text, language: text, countryCode: text, profilePic: text },
  custom_fields: z.array(z.object({ name: z.string(), value: z.unknown() })).optional(),
})

/** What was given, in our own names. */
function fieldsOf({ custom_fields: customFields, ...rest }: z.output<typeof fields>): Partial<ContactFields> {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { ...(Object.fromEntries(given) as Partial<ContactFields>), ...(customFields && { customFields }) }
}

function newContact(ctx: RespondIoContext, call: Call): Contact {
  const { by, value } = identifierOf(call)
  if (by === 'id') throw refuse(400, 'Contact identifier is invalid')
  const given = fieldsOf(bodyOf(call, fields))
  if (!given.firstName) throw refuse(400, 'firstName is required')
  const contact = createContact(ctx, call.space, { ...(given as NewContact), [by]: value })
  contact.readyAt = ctx.clock.now() + ctx.knobs.createdAfterMs
  return contact
}

function create(ctx: RespondIoContext, call: Call): Json {
  if (findContact(ctx, call)) throw refuse(ctx.knobs.duplicateCreate, 'Contact already exists')
  newContact(ctx, call)
  return { code: '200', message: 'Contact added successfully!' }
}

function createOrUpdate(ctx: RespondIoContext, call: Call): Json {
  if (!findContact(ctx, call)) return { contactId: newContact(ctx, call).id }
  return update(ctx, call)
}

function update(ctx: RespondIoContext, call: Call): Json {
  const contact = contactOf(ctx, call)
  updateContact(ctx, contact, fieldsOf(bodyOf(call, fields)))
  return { contactId: contact.id }
}

function remove(ctx: RespondIoContext, call: Call): Json {
  const { id } = contactOf(ctx, call)
  ctx.world.contacts.delete(id)
  return { contactId: id }
}

const merging = fields.extend({ contactIds: z.tuple([z.number().int(), z.number().int()]) })

function mergeTwo(ctx: RespondIoContext, call: Call): Json {
  const { contactIds, ...rest } = bodyOf(call, merging)
  const [primary, secondary] = contactIds.map((id) => ctx.world.contacts.get(id))
  if (primary?.spaceId !== call.space.id || secondary?.spaceId !== call.space.id) throw refuse(404, 'Contact not found')
  if (primary === secondary) throw refuse(400, 'contactIds must be different')
  Object.assign(primary, fieldsOf(rest))
  merge(ctx, primary, secondary)
  return { contactId: primary.id }
}

function list(ctx: RespondIoContext, call: Call): Json {
  const contacts = filterContacts(ctx, call.space.id, bodyOf(call, listBody))
  const ascending = ctx.knobs.contactOrder === 'asc'
  return listAnswer(ctx.knobs, call, pageOf(call), {
    list: ascending ? contacts : contacts.reverse(),
    idOf: ({ id }) => id,
    ascending,
    shape: (contact) => contactShape(ctx, contact),
  })
}

function channels(ctx: RespondIoContext, call: Call): Json {
  const presences = contactOf(ctx, call).presences.filter(({ channelId }) => ctx.world.channels.has(channelId))
  return listAnswer(ctx.knobs, call, pageOf(call), {
    list: presences.toSorted((a, b) => a.contactChannelId - b.contactChannelId),
    idOf: ({ contactChannelId }) => contactChannelId,
    ascending: true,
    shape: (presence) => presenceShape(ctx, presence),
  })
}

/** §4.2, as far as contacts themselves go. */
export function mountContacts(app: FastifyInstance, ctx: RespondIoContext): void {
  const path = '/contact/:identifier'
  const routes = [
    ['contact_get', 'GET', path, (call: Call) => contactShape(ctx, contactOf(ctx, call))],
    ['contact_create', 'POST', path, (call: Call) => create(ctx, call)],
    ['contact_update', 'PUT', path, (call: Call) => update(ctx, call)],
    ['contact_delete', 'DELETE', path, (call: Call) => remove(ctx, call)],
    ['contact_create', 'POST', '/contact/create_or_update/:identifier', (call: Call) => createOrUpdate(ctx, call)],
    ['contact_merge', 'POST', '/contact/merge', (call: Call) => mergeTwo(ctx, call)],
    ['contact_list', 'POST', '/contact/list', (call: Call) => list(ctx, call)],
    ['contact_channels', 'GET', `${path}/channels`, (call: Call) => channels(ctx, call)],
  ] as const
  for (const [operation, method, url, run] of routes)
    mountEndpoint(app, ctx, { operation, method, path: url, run: (call) => ({ data: run(call) }) })
}
