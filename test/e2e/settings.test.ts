import { describe, expect, it } from 'vitest'
import { Actor } from '../support/actor.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, breakRequests, focused, gone, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
const inboxesAsked = /channelTypes\(/

const button = ({ page }: Tab, name: string) => page.getByRole('button', { name, exact: true })

describe('a dialog', () => {
  it('gives the focus back, however it is closed', async () => {
    const shop = await Shop.open(stage)
    await shop.admin.invite('AGENT', [shop.inboxId])
    const tab = await stage.open({ as: shop.admin, path: `/a/${shop.admin.accountId}/settings/agents` })
    const dialog = tab.page.getByRole('dialog')
    for (const way of ['Cancel', 'Close']) {
      await button(tab, 'Invite').click()
      await dialog.getByRole('button', { name: way }).click()
      await gone(dialog)
      await becomes(() => focused(tab), 'Invite', `${way} gives the focus back`)
    }
    await button(tab, 'Change Anan Srisuk').click()
    await dialog.getByRole('radio', { name: /^Administrator/ }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await gone(dialog)
    await becomes(() => focused(tab), 'Change Anan Srisuk', 'Save gives the focus back')
  })
})

describe('inboxes that are not loaded', () => {
  it.each([
    ['the list of inboxes', 'settings/inboxes', 'No inbox yet. Connect the first one below.'],
    ['an inbox', 'settings/inboxes/:inbox', 'Nothing here'],
    ['the first steps', 'start', 'Connect TikTok to begin'],
  ])('are not the same as none: %s says what happened, and loads when told to', async (_name, page, lie) => {
    const admin = await stage.world.business()
    const { inboxId } = page.includes(':inbox') ? await admin.connect() : { inboxId: '' }
    const tab = await stage.open({ as: admin, path: '/icon.svg' })
    const mend = await breakRequests(tab, inboxesAsked)
    await tab.page.goto(`/a/${admin.accountId}/${page.replace(':inbox', inboxId)}`)
    const main = tab.page.getByRole('main')
    await seen(main.getByRole('heading', { name: 'This could not be loaded' }))
    expect(await main.getByText(lie).count()).toBe(0)
    await axe(tab)
    const again = main.getByRole('button', { name: 'Try again' })
    const asked = tab.page.waitForRequest((request) => inboxesAsked.test(request.postData() ?? ''))
    await again.click()
    await asked
    await seen(main.getByText('No connection. Check the network and try again.'))
    await mend()
    // The live view asks again by itself too; whoever comes first, the page is there.
    await again.evaluateAll((buttons) => buttons.forEach((one) => (one as HTMLElement).click()))
    await seen(main.getByRole('button', { name: inboxId ? 'Disconnect' : 'Connect TikTok' }))
  })
})

describe('in Thai', () => {
  it('what the server says about what was entered is told in Thai, and so are the features', async () => {
    const tab = await stage.open({ locale: 'th', path: '/sign-up' })
    const { page } = tab
    await page.getByLabel('ชื่อร้านหรือบริษัท').fill('ร้านบ้านชา')
    await page.getByLabel('ชื่อของคุณ').fill('มาลี')
    await page.getByLabel('อีเมล').fill('mali@thai.example')
    await page.getByLabel('รหัสผ่าน').fill('password123')
    await button(tab, 'สร้างบัญชี').click()
    await seen(page.getByText('โปรดตั้งรหัสผ่านอื่นที่ยาวพอ เดายาก และไม่ใช่อีเมลของคุณ'))
    await axe(tab)
    await page.getByLabel('รหัสผ่าน').fill(Actor.password)
    await button(tab, 'สร้างบัญชี').click()
    await seen(page.getByRole('progressbar'))
    await page.goto(`${page.url().replace(/start$/, '')}settings/account`)
    await seen(page.getByText('TikTok ผ่าน respond.io'))
  })
})

describe('API tokens', () => {
  it('are shown once, open the API, and are shut out when they are revoked', async () => {
    const shop = await Shop.open(stage)
    await shop.talk('Nina', 'Hello?')
    const tab = await stage.open({ as: shop.admin, path: `/a/${shop.admin.accountId}/settings/api` })
    const { page } = tab
    const ask = (token: string) =>
      fetch(`${stage.world.url}/api/chats`, { headers: { authorization: `Bearer ${token}` } })
    await seen(page.getByText('No token yet.'))
    await axe(tab)
    await button(tab, 'Make a token').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What it is for').fill('Old dashboard')
    await dialog.getByRole('button', { name: 'Make a token' }).click()
    const shown = dialog.getByLabel('Token', { exact: true })
    await seen(shown)
    await axe(tab)
    const token = (await shown.textContent()) ?? ''
    expect(await (await ask(token)).json()).toMatchObject([{ message: { content: 'Hello?' } }])
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await gone(dialog)
    await seen(page.getByText(/made by Mali Kittisak on .* · not used yet/))
    expect(await page.content()).not.toContain(token)
    await page.reload()
    await seen(page.getByText(/· last used: /))
    await button(tab, 'Revoke Old dashboard?').click()
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await seen(page.getByText('No token yet.'))
    expect((await ask(token)).status).toBe(401)
    const agent = await shop.admin.invite('AGENT', [shop.inboxId])
    const other = await stage.open({ as: agent, path: `/a/${shop.admin.accountId}/settings/api` })
    await seen(other.page.getByText('Only administrators can change this.'))
  })
})
