import { describe, expect, it } from 'vitest'
import { never } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, gone, message, row, rows, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()

const unread = (tab: Tab, name: string) => row(tab, name).getByText(/^\d+ unread$/)
const button = (tab: Tab, name: string) => tab.page.getByRole('button', { name, exact: true })
const statusTab = (tab: Tab, name: string) =>
  tab.page.getByRole('navigation', { name: 'Status' }).getByRole('button', { name })

async function logOut({ page }: Tab): Promise<void> {
  await page.getByRole('button', { name: /: settings, theme, log out$/ }).click()
  await page.getByRole('menuitem', { name: 'Log out' }).click()
}

describe('two people in one inbox', () => {
  it('see assignment, resolving and reopening of the other as it happens', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const agent = await shop.admin.invite('AGENT', [shop.inboxId])
    const mali = await stage.open({ as: shop.admin, path: shop.path(id) })
    const anan = await stage.open({ as: agent, path: shop.path(id, 'unassigned') })
    await Promise.all([mali.live(), anan.live(), seen(row(anan, 'Nina'))])

    await button(mali, 'Assign to somebody').click()
    await mali.page.getByRole('menuitemradio', { name: 'Anan Srisuk' }).click()
    await seen(button(anan, 'Assigned to Anan Srisuk'))
    await gone(row(anan, 'Nina'))
    await anan.page.getByRole('link', { name: /^Mine/ }).click()
    await seen(row(anan, 'Nina'))

    await row(anan, 'Nina').click()
    await button(anan, 'Resolve').click()
    await gone(row(mali, 'Nina'))
    await seen(button(mali, 'Reopen'))
    await statusTab(mali, 'Resolved').click()
    await seen(row(mali, 'Nina'))
    await seen(mali.page.getByText('Anan Srisuk resolved this conversation'))
    await button(mali, 'Reopen').click()
    await gone(row(mali, 'Nina'))
    await seen(row(anan, 'Nina'))
    await axe(anan)
  })

  it('can take back what they did', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const mali = await stage.open({ as: shop.admin, path: shop.path(id) })
    await button(mali, 'Resolve').click()
    await gone(row(mali, 'Nina'))
    await mali.page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
    await seen(row(mali, 'Nina'))
    await axe(mali)
    await becomes(async () => (await shop.admin.conversation(id)).status, 'OPEN', 'it is open again')
  })

  it('have each their own unread', async () => {
    const shop = await Shop.open(stage)
    const agent = await shop.admin.invite('AGENT', [shop.inboxId])
    await shop.talk('Nina', 'One', 'Two')
    const mali = await stage.open({ as: shop.admin })
    const anan = await stage.open({ as: agent })
    await seen(unread(mali, 'Nina').filter({ hasText: '2' }))
    await seen(unread(anan, 'Nina').filter({ hasText: '2' }))
    await row(mali, 'Nina').click()
    await gone(unread(mali, 'Nina'))
    shop.writes('Nina', 'Three')
    await seen(message(mali, 'Three'))
    await seen(unread(anan, 'Nina').filter({ hasText: '3' }))
    await gone(unread(mali, 'Nina'))
  })

  it('have lists that keep their filter when something arrives (I13)', async () => {
    const shop = await Shop.open(stage)
    const agent = await shop.admin.invite('AGENT', [shop.inboxId])
    const mine = await shop.talk('Nina', 'Mine')
    await shop.assign(mine, agent.userId)
    const anan = await stage.open({ as: agent, path: shop.path('', 'mine') })
    await Promise.all([anan.live(), seen(row(anan, 'Nina'))])
    const other = await shop.talk('Lek', 'Not yours')
    shop.writes('Nina', 'Still mine')
    await seen(row(anan, 'Nina').getByText('Still mine'))
    expect(await rows(anan).count()).toBe(1)
    await shop.assign(other, agent.userId)
    await seen(row(anan, 'Lek'))
    await shop.assign(other, null)
    await gone(row(anan, 'Lek'))
  })
})

describe('access that ends', () => {
  it('takes the rows of an inbox off the screen at once, and nothing of it arrives any more (I11)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const agent = await shop.admin.invite('AGENT', [shop.inboxId])
    const anan = await stage.open({ as: agent, path: shop.path(id) })
    const mali = await stage.open({
      as: shop.admin,
      path: `/a/${shop.admin.accountId}/settings/inboxes/${shop.inboxId}`,
    })
    await Promise.all([anan.live(), seen(message(anan, 'Hello?'))])
    await axe(mali)
    await mali.page.getByRole('checkbox', { name: /Anan Srisuk/ }).uncheck()
    await button(mali, 'Save').click()
    await Promise.all([gone(row(anan, 'Nina')), gone(message(anan, 'Hello?'))])
    await seen(anan.page.getByText('You do not see an inbox yet.'))
    await seen(anan.page.getByRole('heading', { name: 'This conversation is not here' }))
    shop.writes('Nina', 'For the others')
    await shop.conversation('Nina', 2)
    await never(() => anan.page.getByText('For the others').count(), 'a message of a foreign inbox is shown', 300)
    await axe(anan)
  })

  it('ends the session in every tab when one logs out (I11)', async () => {
    const shop = await Shop.open(stage)
    await shop.talk('Nina', 'Hello?')
    const one = await stage.open({ as: shop.admin })
    const other = await stage.open({ beside: one, path: shop.path() })
    await Promise.all([one.live(), other.live()])
    await logOut(one)
    await seen(one.page.getByRole('heading', { name: 'Log in' }))
    await seen(other.page.getByRole('heading', { name: 'Log in' }))
    await seen(other.page.getByText('Your session has ended.'))
    await axe(other)
    await other.page.goto(shop.path())
    await seen(other.page.getByRole('heading', { name: 'Log in' }))
    expect(await other.page.getByText('Nina').count()).toBe(0)
  })
})
