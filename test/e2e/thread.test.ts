import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, breakRequests, gone, message, reply, row, seen, thread, unreadLine } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage({ knobs: { webhookDelayMs: 0 } })
const HOUR = 60

/** Sixty messages, one an hour; answers TikTok's ids of them, oldest first. */
async function longThread(shop: Shop): Promise<{ id: string; messageIds: string[] }> {
  const numbers = Array.from({ length: 60 }, (_, index) => index + 1)
  const messageIds = numbers.map((number) =>
    shop.writes('Nina', `Message ${number}.`, { minutesAgo: (60 - number) * HOUR }),
  )
  const { id } = await shop.conversation('Nina', 60)
  await shop.markRead(id)
  return { id, messageIds }
}

const scrollTo = (tab: Tab, top: number) => thread(tab).evaluate((scroller, to) => scroller.scrollTo({ top: to }), top)

/** Whether it can be seen, at least in part, within the thread. */
const isInSight = (tab: Tab, text: string) =>
  message(tab, text).evaluate((element) => {
    const [own, around] = [element, element.closest('[role="log"]')!].map((one) => one.getBoundingClientRect())
    return own!.bottom > around!.top && own!.top < around!.bottom
  })

describe('a thread', () => {
  it('keeps the day that is read on top', async () => {
    const shop = await Shop.open(stage)
    const { id } = await longThread(shop)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Message 60.'))
    await scrollTo(tab, 900)
    const fromTop = () =>
      thread(tab).evaluate((scroller) => {
        const { top } = scroller.getBoundingClientRect()
        return [...scroller.querySelectorAll('.date')].map((date) => Math.round(date.getBoundingClientRect().top - top))
      })
    expect(await fromTop()).toContain(8)
    await axe(tab)
  })

  it('counts what comes in below after it was opened at the unread line', async () => {
    const shop = await Shop.open(stage)
    const { id } = await longThread(shop)
    for (let number = 1; number <= 30; number += 1) shop.writes('Nina', `Unread ${number}.`)
    await shop.conversation('Nina', 90)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(unreadLine(tab).getByText('30 new'))
    await tab.live()
    await seen(tab.page.getByRole('button', { name: 'To the newest' }))
    shop.writes('Nina', 'One more')
    await seen(tab.page.getByRole('button', { name: '1 new message' }))
  })

  it('says that an older page did not come, stands still meanwhile, and asks again when told to', async () => {
    const shop = await Shop.open(stage)
    const { id, messageIds } = await longThread(shop)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Message 60.'))
    await tab.live()
    shop.writes('Nina', 'I mean this one', { quoting: messageIds[1]! })
    const mend = await breakRequests(tab, /"before":"/)
    await scrollTo(tab, 300)
    const placeOf = (text: string) => message(tab, text).evaluate((one) => Math.round(one.getBoundingClientRect().top))
    const before = await placeOf('Message 30.')
    await seen(thread(tab).getByText('Older messages could not be loaded.'))
    expect(await placeOf('Message 30.')).toBe(before)
    await axe(tab)
    await message(tab, 'I mean this one')
      .getByRole('button', { name: /^Go to the quoted message/ })
      .click()
    await seen(tab.page.getByText('The quoted message is too far back, or it could not be loaded.'))
    await mend()
    await thread(tab).getByRole('button', { name: 'Try again' }).click()
    await seen(message(tab, 'Message 1.'))
    await gone(thread(tab).getByText('Older messages could not be loaded.'))
  })
})

describe('a quote', () => {
  it('stands above the answer and leads to what it quotes, also far back', async () => {
    const shop = await Shop.open(stage)
    const { id, messageIds } = await longThread(shop)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Message 60.'))
    await tab.live()
    shop.writes('Nina', 'I mean this one', { quoting: messageIds[1]! })
    const quote = message(tab, 'I mean this one').getByRole('button', { name: 'Go to the quoted message: Message 2.' })
    await seen(quote)
    expect(await message(tab, 'Message 2.').count(), 'only the quote names it').toBe(1)
    await axe(tab)
    await quote.click()
    await until(async () => (await message(tab, 'Message 2.').count()) === 2, 'it is loaded')
    const sought = thread(tab)
      .getByRole('article')
      .filter({ has: tab.page.locator('p.text', { hasText: /^Message 2\.$/ }) })
    await until(() => sought.evaluate(isFocused), 'it has the focus')
    await becomes(() => isInSight(tab, 'Message 3.'), true, 'its neighbours are in sight')
    expect(await isInSight(tab, 'I mean this one')).toBe(false)
    await tab.page.getByRole('button', { name: 'To the newest' }).click()
    await becomes(() => isInSight(tab, 'I mean this one'), true, 'the newest is in sight')
  })
})

describe('what is not text', () => {
  it('a shared post opens on TikTok, and plays here when it is asked to', async () => {
    const shop = await Shop.open(stage)
    const [post] = shop.business.posts
    shop.writes('Nina', { type: 'share_post', videoId: post! })
    const { id } = await shop.conversation('Nina')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await tab.page.route('https://www.tiktok.com/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>The player</h1>' }),
    )
    const bubble = message(tab, 'Shared post')
    const link = bubble.getByRole('link', { name: 'Open in TikTok' })
    const address = `https://www.tiktok.com/player/v1/${post}`
    await seen(link)
    expect([await link.getAttribute('href'), await link.getAttribute('target')]).toEqual([address, '_blank'])
    await axe(tab)
    expect(await bubble.locator('iframe').count()).toBe(0)
    await bubble.getByRole('button', { name: 'Play here' }).click()
    await seen(bubble.frameLocator('iframe').getByText('The player'))
    const frame = bubble.locator('iframe')
    expect(await frame.getAttribute('src')).toBe(address)
    expect(await frame.getAttribute('sandbox')).toBe('allow-scripts allow-same-origin')
  })

  it('reactions stand under their message, come and go, and are no message', async () => {
    const shop = await Shop.open(stage)
    const messageId = shop.writes('Nina', 'Do you have it in red?')
    const { id } = await shop.conversation('Nina')
    await shop.markRead(id)
    shop.writes('Nina', 'Or in blue?')
    shop.reacts('Nina', messageId, '❤️')
    await shop.conversation('Nina', 2)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    const sign = message(tab, 'Do you have it in red?').getByText('Nina reacted ❤️')
    await seen(sign)
    await seen(row(tab, 'Nina').getByText('Or in blue?'))
    const order = await thread(tab).locator('[data-row="unread"], article p.text').allTextContents()
    expect(order.map((text) => text.trim())).toEqual(['Do you have it in red?', '1 new', 'Or in blue?'])
    await axe(tab)
    await tab.live()
    shop.reacts('Nina', messageId, '❤️', 'REMOVE')
    await gone(sign)
  })

  it('a card, a post and a quote go out; the tap comes back; and where the customer came from is told', async () => {
    const shop = await Shop.open(stage)
    shop.comesByAd('Nina', 'Autumn Sale')
    const id = await shop.talk('Nina', 'Do you have it?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    const { page } = tab
    await tab.live()
    await seen(page.getByRole('region', { name: 'Came from' }).getByRole('link', { name: 'Ad “Autumn Sale”' }))
    await page.getByRole('button', { name: 'Send something else' }).click()
    await page.getByRole('menuitem', { name: 'Ask with buttons' }).click()
    await page.getByLabel('Question').fill('Which size?')
    await page.getByLabel('Answer 1', { exact: true }).fill('Small')
    await page.getByLabel('Answer 2', { exact: true }).fill('Large')
    await axe(tab)
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
    await seen(message(tab, 'Which size?').getByRole('list', { name: 'Answers to tap' }).getByText('Large'))
    await until(() => shop.atTikTok('Nina').includes('template'), 'the card is at TikTok')
    shop.taps('Nina', 'option_2')
    await seen(message(tab, 'Tapped: Large'))
    await page.getByRole('button', { name: 'Send something else' }).click()
    await page.getByRole('menuitem', { name: 'Share a post' }).click()
    await page.getByLabel('Address of the post on TikTok').fill('https://vm.tiktok.com/ZM1/')
    tab.allow(/graphql answered 400/)
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
    await seen(page.getByRole('dialog').getByText('That is neither the id nor the full address of a post.'))
    await page.getByLabel('Address of the post on TikTok').fill(shop.business.posts[0]!)
    await page.getByLabel('Address of the post on TikTok').press('Enter')
    await seen(message(tab, 'Shared post'))
    await message(tab, 'Do you have it?').getByRole('button', { name: 'Reply to this message' }).click()
    await seen(page.getByText('Answers: Do you have it?'))
    await reply(tab, 'In both colours')
    await seen(
      message(tab, 'In both colours').getByRole('button', { name: 'Go to the quoted message: Do you have it?' }),
    )
    await until(() => shop.atTikTok('Nina').includes('In both colours'), 'the reply is at TikTok')
    expect(shop.atTikTok('Nina').slice(1)).toEqual(['template', 'Large', 'share_post', 'In both colours'])
    const other = message(tab, 'Which size?').getByRole('button', { name: 'Reply to this message' })
    expect(await other.getAttribute('aria-disabled')).toBe('true')
    await axe(tab)
  })
})

const isFocused = (element: Element) => element === document.activeElement
