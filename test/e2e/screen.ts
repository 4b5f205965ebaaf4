import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { until } from '../support/until.ts'
import type { Tab } from './browser.ts'

/** Where things are on the conversation screen, as somebody who reads it would name them. */
export const thread = ({ page }: Tab) => page.getByRole('log')
export const message = (tab: Tab, text: string) => thread(tab).getByRole('article').filter({ hasText: text })
export const composer = ({ page }: Tab) => page.getByRole('textbox', { name: 'Reply', exact: true })
export const noteField = ({ page }: Tab) => page.getByRole('textbox', { name: 'Private note' })
export const rows = ({ page }: Tab) => page.getByRole('listbox', { name: 'Conversations' }).getByRole('option')
export const row = (tab: Tab, name: string) => rows(tab).filter({ hasText: name })
export const replyWindow = ({ page }: Tab) => page.getByTestId('reply-window')
export const connection = ({ page }: Tab) => page.getByTestId('connection').filter({ visible: true })
export const tick = (tab: Tab, text: string, status: string) =>
  message(tab, text).getByRole('img', { name: status, exact: true })

export async function reply(tab: Tab, text: string): Promise<void> {
  await composer(tab).fill(text)
  await composer(tab).press('Enter')
}

export const unreadLine = ({ page }: Tab) => page.getByTestId('unread-line')

/** From now on what matches is not answered properly; answers how to mend it. */
export async function breakRequests(tab: Tab, what: RegExp): Promise<() => Promise<void>> {
  tab.allow(/\/graphql answered 503/)
  await tab.page.route('**/graphql', (route) =>
    what.test(route.request().postData() ?? '') ? route.fulfill({ status: 503, body: '' }) : route.continue(),
  )
  return () => tab.page.unrouteAll({ behavior: 'wait' })
}

/** As a browser pastes a picture that was copied. */
export const pastePicture = (tab: Tab, bytes: Buffer) =>
  composer(tab).evaluate((field, base64) => {
    const clipboardData = new DataTransfer()
    const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    clipboardData.items.add(new File([raw], 'image.png', { type: 'image/png' }))
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, bytes.toString('base64'))

/** What has the focus, by its name. */
export const focused = ({ page }: Tab) =>
  page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? (element as HTMLElement | null)?.innerText?.trim() ?? ''
  })

/** Waits until it is on the page and in sight. */
export const seen = (what: Locator) => what.waitFor()
export const gone = (what: Locator) => what.waitFor({ state: 'hidden' })

/** Waits until the probe answers this. */
export async function becomes<Value>(probe: () => Promise<Value>, wanted: Value, what: string): Promise<void> {
  let last: Value | undefined
  const met = async () => JSON.stringify((last = await probe())) === JSON.stringify(wanted)
  await until(met, what).catch(() => expect(last, what).toEqual(wanted))
}

/** Types as the customer on the stand-in's page. */
export async function writeAsCustomer(phone: Page, customer: string, text: string): Promise<void> {
  await phone.locator('#people').getByRole('button', { name: customer }).click()
  await phone.getByLabel('Message to the business').fill(text)
  await phone.getByLabel('Message to the business').press('Enter')
}

export const onPhone = (phone: Page, text: string) => phone.getByRole('list', { name: 'Messages' }).getByText(text)
