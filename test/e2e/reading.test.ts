import { and, eq, isNotNull } from 'drizzle-orm'
import * as schema from '../../server/db/schema/index.ts'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, gone, message, row, rows, seen, thread } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage({ knobs: { webhookDelayMs: 0 } })

const HOUR = 60

/** Sixty messages over two and a half days; message 60 is from just now. */
async function longThread(shop: Shop): Promise<string> {
  for (let number = 1; number <= 60; number += 1)
    shop.writes('Nina', `Message ${number}`, { minutesAgo: (60 - number) * HOUR })
  return (await shop.conversation('Nina', 60)).id
}

interface Place {
  row: string
  /** From the top of what is seen, in px. */
  offset: number
}

/** The first row that can be seen in the scroller, and where it stands. */
function placeIn(tab: Tab, role: 'log' | 'listbox'): Promise<Place> {
  return tab.page.getByRole(role).evaluate((scroller) => {
    const top = scroller.getBoundingClientRect().top
    const first = [...scroller.querySelectorAll<HTMLElement>('article, [role="option"]')]
      .map((one) => ({ row: one.dataset['row'] ?? one.dataset['id'] ?? '', at: one.getBoundingClientRect().top }))
      .sort((a, b) => a.at - b.at)
      .find(({ at }) => at >= top)
    return { row: first?.row ?? '', offset: Math.round((first?.at ?? 0) - top) }
  })
}

async function scrollTo(tab: Tab, role: 'log' | 'listbox', top: number): Promise<Place> {
  await tab.page.getByRole(role).evaluate((scroller, to) => scroller.scrollTo({ top: to }), top)
  return placeIn(tab, role)
}

const scrollTop = (tab: Tab, role: 'log' | 'listbox') =>
  tab.page.getByRole(role).evaluate((scroller) => scroller.scrollTop)

describe('a long thread', () => {
  it('pages upwards without a jump, with its days, and stands still when something new arrives', async () => {
    const shop = await Shop.open(stage)
    const id = await longThread(shop)
    await shop.markRead(id)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Message 60'))
    await tab.live()
    const articles = thread(tab).getByRole('article')
    expect(await articles.count()).toBe(40)
    await seen(thread(tab).getByText('Today', { exact: true }))
    expect(await thread(tab).getByText('Yesterday', { exact: true }).count()).toBe(1)

    // The reader goes up: what is above comes in, and what is read stays where it is.
    const before = await scrollTo(tab, 'log', 500)
    await becomes(() => articles.count(), 60, 'the older page is there')
    expect(await placeIn(tab, 'log')).toEqual(before)

    const reading = await scrollTo(tab, 'log', 800)
    shop.writes('Nina', 'Are you there?')
    await seen(tab.page.getByRole('button', { name: '1 new message' }))
    expect(await placeIn(tab, 'log')).toEqual(reading)
    await axe(tab)
    await tab.page.getByRole('button', { name: '1 new message' }).click()
    await until(() => message(tab, 'Are you there?').evaluate(isInSight), 'the newest is in sight')
    await gone(tab.page.getByRole('button', { name: '1 new message' }))
  })

  it('opens at the line above what is unread, which stays until the thread is left', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Old one', 'Old two')
    await shop.markRead(id)
    await shop.talk('Lek', 'Somebody else')
    shop.writes('Nina', 'New one')
    shop.writes('Nina', 'New two')
    await shop.conversation('Nina', 4)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    const line = tab.page.getByTestId('unread-line')
    await seen(line.getByText('2 new'))
    const order = await thread(tab).locator('[data-row="unread"], article .text').allTextContents()
    expect(order.map((text) => text.trim())).toEqual(['Old one', 'Old two', '2 new', 'New one', 'New two'])
    await becomes(async () => (await shop.admin.conversation(id)).unreadCount, 0, 'it counts as read')
    expect(await line.count()).toBe(1)
    await axe(tab)
    await row(tab, 'Lek').click()
    await seen(message(tab, 'Somebody else'))
    await row(tab, 'Nina').click()
    await seen(message(tab, 'New two'))
    expect(await line.count()).toBe(0)
  })
})

describe('a list of 120 conversations', () => {
  it('keeps few rows in the page, loads on, and does not move under the reader', async () => {
    const shop = await Shop.open(stage)
    for (let number = 1; number <= 120; number += 1)
      shop.writes(`Customer ${number}`, 'Hello', { minutesAgo: 121 - number })
    await until(async () => (await shop.countOpen()) === 120, 'all 120 are there', 60_000)
    // Names are read from TikTok at its rate, eight a second.
    await until(() => isNamed(shop, 120), 'all 120 have their names', 60_000)
    const tab = await stage.open({ as: shop.admin })
    await seen(row(tab, 'Customer 120'))
    await tab.live()
    expect(await rows(tab).count()).toBeLessThanOrEqual(80)
    await axe(tab)

    const list = tab.page.getByRole('listbox')
    await until(async () => {
      await list.evaluate((scroller) => scroller.scrollTo({ top: scroller.scrollHeight }))
      return row(tab, 'Customer 1').getByText('Customer 1', { exact: true }).isVisible()
    }, 'the last page is there')
    expect(await rows(tab).count()).toBeLessThanOrEqual(80)

    await scrollTo(tab, 'listbox', 3_000)
    await until(async () => (await placeIn(tab, 'listbox')).row, 'rows are drawn')
    const reading = await placeIn(tab, 'listbox')
    const at = await scrollTop(tab, 'listbox')
    shop.writes('Customer 5', 'I am back')
    shop.writes('Somebody new', 'Hello')
    const waiting = tab.page.getByRole('button', { name: '2 new' })
    await seen(waiting)
    expect(await placeIn(tab, 'listbox')).toEqual(reading)
    expect(await scrollTop(tab, 'listbox')).toBe(at)
    await waiting.click()
    await seen(row(tab, 'Somebody new'))
    expect(await scrollTop(tab, 'listbox')).toBe(0)
    await seen(row(tab, 'I am back'))
  })
})

async function isNamed(shop: Shop, customers: number): Promise<boolean> {
  const { contacts } = schema
  const synced = and(eq(contacts.accountId, shop.admin.accountId), isNotNull(contacts.profileSyncedAt))
  return (await shop.admin.world.deps.system.orm.$count(contacts, synced)) === customers
}

function isInSight(element: Element): boolean {
  const box = element.getBoundingClientRect()
  return document.elementFromPoint(box.left + box.width / 2, box.top + 5) !== null && box.bottom < innerHeight
}
