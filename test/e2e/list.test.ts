import { describe, expect, it } from 'vitest'
import { never, until } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, breakRequests, gone, message, row, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage({ knobs: { webhookDelayMs: 0 } })

/** The list's first page holds 25; customer 1 wrote last. */
async function customers(count: number): Promise<{ shop: Shop; ids: string[] }> {
  const shop = await Shop.open(stage)
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  for (const number of numbers) shop.writes(`Customer ${number}.`, 'Hello', { minutesAgo: number })
  const found = []
  for (const number of numbers) found.push(await shop.conversation(`Customer ${number}.`))
  return { shop, ids: found.map((conversation) => conversation.id) }
}

const toEnd = (tab: Tab) =>
  tab.page.getByRole('listbox').evaluate((scroller) => scroller.scrollTo({ top: scroller.scrollHeight }))

describe('the list', () => {
  it('fills up from below as rows leave it, and is done only when nothing is left', async () => {
    const { shop, ids } = await customers(30)
    const tab = await stage.open({ as: shop.admin })
    await seen(row(tab, 'Customer 1.'))
    await tab.live()
    for (const id of ids.slice(0, 25)) await shop.resolve(id)
    await seen(row(tab, 'Customer 26.'))
    await seen(row(tab, 'Customer 30.'))
    await gone(row(tab, 'Customer 25.'))
    for (const id of ids.slice(25)) await shop.resolve(id)
    await seen(tab.page.getByRole('heading', { name: 'All done' }))
  })

  it('says that a page did not come, and asks for it again when told to', async () => {
    const { shop } = await customers(40)
    const tab = await stage.open({ as: shop.admin })
    await seen(row(tab, 'Customer 1.'))
    await tab.live()
    const mend = await breakRequests(tab, /"after":"/)
    await toEnd(tab)
    const notice = tab.page.getByRole('alert').filter({ hasText: 'More conversations could not be loaded.' })
    await seen(notice)
    await axe(tab)
    await mend()
    await notice.getByRole('button', { name: 'Try again' }).click()
    await gone(notice)
    // The notice goes when the page is asked for; there is an end to scroll to when it has come.
    await until(async () => {
      await toEnd(tab)
      return row(tab, 'Customer 40.').isVisible()
    }, 'the last one is in sight')
  })

  it('names the channel of every conversation, and the tab how many wait to be read', async () => {
    const { shop, ids } = await customers(2)
    const tab = await stage.open({ as: shop.admin })
    for (const name of ['Customer 1.', 'Customer 2.'])
      await seen(row(tab, name).getByRole('img', { name: 'TikTok', exact: true }))
    await tab.live()
    const title = () => tab.page.title()
    const name = /^\(2\) (.+) · Parley$/.exec(await title())?.[1]
    expect(name).toBeTruthy()
    await row(tab, 'Customer 1.').click()
    await seen(message(tab, 'Hello'))
    await becomes(title, `(1) ${name} · Parley`, 'one is read')
    await shop.markRead(ids[1]!)
    await becomes(title, `${name} · Parley`, 'both are read')
    shop.writes('Customer 2.', 'Are you there?')
    await becomes(title, `(1) ${name} · Parley`, 'one has written again')
    await never(async () => !(await title()).startsWith('(1)'), 'the count goes away', 200)
  })
})
