import { describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { focused, gone, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage({ loopback: true })

async function openInboxes(): Promise<{ admin: Actor; tab: Tab; handle: string }> {
  const admin = await stage.world.business()
  const handle = `shop.${admin.accountId.slice(-8)}`
  stage.world.standin.tiktok.addBusiness({ username: handle, displayName: 'The shop' })
  const tab = await stage.open({ as: admin, path: `/a/${admin.accountId}/settings/inboxes` })
  return { admin, tab, handle }
}

async function toTikTok({ page }: Tab, handle: string): Promise<void> {
  await page.getByRole('button', { name: 'Connect TikTok' }).click()
  await page.getByRole('radio', { name: `@${handle}` }).check()
}

async function connects(tab: Tab, handle: string): Promise<void> {
  await toTikTok(tab, handle)
  await tab.page.getByRole('button', { name: 'Approve' }).click()
  await seen(tab.page.getByText('The shop is connected.'))
}

describe('an inbox that is connected again', () => {
  it('with another account asks what to do, and makes it an inbox of its own', async () => {
    const shop = await Shop.open(stage)
    const { admin } = shop
    const handle = `other.${admin.accountId.slice(-8)}`
    stage.world.standin.tiktok.addBusiness({ username: handle, displayName: 'Another shop' })
    const back = await admin.authorize({
      business: stage.world.standin.tiktok.world.business(handle),
      inboxId: shop.inboxId,
    })
    const tab = await stage.open({ as: admin, path: back, width: 360, theme: 'dark' })
    await seen(tab.page.getByRole('heading', { name: 'That is another account' }))
    await seen(tab.page.getByText(`You connected @${handle}, but the inbox`))
    const section = tab.page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Inboxes' })
    expect(await section.getAttribute('aria-current')).toBe('page')
    await axe(tab)
    await tab.page.getByRole('button', { name: `Connect @${handle} as a new inbox` }).click()
    await seen(tab.page.getByText('Another shop is connected.'))
    await tab.page.goto(back)
    await seen(tab.page.getByText('This has been decided, or took too long'))
    await axe(tab)
  })

  it('offers what could not be sent meanwhile, once', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const { id: messageId } = await shop.admin.send(id, 'An answer that waited')
    const status = async () => (await shop.admin.messages(id)).find((row) => row.id === messageId)?.status
    await until(async () => (await status()) === 'SENT', 'it is sent')
    const sql = openSql(stage.world)
    await sql`update messages set status = 'failed', failure_code = 'CHANNEL_REAUTH', external_id = null
      where id = ${messageId}`
    await sql.end()
    const path = `/a/${shop.admin.accountId}/settings/inboxes/${shop.inboxId}`
    const tab = await stage.open({ as: shop.admin, path })
    const offer = tab.page.getByText('One message could not be sent meanwhile')
    await seen(offer)
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Send them now' }).click()
    await seen(tab.page.getByText('One message is on its way.'))
    await gone(offer)
    await until(async () => (await status()) === 'SENT', 'it is sent again')
  })
})

describe('a channel with a form', () => {
  const shops = [
    { id: 'shop-teas', name: 'Teas' },
    { id: 'shop-cakes', name: 'Cakes' },
  ]

  it('is filled in on a phone with keys alone, says what is wrong, and makes an inbox of each that is picked', async () => {
    const admin = await stage.world.business()
    const look = { width: 360, theme: 'dark' } as const
    const tab = await stage.open({ as: admin, path: `/a/${admin.accountId}/settings/inboxes`, ...look })
    const { page } = tab
    await page.getByRole('button', { name: 'Connect Loopback' }).click()
    await seen(page.getByRole('heading', { name: 'Connect Loopback' }))
    const token = page.getByLabel('API token')
    expect(await token.getAttribute('type')).toBe('password')
    await token.fill('loopback_nobody')
    await token.press('Enter')
    await seen(page.getByText('The token was not accepted. Copy it once more, as a whole.'))
    await token.fill('two words')
    await token.press('Enter')
    await seen(page.getByText('API token: that is not complete, too long, or holds signs'))
    await axe(tab)
    await token.fill(stage.world.loopback.issueToken(shops, 'basic'))
    await token.press('Enter')
    await seen(page.getByText('Found 2 accounts. Each becomes an inbox of its own.'))
    await seen(page.getByText('The plan of this Loopback workspace has no webhooks'))
    await axe(tab)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width)
    for (const key of ['Tab', 'Tab', 'Space', 'Tab', 'Space', 'Tab', 'Enter']) await page.keyboard.press(key)
    await seen(page.getByText('2 inboxes are connected.'))
    expect(await focused(tab)).toBe('What became of each')
    await axe(tab)
    await page.getByRole('link', { name: 'All inboxes' }).click()
    for (const { name } of shops)
      await seen(page.getByRole('main').getByRole('link', { name: new RegExp(`${name}.*Connected`) }))
    await page.getByRole('button', { name: 'Connect Loopback' }).click()
    await token.fill(stage.world.loopback.issueToken(shops))
    await token.press('Enter')
    await seen(page.getByText('connected already').first())
    expect(await page.getByRole('checkbox', { disabled: true }).count()).toBe(2)
    await page.goto(`/a/${admin.accountId}/settings/inboxes`)
    await page
      .getByRole('main')
      .getByRole('link', { name: shops[0]?.name ?? '' })
      .click()
    await seen(page.getByText('No signing key is known: what Loopback delivers is not taken in.'))
    await page.getByLabel('Signing key').fill('the-first-key')
    await page.getByLabel('Signing key').press('Enter')
    await seen(page.getByText('To be entered in Loopback’s portal by hand.'))
  })

  it('is filled in again once its token has ended, in Thai too', async () => {
    const admin = await stage.world.business()
    const shop = { id: 'shop-pots', name: 'Pots' }
    const inboxId = await admin.connectByForm(shop)
    const sql = openSql(stage.world)
    await sql`update inboxes set reauthorization_required = true, reauthorization_reason = 'TOKEN_ENDED'
      where id = ${inboxId}`
    await sql.end()
    const tab = await stage.open({ as: admin, path: `/a/${admin.accountId}/settings/inboxes/${inboxId}` })
    const { page } = tab
    await seen(page.getByText('Loopback does not accept the token any more. Enter a new one.'))
    await page.getByRole('main').getByRole('button', { name: 'Enter a new token' }).click()
    await seen(page.getByRole('heading', { name: 'Connect Pots again' }))
    const { pathname, search } = new URL(page.url())
    await page.getByLabel('API token').fill(stage.world.loopback.issueToken([{ id: 'shop-pans', name: 'Pans' }]))
    await page.getByRole('button', { name: 'Continue' }).click()
    await seen(page.getByText('Pots is not among what was found. Choose what to connect in its place.'))
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await seen(page.getByRole('heading', { name: 'That is another account' }))
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.goto(pathname + search)
    await page.getByLabel('API token').fill(stage.world.loopback.issueToken([...shops, shop]))
    await page.getByRole('button', { name: 'Continue' }).click()
    await seen(page.getByText('Found one account.'))
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await seen(page.getByText('Pots is connected.'))
    await seen(page.getByText('does not end by itself'))
    await seen(page.getByText(/\/webhooks\/loopback\/[\w-]{43}$/))
    await seen(page.getByText('One key is known.'))
    await page.getByLabel('Signing key').fill('short')
    await page.getByLabel('Signing key').press('Enter')
    await seen(page.getByText('A key has 8 to 200 letters, digits and signs.'))
    await page.getByLabel('Signing key').fill('the-first-key the-second-key')
    await page.getByLabel('Signing key').press('Enter')
    await seen(page.getByText('2 keys are known.'))
    await axe(tab)
    await admin.raw('mutation { updateProfile(input: { locale: "th" }) { id } }')
    await page.goto(pathname + search)
    await seen(page.getByRole('heading', { name: 'เชื่อมต่อ Pots อีกครั้ง' }))
    await seen(page.getByText('สร้างในการตั้งค่าของ Loopback'))
    await axe(tab)
  })
})

describe('a connection that does not come about ends on a page that says what to do (I16)', () => {
  it('when the business says no, and connecting works afterwards', async () => {
    const { tab, handle } = await openInboxes()
    await toTikTok(tab, handle)
    await tab.page.getByRole('button', { name: 'Deny' }).click()
    await seen(tab.page.getByText('The permission was not given. Connect again'))
    await axe(tab)
    await connects(tab, handle)
  })

  it('when a permission was unticked, and connecting works afterwards', async () => {
    const { admin, tab, handle } = await openInboxes()
    await toTikTok(tab, handle)
    await tab.page.getByRole('checkbox', { name: 'message.list.send' }).uncheck()
    await tab.page.getByRole('button', { name: 'Approve' }).click()
    await seen(tab.page.getByText('Not every permission was given. Connect again and leave every box ticked.'))
    await seen(tab.page.getByText('Sending messages: nobody could answer.'))
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Try again' }).click()
    await tab.page.getByRole('radio', { name: `@${handle}` }).check()
    await tab.page.getByRole('checkbox', { name: 'message.list.manage' }).uncheck()
    await tab.page.getByRole('checkbox', { name: 'user.info.username' }).uncheck()
    await tab.page.getByRole('button', { name: 'Approve' }).click()
    await seen(tab.page.getByText('The shop is connected.'))
    await seen(tab.page.getByText('Customers do not see that you have read their messages.'))
    await axe(tab)
    await tab.page.goto(`/a/${admin.accountId}/settings/inboxes`)
    await seen(tab.page.getByRole('main').getByRole('link', { name: /The shop.*Connected/ }))
  })

  it('when TikTok refuses what was asked for, and connecting works afterwards', async () => {
    const { tab, handle } = await openInboxes()
    await toTikTok(tab, handle)
    await tab.page.getByRole('button', { name: 'Answer invalid_scope' }).click()
    await seen(tab.page.getByText('The channel refused the permissions that we asked for.'))
    await tab.page.reload()
    await seen(tab.page.getByRole('button', { name: 'Connect TikTok' }))
    expect(await tab.page.getByRole('alert').count(), 'a reload does not say it again').toBe(0)
    await connects(tab, handle)
  })

  it('when the state is forged, used, or of another browser', async () => {
    const { admin, tab, handle } = await openInboxes()
    await tab.page.goto('/tiktok/callback?code=x&state=forged')
    await seen(tab.page.getByRole('heading', { name: 'Not connected' }))
    await seen(tab.page.getByText('The way back from the channel was not complete.'))
    await axe(tab)

    await tab.page.goto(`/a/${admin.accountId}/settings/inboxes`)
    await toTikTok(tab, handle)
    const back = tab.page.waitForRequest(/\/tiktok\/callback/)
    await tab.page.getByRole('button', { name: 'Approve' }).click()
    const callback = (await back).url()
    await seen(tab.page.getByText('The shop is connected.'))
    await tab.page.goto(callback)
    await seen(tab.page.getByText(/That link was used already|was begun in another browser/))

    const other = await stage.open({ as: admin, path: callback })
    await seen(other.page.getByText('The connection was begun in another browser.'))
  })
})
