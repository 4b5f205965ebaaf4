import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Commands } from '../control.ts'
import { CONTROL_BASE, command, commonCommands, mountControl, present } from '../control.ts'
import type { TikTokStandin } from '../tiktok/standin.ts'
import { schemas } from './control-schemas.ts'
import { faultSchema, knobsSchema } from './knobs.ts'
import type { RespondIoStandin } from './standin.ts'
import type { Json } from './types.ts'

function peopleCommands(respondio: RespondIoStandin): Commands {
  return {
    contacts: command(schemas.contact, (input) => respondio.addContact(present(input))),
    'customer-writes': command(schemas.customerWrites, ({ contact, ...writing }) =>
      respondio.customerWrites({ ...writing, contact: typeof contact === 'number' ? contact : present(contact) }),
    ),
    'customer-reads': command(schemas.customerReads, respondio.customerReads),
    'business-writes': command(schemas.businessWrites, respondio.businessWrites),
    blocks: command(schemas.blocks, respondio.blocks),
    closes: command(schemas.closes, respondio.closes),
    opens: command(schemas.opens, respondio.opens),
    assigns: command(schemas.assigns, respondio.assigns),
    tags: command(schemas.tags, respondio.tags),
  }
}

function settingsCommands(respondio: RespondIoStandin): Commands {
  return {
    spaces: command(schemas.space, respondio.addSpace),
    users: command(schemas.user, respondio.addUser),
    channels: command(schemas.channel, respondio.addChannel),
    'channels/remove': command(schemas.idOnly, ({ id }) => respondio.removeChannel(id)),
    tokens: command(schemas.spaceOnly, ({ space }) => ({ token: respondio.newToken(space) })),
    'tokens/revoke': command(schemas.spaceOnly, ({ space }) => respondio.revokeTokens(space)),
    subscriptions: command(schemas.subscription, respondio.subscribe),
    'subscriptions/remove': command(schemas.idOnly, ({ id }) => respondio.unsubscribe(id)),
    'subscriptions/enable': command(schemas.idOnly, ({ id }) => respondio.enable(id)),
    'webhooks/sign': command(schemas.sign, ({ rawBody, key }) => respondio.signWebhook(rawBody, key)),
    'webhooks/post-raw': command(schemas.postRaw, ({ rawBody, ...rest }) => respondio.postRaw(rawBody, present(rest))),
  }
}

function stateOf(respondio: RespondIoStandin, tiktok: TikTokStandin): Json {
  const { world, clock, knobs, apiUrl } = respondio
  return {
    ...{ apiUrl, knobs, now: clock.now(), webhooksPaused: respondio.webhooksPaused() },
    spaces: [...world.spaces.values()],
    users: [...world.users.values()],
    channels: [...world.channels.values()],
    contacts: [...world.contacts.values()].map(({ messages, ...rest }) => ({ ...rest, count: messages.length })),
    subscriptions: [...world.subscriptions.values()],
    businesses: [...tiktok.world.businesses.values()].map(({ openId, displayName }) => ({ openId, displayName })),
  }
}

const contactQuery = z.object({ contact: z.coerce.number().int() })

export function mountRespondIoControl(root: FastifyInstance, respondio: RespondIoStandin, tiktok: TikTokStandin): void {
  mountControl(root, {
    prefix: `${CONTROL_BASE}/respondio`,
    commands: {
      ...peopleCommands(respondio),
      ...settingsCommands(respondio),
      ...commonCommands(respondio, { knobs: knobsSchema, fault: faultSchema }),
    },
    ledger: respondio.ledger,
    more: (app) => {
      app.addContentTypeParser(/^(image|video)\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      app.post('/media', (request) => {
        const { name } = z.object({ name: z.string().optional() }).parse(request.query)
        const mime = request.headers['content-type'] ?? ''
        return { mediaId: respondio.addMedium({ mime, bytes: request.body as Buffer, fileName: name }) }
      })
      app.get('/state', () => stateOf(respondio, tiktok))
      app.get('/knobs', () => respondio.knobs)
      app.get('/messages', (request) => respondio.messages(contactQuery.parse(request.query).contact))
    },
  })
}
