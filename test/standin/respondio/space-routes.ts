import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RespondIoContext } from './context.ts'
import type { Call } from './endpoint.ts'
import { mountEndpoint } from './endpoint.ts'
import { refuse } from './errors.ts'
import { bodyOf, idParam } from './input.ts'
import { listAnswer, pageOf } from './paging.ts'
import { channelShape, userShape } from './shapes.ts'
import type { Channel, CustomField, Json, SpaceTag } from './types.ts'

/** A list that has ids, oldest first. */
function byId<T extends { id: number }>(ctx: RespondIoContext, call: Call, list: T[], shape: (item: T) => Json) {
  const sorted = list.toSorted((a, b) => a.id - b.id)
  return {
    data: listAnswer(ctx.knobs, call, pageOf(call), { list: sorted, idOf: ({ id }) => id, ascending: true, shape }),
  }
}

function one<T extends { id: number }>(call: Call, list: T[], what: string): T {
  const found = list.find(({ id }) => id === idParam(call, 'id'))
  if (!found) throw refuse(404, `${what} not found`)
  return found
}

const customField = z.object({
  name: z.string().min(1).max(50),
  slug: z.string().max(50).regex(/^\w+$/).optional(),
  description: z.string().max(255).default(''),
  dataType: z.enum(['text', 'list', 'checkbox', 'email', 'number', 'url', 'date', 'time']),
  allowedValues: z.array(z.string()).optional(),
})

function addCustomField(ctx: RespondIoContext, call: Call): Json {
  const { slug, ...rest } = bodyOf(call, customField)
  const field: CustomField = {
    id: ctx.ids.number(),
    slug: slug ?? rest.name.toLowerCase().replaceAll(/\W+/g, '_'),
    ...rest,
  }
  call.space.customFields.push(field)
  return { ...field }
}

const optional = z.string().max(255).optional()
const tagFields = { description: optional, colorCode: optional, emoji: optional }
const newTag = z.object({ name: z.string().min(1).max(255), ...tagFields })
const changedTag = z.object({ currentName: z.string(), name: optional, ...tagFields })

function tagNamed({ space }: Call, name: string): SpaceTag {
  const found = space.tags.find((tag) => tag.name === name)
  if (!found) throw refuse(404, 'Tag not found')
  return found
}

function addTag(call: Call): Json {
  const tag = bodyOf(call, newTag)
  if (call.space.tags.some(({ name }) => name === tag.name)) throw refuse(409, 'Tag already exists')
  call.space.tags.push(tag)
  return { ...tag }
}

function changeTag(call: Call): Json {
  const { currentName, ...fields } = bodyOf(call, changedTag)
  return { ...Object.assign(tagNamed(call, currentName), fields) }
}

function removeTag(call: Call): Json {
  const { name } = bodyOf(call, newTag)
  const tag = tagNamed(call, name)
  call.space.tags = call.space.tags.filter((other) => other !== tag)
  return { code: 200, message: 'Tag deleted successfully' }
}

function mountSettings(app: FastifyInstance, ctx: RespondIoContext): void {
  const fields = '/space/custom_field'
  mountEndpoint(app, ctx, {
    ...{ operation: 'custom_fields', method: 'GET', path: fields },
    run: (call) => byId(ctx, call, call.space.customFields, (field) => ({ ...field })),
  })
  mountEndpoint(app, ctx, {
    ...{ operation: 'custom_fields', method: 'GET', path: `${fields}/:id` },
    run: (call) => ({ data: { ...one(call, call.space.customFields, 'Custom field') } }),
  })
  mountEndpoint(app, ctx, {
    ...{ operation: 'custom_fields', method: 'POST', path: fields },
    run: (call) => ({ data: addCustomField(ctx, call) }),
  })
  const tags = { operation: 'space_tag', path: '/space/tag' } as const
  mountEndpoint(app, ctx, { ...tags, method: 'POST', run: (call) => ({ data: addTag(call) }) })
  mountEndpoint(app, ctx, { ...tags, method: 'PUT', run: (call) => ({ data: changeTag(call) }) })
  mountEndpoint(app, ctx, { ...tags, method: 'DELETE', run: (call) => ({ data: removeTag(call) }) })
}

interface Template {
  id: number
  name: string
  languageCode: string
  status: string
  components: Json[]
}

/** Each channel of WhatsApp has one. */
const templatesOf = ({ id, source }: Channel): Template[] =>
  source.includes('whatsapp')
    ? [
        {
          ...{ id: id * 10, name: 'hello', languageCode: 'en', status: 'approved' },
          components: [{ type: 'body', text: 'Hello {{1}}' }],
        },
      ]
    : []

/** Under two names: `template`, and `mtm` as others have it (§6). */
function mountTemplates(app: FastifyInstance, ctx: RespondIoContext): void {
  for (const name of ['template', 'mtm'])
    mountEndpoint(app, ctx, {
      ...{ operation: 'template_list', method: 'GET', path: `/space/channel/:id/${name}` },
      run: (call) => {
        const channel = one(call, ctx.world.channelsOf(call.space.id), 'Channel')
        return byId(ctx, call, templatesOf(channel), (template) => ({ ...template }))
      },
    })
  mountEndpoint(app, ctx, {
    ...{ operation: 'template_list', method: 'GET', path: '/space/mtm/:id' },
    run: (call) => {
      const template = one(call, ctx.world.channelsOf(call.space.id).flatMap(templatesOf), 'Template')
      return { data: { status: 'success', message: 'Template found', data: { ...template, catalogProducts: [] } } }
    },
  })
}

/** §6. */
export function mountSpace(app: FastifyInstance, ctx: RespondIoContext): void {
  mountEndpoint(app, ctx, {
    ...{ operation: 'user_list', method: 'GET', path: '/space/user' },
    run: (call) => byId(ctx, call, ctx.world.usersOf(call.space.id), userShape),
  })
  mountEndpoint(app, ctx, {
    ...{ operation: 'user_get', method: 'GET', path: '/space/user/:id' },
    run: (call) => ({ data: userShape(one(call, ctx.world.usersOf(call.space.id), 'User')) }),
  })
  mountEndpoint(app, ctx, {
    ...{ operation: 'channel_list', method: 'GET', path: '/space/channel' },
    run: (call) => byId(ctx, call, ctx.world.channelsOf(call.space.id), channelShape),
  })
  mountTemplates(app, ctx)
  mountEndpoint(app, ctx, {
    ...{ operation: 'closing_notes', method: 'GET', path: '/space/closing_notes' },
    run: (call) => {
      const numbered = call.space.closingNotes.map((note, index) => ({ ...note, id: index + 1 }))
      return byId(ctx, call, numbered, ({ category, description }) => ({ category, description }))
    },
  })
  mountSettings(app, ctx)
}
