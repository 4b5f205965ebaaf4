import { describe, expect, it } from 'vitest'
import { ConnectChannelDocument, InboxWebhookDocument, InboxesDocument } from '../support/generated.ts'
import type { Channel, Space } from '../standin/respondio/types.ts'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { composer, gone, message, onPhone, reply, seen, writeAsCustomer } from './screen.ts'

const stage = useStage()

interface Workspace {
  space: Space
  token: string
  channels: Channel[]
}

/** A workspace at respond.io with these TikTok channels, and one of another kind. */
function workspace(...names: string[]): Workspace {
  const { respondio } = stage.world.standin
  const space = respondio.addSpace({ name: 'Acme' })
  const channels = names.map((name) => respondio.addChannel({ space, name }))
  respondio.addChannel({ space, source: 'whatsapp_cloud' })
  return { space, token: space.tokens[0] ?? '', channels }
}

const main = ({ page }: Tab) => page.getByRole('main')
const tokenField = ({ page }: Tab) => page.getByLabel('API token')

async function enter(tab: Tab, token: string): Promise<void> {
  await tokenField(tab).fill(token)
  await tokenField(tab).press('Enter')
}

async function openForm(admin: Actor, look: object = {}): Promise<Tab> {
  const tab = await stage.open({ as: admin, path: `/a/${admin.accountId}/settings/inboxes`, ...look })
  await tab.page.getByRole('button', { name: 'Connect respond.io' }).click()
  await seen(tab.page.getByRole('heading', { name: 'Connect respond.io' }))
  return tab
}

/** Enters the address in the workspace's settings for both events, as somebody would by hand; answers the signing keys. */
function hookUp({ space }: Workspace, url: string): string[] {
  const { respondio } = stage.world.standin
  return (['message.received', 'message.sent'] as const).map((event) => respondio.subscribe({ space, event, url }).key)
}

/** A token of a workspace that one call with it does not get through. */
function troubled(kind: '403_html' | '429'): string {
  const { space, token } = workspace('TikTok')
  stage.world.standin.respondio.fault({ kind, operations: ['user_list'], spaceId: space.id })
  return token
}

/** Connects the nth channel without a browser; answers the inbox's id. */
async function connectWithout(admin: Actor, { token, channels }: Workspace, nth: number): Promise<string> {
  const fields = { apiToken: token, channelId: String(channels[nth]?.id) }
  const input = { accountId: admin.accountId, channelType: 'respondio', fields }
  return (await admin.gql(ConnectChannelDocument, { input })).connectChannel.id
}

const inboxesOf = async (admin: Actor) => (await admin.gql(InboxesDocument, { accountId: admin.accountId })).inboxes

describe('respond.io', () => {
  it('says where the token comes from, and in words what is wrong with one', async () => {
    const admin = await stage.world.business()
    const tab = await openForm(admin, { width: 360, height: 740, theme: 'dark' })
    await seen(tab.page.getByText('Settings → Integrations → Developer API. It is in the plan Growth and above.'))
    await axe(tab)
    const said: [() => string, string][] = [
      [() => 'not-one', 'The token was not accepted.'],
      [() => workspace().token, 'This workspace has no TikTok channel.'],
      [() => troubled('403_html'), 'It was blocked on the way: a firewall or a proxy answered, and not the channel.'],
      [() => troubled('429'), 'The channel wants us to ask more slowly.'],
    ]
    for (const [make, sentence] of said) {
      await enter(tab, make())
      await seen(tab.page.getByText(sentence))
    }
    await axe(tab)
    await enter(tab, workspace('TikTok').token)
    await seen(tab.page.getByText('Found one account.'))
    await seen(tab.page.getByText('Webhooks need a higher plan of respond.io than the token does.'))
  })

  it('makes inboxes of several channels in one go, and tells of each what became of it', async () => {
    const other = await stage.world.business()
    const admin = await stage.world.business()
    const shops = workspace('Teas', 'Cakes', 'Pots')
    const tab = await openForm(admin)
    const { page } = tab
    await enter(tab, shops.token)
    await seen(page.getByText('Found 3 accounts. Each becomes an inbox of its own.'))
    for (const name of ['Teas', 'Cakes', 'Pots']) await page.getByLabel(name).check()
    // Somebody else is quicker with one of them.
    await connectWithout(other, shops, 1)
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await seen(page.getByText('2 of 3 inboxes are connected.'))
    await seen(page.getByText('This account is connected already, here or in another Parley account.'))
    await axe(tab)
    await page.getByRole('button', { name: 'Try the others again' }).click()
    await seen(page.getByText('2 of 3 inboxes are connected.'))
    await page.getByRole('link', { name: 'Open and set up Pots' }).click()
    await seen(page.getByText('Pots is connected.'))
    await seen(page.getByRole('heading', { name: 'Webhook' }))
    await page.goto(`/a/${admin.accountId}/settings/inboxes`)
    for (const name of ['Teas', 'Pots'])
      await seen(main(tab).getByRole('link', { name: new RegExp(`${name}.*Connected`) }))
  })

  it('offers webhooks after connecting, and what a customer writes then arrives at once', async () => {
    const admin = await stage.world.business()
    const shop = workspace('Baan Cha')
    const tab = await openForm(admin)
    const { page } = tab
    await enter(tab, shop.token)
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await seen(page.getByText('Baan Cha is connected.'))
    await seen(page.getByText('choose the event “New Incoming Message”'))
    await seen(page.getByText('the event “New Outgoing Message”'))
    await seen(page.getByText('Not set up: messages are read by asking respond.io.'))
    await axe(tab)
    const [inbox] = await inboxesOf(admin)
    const { inbox: known } = await admin.gql(InboxWebhookDocument, { accountId: admin.accountId, id: inbox?.id ?? '' })
    const url = known.webhook?.url ?? ''
    await seen(page.getByText(url))
    await page.getByLabel('Signing key').fill(hookUp(shop, url).join(' '))
    await page.getByLabel('Signing key').press('Enter')
    await seen(page.getByText('2 keys are known.'))

    await page.goto(`/a/${admin.accountId}/all`)
    await tab.live()
    const { respondio } = stage.world.standin
    respondio.customerWrites({ channel: shop.channels[0]?.id ?? 0, contact: { firstName: 'Ploy' }, text: 'สวัสดีค่ะ' })
    const phone = await stage.phone('/respondio')
    await phone.getByLabel('Workspace').selectOption(String(shop.space.id))
    await page.getByRole('option').filter({ hasText: 'Ploy' }).click()
    await seen(message(tab, 'สวัสดีค่ะ'))
    await composer(tab).fill('We open at nine.')
    await composer(tab).press('Enter')
    await seen(onPhone(phone, 'We open at nine.'))
    await writeAsCustomer(phone, 'Ploy', 'Thank you!')
    await seen(message(tab, 'Thank you!'))
  })

  it('reads what a customer writes without webhooks, and answers', async () => {
    const admin = await stage.world.business()
    const shop = workspace('Baan Cha')
    const { respondio } = stage.world.standin
    const channel = shop.channels[0]?.id ?? 0
    const { contactId } = respondio.customerWrites({ channel, contact: { firstName: 'Nok' }, text: 'Are you open?' })
    await connectWithout(admin, shop, 0)
    const tab = await stage.open({ as: admin })
    await tab.live()
    await tab.page.getByRole('option').filter({ hasText: 'Nok' }).click()
    await seen(message(tab, 'Are you open?'))
    const why = message(tab, 'Are you open?').getByText('respond.io cannot show a message above a reply.')
    await why.waitFor({ state: 'attached' })
    await reply(tab, 'From nine to six.')
    await until(() => respondio.messages(contactId).some(({ traffic }) => traffic === 'outgoing'), 'it is sent')
    respondio.customerWrites({ channel, contact: contactId, text: 'See you then' })
    await seen(message(tab, 'See you then'))
  })

  it('tells at the inbox how it is read, and what keeps it from being read', async () => {
    const admin = await stage.world.business()
    const shop = workspace('Baan Cha')
    const { respondio } = stage.world.standin
    const [channel] = shop.channels
    respondio.customerWrites({ channel: channel?.id ?? 0, contact: { firstName: 'Nok' }, text: 'Hello' })
    const inboxId = await connectWithout(admin, shop, 0)
    await until(async () => (await admin.conversations()).length > 0, 'it is read')
    const path = `/a/${admin.accountId}/settings/inboxes/${inboxId}`
    const tab = await stage.open({ as: admin, path, width: 360, height: 740 })
    const { page } = tab
    await seen(page.getByText('Not set up: respond.io is asked for new messages instead.'))
    await seen(page.getByText(/^one contact, 1 active · longest not looked at: /))
    await axe(tab)
    const sql = openSql(stage.world)
    respondio.fault({
      kind: '403_html',
      count: Infinity,
      operations: ['message_list', 'contact_channels', 'contact_list'],
    })
    await until(
      async () => (await sql`select 1 from polls where inbox_id = ${inboxId} and failure_code is not null`).length > 0,
      'it cannot be read',
    )
    await sql.end()
    await page.reload()
    await seen(
      page.getByText('respond.io cannot be read right now. It is tried again by itself. It was blocked on the way'),
    )
    respondio.clearFaults()
  })

  it('asks for a new token once the old one is refused, and goes on with the same channel', async () => {
    const admin = await stage.world.business()
    const shop = workspace('Baan Cha', 'Outlet')
    const inboxId = await connectWithout(admin, shop, 0)
    const sql = openSql(stage.world)
    await sql`update inboxes set reauthorization_required = true, reauthorization_reason = 'TOKEN_ENDED'
      where id = ${inboxId}`
    await sql.end()
    const tab = await stage.open({ as: admin, path: `/a/${admin.accountId}/settings/inboxes/${inboxId}` })
    const { page } = tab
    await seen(page.getByText('respond.io does not accept the token any more. Enter a new one.'))
    await axe(tab)
    await main(tab).getByRole('button', { name: 'Enter a new token' }).click()
    await seen(page.getByRole('heading', { name: 'Connect Baan Cha again' }))
    const { respondio } = stage.world.standin
    respondio.revokeTokens(shop.space)
    await enter(tab, shop.token)
    await seen(page.getByText('The token was not accepted.'))
    await enter(tab, respondio.newToken(shop.space))
    await seen(page.getByText('Found one account.'))
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await seen(page.getByText('Baan Cha is connected.'))
    await gone(page.getByText('Enter a new one.'))
    expect((await inboxesOf(admin)).map(({ id, reauthorizationRequired }) => [id, reauthorizationRequired])).toEqual([
      [inboxId, false],
    ])
  })
})
