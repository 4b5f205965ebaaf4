import { describe, expect, it } from 'vitest'
import { never } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, composer, connection, focused, gone, message, row, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
const PHONE = { width: 320, height: 640, touch: true }

async function openThread(): Promise<{ shop: Shop; tab: Tab }> {
  const shop = await Shop.open(stage)
  const id = await shop.talk('Nina', 'Hello?')
  await shop.talk('Lek', 'Hi')
  const tab = await stage.open({ as: shop.admin, path: shop.path(id), ...PHONE })
  await seen(message(tab, 'Hello?'))
  return { shop, tab }
}

const button = ({ page }: Tab, name: string) => page.getByRole('button', { name, exact: true })
const rail = ({ page }: Tab) => page.getByRole('navigation', { name: 'Main' })

describe('a phone of 320 px', () => {
  it('shows the whole head of a thread, and whether what it shows is live', async () => {
    const { tab } = await openThread()
    await seen(connection(tab).getByText('Live', { exact: true }))
    const beyond = await tab.page.evaluate(() =>
      [...document.querySelectorAll('main button')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120)),
    )
    expect(beyond).toEqual([])
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    tab.allow(/WebSocket connection/)
    stage.cutSockets({ stay: true })
    await seen(connection(tab).getByText('Offline, trying again'))
    await axe(tab)
  })

  it('says on a tap why something cannot be pressed', async () => {
    const { tab } = await openThread()
    // A finger does not know that it may not press.
    await button(tab, 'Send').tap({ force: true })
    await seen(tab.page.locator('.tip').getByText('Write a reply first.'))
    await composer(tab).tap()
    await gone(tab.page.locator('.tip'))
  })

  it('has a drawer that takes the focus, leaves the page behind at rest and gives the focus back on Escape', async () => {
    const { tab } = await openThread()
    await button(tab, 'Back to the list').tap()
    await button(tab, 'Open the menu').focus()
    await tab.page.keyboard.press('Enter')
    await becomes(() => focused(tab), 'Main', 'the drawer has the focus')
    expect(await tab.page.locator('main').evaluate((main) => (main as HTMLElement).inert)).toBe(true)
    await axe(tab)
    await tab.page.keyboard.press('Escape')
    await gone(rail(tab))
    await becomes(() => focused(tab), 'Open the menu', 'the focus is back')
  })

  it('keeps the drawer while somebody types a search, and shows what was found on Enter', async () => {
    const { tab } = await openThread()
    await button(tab, 'Back to the list').tap()
    await button(tab, 'Open the menu').tap()
    const search = rail(tab).getByRole('searchbox', { name: 'Search conversations' })
    await search.fill('Nin')
    await becomes(async () => new URL(tab.page.url()).searchParams.get('q'), 'Nin', 'it is searched for')
    await never(async () => !(await search.isVisible()), 'the drawer closes', 400)
    await search.press('a')
    await search.press('Enter')
    await gone(rail(tab))
    await seen(row(tab, 'Nina'))
    await gone(row(tab, 'Lek'))
  })
})
