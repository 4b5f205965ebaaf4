import { describe, expect, it } from 'vitest'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, composer, message, onPhone, row, seen, tick, writeAsCustomer } from './screen.ts'

const stage = useStage()

async function signUp(tab: Tab): Promise<void> {
  const { page } = tab
  await axe(tab)
  await page.getByRole('link', { name: 'No account yet? Sign up' }).click()
  await page.getByLabel('Company').fill('Baan Beauty')
  await axe(tab)
  await page.getByLabel('Your name').fill('Mali Kittisak')
  await page.getByLabel('E-mail').fill('mali@baan.example')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Create the account' }).click()
  await seen(page.getByRole('heading', { name: 'Welcome to Baan Beauty' }))
}

async function connectTikTok(tab: Tab, handle: string): Promise<void> {
  const { page } = tab
  await page.getByRole('button', { name: 'Connect TikTok' }).click()
  await page.getByRole('radio', { name: handle }).check()
  await page.getByRole('button', { name: 'Approve' }).click()
  await seen(page.getByText(/is connected\. New messages arrive here/))
}

/** Writes down every state of the ticks, however short: the page is asked, not the clock. */
function recordTicks({ page }: Tab): Promise<void> {
  return page.evaluate(() => {
    const states: string[] = ((window as unknown as { ticks: string[] }).ticks = [])
    const look = () => {
      const label = document.querySelector('.outgoing .tick')?.getAttribute('aria-label')
      if (label && states.at(-1) !== label) states.push(label)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
}

const ticksOf = ({ page }: Tab) => page.evaluate(() => (window as unknown as { ticks: string[] }).ticks)

describe('the main job in a browser', () => {
  it('goes from signing up to an answer that the customer has read, live and without a reload (I2, I7, I13)', async () => {
    const { tiktok } = stage.world.standin
    tiktok.addBusiness({ username: 'other.shop', displayName: 'Another shop' })
    const business = tiktok.addBusiness({ username: 'baan.beauty', displayName: 'Baan Beauty' })
    tiktok.addPerson({ username: 'somying.jd', displayName: 'สมหญิง ใจดี' })
    const agent = await stage.open()
    const { page } = agent

    await signUp(agent)
    await axe(agent)
    await connectTikTok(agent, '@baan.beauty')
    await axe(agent)
    await page.getByRole('link', { name: 'First steps' }).click()
    await seen(page.getByText('Waiting for the first message…'))
    await agent.live()
    await page.evaluate(() => ((window as unknown as { same: boolean }).same = true))

    const phone = await stage.phone()
    await phone.locator('#business').selectOption(business.openId)
    await writeAsCustomer(phone, 'สมหญิง ใจดี', 'ส่งของวันนี้ทันไหมคะ')
    await page.getByRole('button', { name: 'Look at it' }).click()
    await seen(message(agent, 'ส่งของวันนี้ทันไหมคะ'))
    await seen(row(agent, 'สมหญิง ใจดี'))
    await axe(agent)

    await recordTicks(agent)
    await composer(agent).fill('ทันค่ะ แพ็คส่งบ่ายนี้เลย')
    await composer(agent).press('Enter')
    await seen(message(agent, 'ทันค่ะ แพ็คส่งบ่ายนี้เลย'))
    await seen(onPhone(phone, 'ทันค่ะ แพ็คส่งบ่ายนี้เลย'))
    await seen(tick(agent, 'ทันค่ะ', 'Sent'))
    await phone.getByRole('button', { name: 'Mark as read' }).click()
    await seen(tick(agent, 'ทันค่ะ', 'Read'))
    expect(await ticksOf(agent)).toEqual(['Sending', 'Sent', 'Read'])
    expect(await composer(agent).inputValue()).toBe('')

    await writeAsCustomer(phone, 'สมหญิง ใจดี', 'ขอบคุณค่ะ 🙏')
    await seen(message(agent, 'ขอบคุณค่ะ 🙏'))
    await becomes(() => message(agent, 'ทันค่ะ').count(), 1, 'the answer stands there once')
    expect(await page.evaluate(() => (window as unknown as { same: boolean }).same)).toBe(true)
    await axe(agent)
  })
})
