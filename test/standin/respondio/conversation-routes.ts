import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assign, changeTags, closeConversation, comment, openConversation, setLifecycle } from './contacts.ts'
import type { RespondIoContext } from './context.ts'
import type { Call } from './endpoint.ts'
import { mountEndpoint } from './endpoint.ts'
import { refuse } from './errors.ts'
import { bodyOf, contactOf } from './input.ts'
import type { Json } from './types.ts'

const API = 'api'

const tagList = z.array(z.string().min(1).max(255)).min(1).max(10)
/** A bare array, and what some clients make of it (§4.2). */
const tagBody = z.union([tagList, z.object({ tags: tagList }).transform(({ tags }) => tags)])

function tag(ctx: RespondIoContext, call: Call, action: 'add' | 'remove'): Json {
  const contact = contactOf(ctx, call)
  changeTags(ctx, contact, action, bodyOf(call, tagBody))
  return { contactId: contact.id }
}

function lifecycle(ctx: RespondIoContext, call: Call): Json {
  const contact = contactOf(ctx, call)
  setLifecycle(ctx, contact, bodyOf(call, z.object({ name: z.string().min(1).nullable() })).name)
  return { code: 200, message: 'Lifecycle updated successfully' }
}

const assigneeBody = z.object({ assignee: z.union([z.number().int(), z.string(), z.null()]) })

function assignee(ctx: RespondIoContext, call: Call): Json {
  const contact = contactOf(ctx, call)
  const { assignee: wanted } = bodyOf(call, assigneeBody)
  const user = ctx.world
    .usersOf(call.space.id)
    .find(({ id, email }) => (typeof wanted === 'string' ? email === wanted : id === wanted))
  if (wanted !== null && !user) throw refuse(400, 'assignee not found')
  assign(ctx, contact, user?.id ?? null)
  return { contactId: contact.id }
}

const statusBody = z.object({
  status: z.enum(['open', 'close']),
  category: z.string().max(128).optional(),
  summary: z.string().max(512).optional(),
})

function status(ctx: RespondIoContext, call: Call): Json {
  const contact = contactOf(ctx, call)
  const { status: wanted, category, summary } = bodyOf(call, statusBody)
  if (wanted === 'open') openConversation(ctx, contact, API)
  else closeConversation(ctx, contact, { source: API, userId: null, category, summary })
  return { contactId: contact.id }
}

const commentBody = z.object({ text: z.string().min(1).max(1000) })

/** §4.2, as far as it is about the conversation with a contact. */
export function mountConversations(app: FastifyInstance, ctx: RespondIoContext): void {
  const path = '/contact/:identifier'
  const routes = [
    ['contact_tag', 'POST', `${path}/tag`, (call: Call) => tag(ctx, call, 'add')],
    ['contact_tag', 'DELETE', `${path}/tag`, (call: Call) => tag(ctx, call, 'remove')],
    ['lifecycle', 'POST', `${path}/lifecycle/update`, (call: Call) => lifecycle(ctx, call)],
    ['assignee', 'POST', `${path}/conversation/assignee`, (call: Call) => assignee(ctx, call)],
    ['conversation_status', 'POST', `${path}/conversation/status`, (call: Call) => status(ctx, call)],
    [
      'comment',
      'POST',
      `${path}/comment`,
      (call: Call) => comment(ctx, contactOf(ctx, call), bodyOf(call, commentBody).text, null),
    ],
  ] as const
  for (const [operation, method, url, run] of routes)
    mountEndpoint(app, ctx, { operation, method, path: url, run: (call) => ({ data: run(call) }) })
}
