import { asText } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import { ChannelError } from '../contract.ts'
import type { ChannelForm, ConnectionChoice, FormValues } from '../contract.ts'
import type { Api } from './api.ts'
import { readPage } from './paging.ts'
import { asNumericId } from './values.ts'

const PAGE = 100
const MOST_PAGES = 10

/** `tiktok_business` was seen; the vendor's own list is older than the channel (respond.io wire reference §4.2). */
const isTikTok = ({ source }: Json): boolean => /^tiktok/i.test(asText(source) ?? '')

async function readChannels(api: Api, token: string | undefined): Promise<Json[]> {
  const call = { operation: 'connect', method: 'GET', route: '/space/channel', token } as const
  const channels: Json[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { items, next } = await readPage(api, call, { limit: PAGE, cursor })
    channels.push(...items)
    if (next === undefined) return channels
    if (next === cursor) throw new ChannelError('unavailable', 'CURSOR_REPEATS')
    cursor = next
  }
  return channels
}

function choiceOf(channel: Json): ConnectionChoice | undefined {
  const ref = asNumericId(channel.id)
  return ref === undefined ? undefined : { ref, name: asText(channel.name) ?? 'TikTok' }
}

/** The vendor's own check of a token, then what it opens (respond.io wire reference §1, §6). */
async function listChoices(api: Api, { apiToken }: FormValues): Promise<ConnectionChoice[]> {
  const probe = { operation: 'connect', method: 'GET', route: '/space/user', token: apiToken } as const
  await readPage(api, probe, { limit: 1 })
  const channels = await readChannels(api, apiToken)
  const choices = channels.filter(isTikTok).flatMap((channel) => choiceOf(channel) ?? [])
  if (!choices.length) throw new ChannelError('rejected', 'NO_TIKTOK_CHANNEL')
  return choices
}

/**
 * Connects a TikTok channel of a workspace by its access token. The business's id is the channel's: webhooks name it, it
 * stays when the token is changed, and by all samples respond.io numbers the channels of all workspaces together. The
 * workspace's own id stands only in the token, which is not ours to read, and in no webhook (respond.io wire reference §1,
 * §7.4).
 */
export function createForm(api: Api): ChannelForm {
  return {
    inspect: async (values) => ({
      choices: await listChoices(api, values),
      // No call tells the plan, and webhooks need a higher one than the token does (§7.1).
      notes: ['WEBHOOKS_NEED_PLAN'],
    }),
    connect: async (values, ref) => {
      const choice = (await listChoices(api, values)).find((one) => one.ref === ref)
      if (!choice) throw new ChannelError('rejected', 'NOT_OFFERED')
      const credentials = { apiToken: values.apiToken ?? '', channelId: ref }
      return { connection: { credentials, externalId: ref, grantedScopes: [] }, profile: { name: choice.name } }
    },
  }
}
