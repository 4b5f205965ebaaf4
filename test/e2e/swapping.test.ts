import { afterEach, describe, expect, it } from 'vitest'
import type { Channel, Space } from '../standin/respondio/types.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { gone, message, reply, row, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
afterEach(() => stage.world.standin.respondio.resetKnobs())

interface Workspace {
  space: Space
  token: string
  channel: Channel
}

/** A workspace with a channel of the shop's own TikTok account: both providers see the same messages. */
function workspaceOf(shop: Shop): Workspace {
  const { respondio } = stage.world.standin
  const space = respondio.addSpace({ name: 'Acme' })
  const channel = respondio.addChannel({ space, name: 'The shop', business: shop.business.username })
  return { space, token: space.tokens[0] ?? '', channel }
}

const settingsOf = (shop: Shop) => `/a/${shop.admin.accountId}/settings/inboxes/${shop.inboxId}`

async function enterToken({ page }: Tab, { token }: Workspace): Promise<void> {
  await page.getByLabel('API token').fill(token)
  await page.getByLabel('API token').press('Enter')
}

/** Goes from the inbox's settings through the form. */
async function swapsToRespondIo(tab: Tab, workspace: Workspace): Promise<void> {
  const { page } = tab
  await page.getByRole('button', { name: 'Swap provider' }).click()
  await page.getByRole('button', { name: 'Continue with respond.io' }).click()
  await enterToken(tab, workspace)
  await page.getByRole('button', { name: 'Swap now' }).click()
}

/** As if the seven days were over; `open`: TikTok has not taken the grant back yet. */
async function endSwap(shop: Shop, state: 'open' | 'over'): Promise<void> {
  const sql = openSql(stage.world)
  await sql`update inbox_swaps set state = ${state}, ends_at = now(), next_attempt_at = now() + interval '1 hour'
    where inbox_id = ${shop.inboxId}`
  await sql.end()
}

const MINUTE = 60_000
const ONLY_THERE = 'A word that only one side knows'

/** Somebody of that name who is at both providers, as far as one can tell: they say one word at the same moment. */
async function doubtful(shop: Shop, { channel }: Workspace, name: string): Promise<void> {
  const [firstName = '', lastName] = name.split(' ')
  const { respondio } = stage.world.standin
  const text = `I am ${firstName}`
  shop.writes(name, text, { minutesAgo: 5 })
  const at = Date.now() - 5 * MINUTE
  const { contactId } = respondio.customerWrites({ channel, contact: { firstName, lastName }, text, at })
  respondio.customerWrites({ channel, contact: contactId, text: ONLY_THERE, at: at + MINUTE })
  await shop.conversation(name)
}

describe('a swap of providers', () => {
  it('says before what stays and what changes, shows how far it is, and is taken back', async () => {
    const shop = await Shop.open(stage)
    const space = workspaceOf(shop)
    const id = await shop.talk('Nina', 'Do you ship to Chiang Mai?')
    const tab = await stage.open({ as: shop.admin, path: settingsOf(shop), width: 360, height: 740, theme: 'dark' })
    const { page } = tab
    await page.getByRole('button', { name: 'Swap provider' }).click()
    await seen(page.getByRole('heading', { name: 'What stays' }))
    await seen(page.getByText('Other programs go on answering'))
    await seen(page.getByText('Not every kind of message goes out through respond.io.'))
    await axe(tab)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.goBack()
    await swapsToRespondIo(tab, space)
    await seen(page.getByRole('heading', { name: 'Swapped from TikTok to respond.io' }))
    await seen(page.getByText('Can be taken back'))
    await axe(tab)
    await page.goto(`${settingsOf(shop)}/swap`)
    await seen(page.getByRole('status').getByText('The last swap can still be taken back.'))
    await page.goto(settingsOf(shop))

    await page.getByRole('button', { name: 'Take the swap back' }).click()
    await seen(page.getByRole('dialog').getByText('The inbox goes back to TikTok.'))
    await axe(tab)
    await page.getByRole('dialog').getByRole('button', { name: 'Take the swap back' }).click()
    await seen(page.getByRole('heading', { name: 'Swapped from respond.io to TikTok' }))
    const wide = await stage.open({ as: shop.admin, path: shop.path(id) })
    await reply(wide, 'We do!')
    await until(() => shop.atTikTok('Nina').includes('We do!'), 'the reply is at TikTok')
  })

  it('goes the other way through the consent page', async () => {
    const shop = await Shop.open(stage)
    const space = workspaceOf(shop)
    const tab = await stage.open({ as: shop.admin, path: settingsOf(shop) })
    const { page } = tab
    await swapsToRespondIo(tab, space)
    await seen(page.getByRole('heading', { name: 'Swapped from TikTok to respond.io' }))
    await endSwap(shop, 'open')
    await page.goto(`${settingsOf(shop)}/swap`)
    await seen(page.getByRole('status').getByText('is still being ended at its provider'))
    const onward = page.getByRole('button', { name: 'Continue with TikTok' })
    expect(await onward.getAttribute('aria-disabled')).toBe('true')
    await endSwap(shop, 'over')
    await page.goto(settingsOf(shop))
    await page.getByRole('button', { name: 'Swap provider' }).click()
    await onward.click()
    await page.getByRole('radio', { name: `@${shop.business.username}` }).check()
    await page.getByRole('button', { name: 'Approve' }).click()
    await seen(page.getByRole('heading', { name: 'Swapped from respond.io to TikTok' }))
  })

  it('lets one of several channels be chosen, and tells those of one name apart', async () => {
    const shop = await Shop.open(stage)
    const workspace = workspaceOf(shop)
    const channel = stage.world.standin.respondio.addChannel({ space: workspace.space, name: 'The shop' })
    const tab = await stage.open({ as: shop.admin, path: `${settingsOf(shop)}/swap` })
    const { page } = tab
    await page.getByRole('button', { name: 'Continue with respond.io' }).click()
    await enterToken(tab, workspace)
    await seen(page.getByText('Found 2 accounts. Choose one.'))
    const [first, second] = [workspace.channel, channel].map(({ id }) =>
      page.getByRole('radio', { name: `The shop ${id}` }),
    )
    await first?.check()
    await second?.check()
    expect(await first?.isChecked()).toBe(false)
    await axe(tab)
    await page.getByRole('button', { name: 'Swap now' }).click()
    await seen(page.getByRole('heading', { name: 'Swapped from TikTok to respond.io' }))
    expect((await shop.admin.inbox(shop.inboxId)).externalId).toBe(String(channel.id))
  })

  it('asks who is who where that is not certain, both sides beside each other', async () => {
    const shop = await Shop.open(stage)
    const { respondio } = stage.world.standin
    respondio.setKnobs({ channelMessageIds: 'withheld' })
    const space = respondio.addSpace({ name: 'Acme' })
    const workspace = {
      space,
      token: space.tokens[0] ?? '',
      channel: respondio.addChannel({ space, name: 'The shop' }),
    }
    const [mali, june] = ['Mali Srisuk', 'June Park']
    for (const name of [mali, june]) await doubtful(shop, workspace, name)
    const tab = await stage.open({ as: shop.admin, path: settingsOf(shop) })
    const { page } = tab
    await swapsToRespondIo(tab, workspace)
    await seen(page.getByRole('heading', { name: 'Swapped from TikTok to respond.io' }))
    await seen(page.getByText('2 customers'))
    await endSwap(shop, 'open')
    await page.reload()
    await seen(page.getByRole('button', { name: 'Swap provider' }))
    await page.getByRole('button', { name: 'Decide' }).click()
    await seen(page.getByRole('heading', { name: 'Are these the same people?' }))
    const section = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Inboxes' })
    expect(await section.getAttribute('aria-current')).toBe('page')
    const matches = page.locator('.match')
    const of = (name: string) => matches.filter({ hasText: name })
    await seen(of(mali).getByText('same name'))
    await axe(tab)
    await of(mali).getByRole('button', { name: 'Same person' }).click()
    await gone(of(mali))
    await of(june).getByRole('button', { name: 'Different people' }).click()
    await seen(page.getByText('Nothing is left to decide.'))
    await page.goto(shop.path())
    await until(async () => (await row(tab, june).count()) === 2, 'June is there twice')
    expect(await row(tab, mali).count()).toBe(1)
    await row(tab, mali).click()
    await seen(message(tab, 'I am Mali'))
    await seen(message(tab, ONLY_THERE))
  })

  it('says so when another program answers afterwards', async () => {
    const shop = await Shop.open(stage)
    await shop.talk('Nina', 'Hello')
    const space = workspaceOf(shop)
    const tab = await stage.open({ as: shop.admin, path: settingsOf(shop) })
    await swapsToRespondIo(tab, space)
    await seen(tab.page.getByRole('heading', { name: 'Swapped from TikTok to respond.io' }))
    const sql = openSql(stage.world)
    await sql`update inbox_swaps set foreign_reply_at = now(), foreign_reply_via = 'automation'
      where inbox_id = ${shop.inboxId} and state = 'open'`
    await sql.end()
    await tab.page.reload()
    await seen(tab.page.getByText('Another program still answers here'))
    await seen(
      tab.page.getByText(/A workflow or an AI agent wrote to a customer on .* Switch it off at TikTok, respond.io/),
    )
    await axe(tab)
  })
})
