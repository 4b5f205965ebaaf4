import { describe, expect, it } from 'vitest'
import { en } from '../../client/locales/en.ts'
import { settings } from '../../client/locales/en/settings.ts'
import { picture } from '../support/pictures.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { composer, gone, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
const LONG_NAME = 'กานต์ธิดาพรรณวลัยลักษณ์ พงษ์ไพบูลย์สุวรรณศิริวัฒนากุล'
const RAW_KEY = new RegExp(`\\b(${Object.keys({ ...en, ...settings }).join('|')})\\.[a-z_A-Z]+\\b`)

async function openShop(): Promise<{ shop: Shop; id: string; screens: string[] }> {
  const shop = await Shop.open(stage)
  const id = await shop.talk(LONG_NAME, 'ส่งของวันนี้ทันไหมคะ ต้องใช้วันเสาร์นี้', `https://example.com/${'long'.repeat(40)}`)
  await shop.talk('Nina', 'Do you ship to Chiang Mai?')
  await shop.admin.send(id, 'ทันค่ะ แพ็คส่งรอบบ่ายสามให้เลย')
  await shop.admin.send(id, 'ลูกค้า VIP', { private: true })
  await shop.admin.invite('AGENT', [shop.inboxId])
  const settings = `/a/${shop.admin.accountId}/settings`
  const screens = [
    shop.path(id),
    shop.path('', 'mine'),
    `/a/${shop.admin.accountId}/start`,
    `${settings}/inboxes`,
    `${settings}/inboxes/${shop.inboxId}`,
    `${settings}/agents`,
    `${settings}/account`,
    `${settings}/profile`,
  ]
  return { shop, id, screens }
}

/** The page as it stands when everything has come. */
async function visit(tab: Tab, path: string): Promise<void> {
  await tab.page.goto(path)
  await tab.page.locator('h1').first().waitFor({ state: 'attached' })
  await tab.live()
  await tab.page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

const shownText = ({ page }: Tab) =>
  page.evaluate(() => {
    const labels = [...document.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap((element) =>
      ['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? ''),
    )
    return [document.body.innerText, ...labels].join('\n')
  })

const overflow = ({ page }: Tab) =>
  page.evaluate(() => {
    const wide = document.documentElement.scrollWidth
    const right = (element: Element) => element.getBoundingClientRect().right
    const beyond = [...document.querySelectorAll('main *')].filter((one) => right(one) > innerWidth + 1)
    return wide > innerWidth
      ? `${wide} px: ${beyond
          .slice(0, 3)
          .map((one) => one.outerHTML.slice(0, 120))
          .join(' | ')}`
      : ''
  })

describe('every screen', () => {
  it('speaks Thai, is dark where the system is, and axe finds nothing', async () => {
    const { shop, screens } = await openShop()
    await shop.speaks('th')
    const tab = await stage.open({ as: shop.admin, locale: 'th', theme: 'dark' })
    for (const path of screens) {
      await visit(tab, path)
      expect(await tab.page.evaluate(() => document.documentElement.lang)).toBe('th')
      expect(await tab.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
      const text = await shownText(tab)
      expect(text).toMatch(/[\u0e00-\u0e7f]/)
      expect(RAW_KEY.exec(text)?.[0], `a key instead of a sentence on ${path}`).toBeUndefined()
      await axe(tab)
    }
  })

  it('fits into 320 px without scrolling sideways, axe included', async () => {
    const { shop, screens } = await openShop()
    const tab = await stage.open({ as: shop.admin, width: 320, height: 640 })
    for (const path of screens) {
      await visit(tab, path)
      expect(await overflow(tab), path).toBe('')
      await axe(tab)
    }
  })

  it('has room for the head of a thread beside the open details on the narrowest laptop', async () => {
    const { shop, id } = await openShop()
    await shop.assign(id, shop.admin.userId)
    const tab = await stage.open({ as: shop.admin, path: shop.path(id), width: 1280 })
    const details = tab.page.getByRole('complementary', { name: 'Details' })
    await seen(tab.page.getByRole('button', { name: 'Assigned to Mali Kittisak' }))
    const edge = await details.evaluate((panel) => panel.getBoundingClientRect().left)
    const buttons = tab.page.getByRole('region', { name: 'Conversation', exact: true }).locator('header button')
    const ends = await buttons.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right))
    expect(ends.length).toBeGreaterThanOrEqual(4)
    expect(Math.max(...ends)).toBeLessThanOrEqual(edge)
  })

  it('is light where the system is, and axe finds nothing on those before the log-in', async () => {
    const tab = await stage.open({ width: 320, height: 640 })
    for (const path of ['/log-in', '/sign-up', '/forgot-password', '/reset-password?token=x', '/no-such-page']) {
      await tab.page.goto(path)
      await axe(tab)
      expect(await overflow(tab), path).toBe('')
    }
  })
})

describe('a phone of 360 px', () => {
  it('has room for what is written, its pictures and what they cost, in the dark as well', async () => {
    const { shop, id } = await openShop()
    const tab = await stage.open({ as: shop.admin, path: shop.path(id), width: 360, height: 740, theme: 'dark' })
    await composer(tab).fill('มีค่ะ ดูรูปได้เลยนะคะ')
    const photo = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: await picture({ width: 20, height: 20 }) }
    await tab.page.getByTestId('picture-input').setInputFiles(Array.from({ length: 10 }, () => photo))
    const cost = tab.page.getByText('Goes out as 11 messages; you have 9 replies left.')
    await seen(cost)
    const [colour, ordinary] = await Promise.all(
      [cost, composer(tab)].map((one) => one.evaluate((element) => getComputedStyle(element).color)),
    )
    expect(colour, 'it is more than there is').not.toBe(ordinary)
    const send = tab.page.getByRole('button', { name: 'Send', exact: true })
    const height = (element: Element) => element.getBoundingClientRect().height
    expect(await send.locator('xpath=..').evaluate(height), 'the tools stand in one line').toBeLessThan(60)
    expect(await overflow(tab)).toBe('')
    await axe(tab)
  })

  it('shows one pane at a time, and the rail as a drawer', async () => {
    const { shop } = await openShop()
    const tab = await stage.open({ as: shop.admin, width: 360, height: 740 })
    const { page } = tab
    const list = page.getByRole('listbox', { name: 'Conversations' })
    const log = page.getByRole('log')
    await seen(list)
    expect(await log.isVisible()).toBe(false)
    await page.getByRole('option').filter({ hasText: 'Nina' }).click()
    await seen(log)
    expect(await list.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Show the details' }).click()
    await seen(page.getByRole('complementary', { name: 'Details' }))
    await axe(tab)
    await page.getByRole('complementary').getByRole('button', { name: 'Hide the details' }).click()
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await seen(list)
    await page.getByRole('button', { name: 'Open the menu' }).click()
    await seen(page.getByRole('link', { name: /^Mine/ }))
    await axe(tab)
    await page.getByRole('link', { name: /^Mine/ }).click()
    await gone(page.getByRole('link', { name: /^Mine/ }))
    await seen(page.getByRole('heading', { name: 'Mine' }))
  })
})

describe('motion', () => {
  /** The longest transition or animation of anything on the page, in ms. */
  const longest = ({ page }: Tab) =>
    page.evaluate(() => {
      const ms = (text: string) => Math.max(...text.split(',').map((part) => parseFloat(part) * 1_000))
      const styles = [...document.querySelectorAll('*')].map((element) => getComputedStyle(element))
      return Math.max(...styles.flatMap((style) => [ms(style.transitionDuration), ms(style.animationDuration)]))
    })

  it('takes at most 200 ms, and none for who wants less of it', async () => {
    const { shop, id } = await openShop()
    const [usual, calm] = [
      await stage.open({ as: shop.admin, path: shop.path(id) }),
      await stage.open({ as: shop.admin, path: shop.path(id), reducedMotion: true }),
    ]
    await Promise.all([usual, calm].map((tab) => seen(tab.page.getByRole('log'))))
    expect(await longest(usual)).toBeLessThanOrEqual(200)
    expect(await longest(calm)).toBeLessThanOrEqual(1)
  })
})
