import { afterEach, describe, expect, it } from 'vitest'
import { discardUpload } from '../../server/modules/attachments/attachments.service.ts'
import { picture, type UploadAnswer } from '../support/pictures.ts'
import { never, until } from '../support/until.ts'
import { axe, useStage } from './browser.ts'
import {
  becomes,
  composer,
  focused,
  gone,
  message,
  noteField,
  pastePicture,
  reply,
  replyWindow,
  seen,
  thread,
  tick,
} from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()
afterEach(() => {
  stage.world.standin.tiktok.clearFaults()
  stage.world.standin.tiktok.resetKnobs()
})

describe('sending', () => {
  it('paints the bubble within a frame or two of Enter, before anybody has answered (look.md: optimistic)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Do you ship to Chiang Mai?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Do you ship'))
    await tab.page.evaluate(() => {
      const result = ((window as unknown as { paint: object }).paint = { frames: 0, ms: 0, done: false })
      const painted = () => [...document.querySelectorAll('article')].some((one) => one.textContent?.includes('We do'))
      const onEnter = (event: KeyboardEvent) => {
        if (event.key !== 'Enter') return
        const start = performance.now()
        const frame = () => {
          result.frames += 1
          result.ms = performance.now() - start
          result.done = painted()
          if (!result.done) requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }
      addEventListener('keydown', onEnter, { capture: true })
    })
    await reply(tab, 'We do, two days')
    await seen(tick(tab, 'We do', 'Sent'))
    const paint = await tab.page.evaluate(
      () => (window as unknown as { paint: { frames: number; ms: number; done: boolean } }).paint,
    )
    expect(paint.done).toBe(true)
    expect(paint.frames).toBeLessThanOrEqual(2)
  })

  it('says in words why it failed, and tries again under the same intention (I5, I7)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    stage.world.standin.tiktok.fault('40064')
    await reply(tab, 'Good morning')
    await seen(message(tab, 'Good morning').getByText('Not sent: TikTok did not allow it.'))
    expect(shop.atTikTok('Nina')).toEqual(['Hello?'])
    await axe(tab)
    await message(tab, 'Good morning').getByRole('button', { name: 'Try again' }).click()
    await seen(tick(tab, 'Good morning', 'Sent'))
    expect(shop.atTikTok('Nina')).toEqual(['Hello?', 'Good morning'])
    expect(await message(tab, 'Good morning').count()).toBe(1)
  })

  it('shows what nobody confirmed as such, and Check settles it without sending again (I5, I7)', async () => {
    const shop = await Shop.open(stage)
    const { tiktok } = stage.world.standin
    const id = await shop.talk('Nina', 'Hello?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    tiktok.setKnobs({ echo: 'never' })
    tiktok.fault({ kind: 'timeout_after_commit', holdMs: 100 })
    tiktok.fault({ kind: '502', operations: ['content_list', 'conversation_list'], count: Infinity })
    await reply(tab, 'The account number is …')
    await seen(message(tab, 'The account number').getByText('Not confirmed by TikTok yet.'))
    await axe(tab)
    const check = message(tab, 'The account number').getByRole('button', { name: 'Check' })
    await check.click()
    await seen(tab.page.getByRole('alert').filter({ hasText: 'The channel does not answer right now.' }))
    tiktok.clearFaults()
    // The sweeper asks too; whoever comes first, the answer is the same.
    await check.evaluateAll((buttons) => buttons.forEach((button) => (button as HTMLElement).click()))
    await seen(tick(tab, 'The account number', 'Sent'))
    expect(shop.atTikTok('Nina')).toEqual(['Hello?', 'The account number is …'])
  })

  it('keeps the text when a colleague was faster, and says who', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Is it in stock?')
    const colleague = await shop.admin.invite('AGENT', [shop.inboxId])
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Is it in stock?'))
    await tab.page.route('**/graphql', async (route) => {
      const mine = route.request().postData()?.includes('sendMessage') ?? false
      if (mine) await colleague.send(id, 'Yes, four left')
      await route.continue()
    })
    await reply(tab, 'No, sold out')
    await seen(tab.page.getByText(/Anan Srisuk wrote .* Read it first; your text is still here\./))
    expect(await composer(tab).inputValue()).toBe('No, sold out')
    await seen(message(tab, 'Yes, four left'))
    expect(await message(tab, 'No, sold out').count()).toBe(0)
    await axe(tab)

    await tab.page.unrouteAll({ behavior: 'wait' })
    await reply(tab, 'Four left, as Anan said')
    await seen(tick(tab, 'as Anan said', 'Sent'))
    expect(shop.atTikTok('Nina')).toEqual(['Is it in stock?', 'Yes, four left', 'Four left, as Anan said'])
  })

  it('closes with its reason after ten replies, takes notes, and opens by itself with the next message (I8)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(replyWindow(tab).getByText('10 replies left'))
    await seen(replyWindow(tab).getByText(/Open for 47 h 5\d m/))
    for (let turn = 1; turn < 10; turn += 1) await shop.admin.send(id, `Reply ${turn}`)
    await seen(replyWindow(tab).getByText('1 reply left'))
    await axe(tab)
    await reply(tab, 'The tenth')
    await seen(replyWindow(tab).getByText('All 10 replies are used.'))
    expect(await composer(tab).isEditable()).toBe(false)
    await axe(tab)

    await replyWindow(tab).getByRole('button', { name: 'Write a note' }).click()
    await noteField(tab).fill('She will write again tomorrow')
    await noteField(tab).press('Enter')
    await seen(message(tab, 'She will write again tomorrow').getByText('Private note'))
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Reply', exact: true }).click()
    await seen(replyWindow(tab).getByText('All 10 replies are used.'))

    await until(() => shop.atTikTok('Nina').length === 11, 'all ten are out')
    shop.writes('Nina', 'I am back')
    await seen(replyWindow(tab).getByText('10 replies left'))
    await reply(tab, 'Welcome back')
    await seen(tick(tab, 'Welcome back', 'Sent'))
    expect(shop.atTikTok('Nina')).toHaveLength(13)
    expect(shop.atTikTok('Nina')).not.toContain('She will write again tomorrow')
  })

  it('lets the customer see that somebody types and has read, unless an administrator does not want it', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nida', 'Are you there?')
    const phone = await stage.phone()
    await phone.locator('#business').selectOption(shop.business.openId)
    await phone.locator('#people').getByRole('button', { name: 'Nida' }).click()
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(phone.getByText(/· seen/))
    await composer(tab).pressSequentially('One mo')
    await seen(phone.getByText('The business is typing…'))
    await gone(phone.getByText('The business is typing…'))

    await tab.page.goto(`${stage.world.url}/a/${shop.admin.accountId}/settings/inboxes/${shop.inboxId}`)
    const typing = tab.page.getByRole('switch', { name: 'When you type a reply' })
    await typing.click()
    await becomes(() => typing.getAttribute('aria-checked'), 'false', 'it is switched off')
    await axe(tab)
    await tab.page.goto(`${stage.world.url}${shop.path(id)}`)
    await composer(tab).pressSequentially('ment')
    await never(() => phone.getByText('The business is typing…').isVisible(), 'it is shown')
  })

  it('says until when the channel slows the account down, and an administrator may know better', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    stage.world.standin.tiktok.fault({ kind: '40064_too_fast', businessId: shop.business.openId })
    await reply(tab, 'Good morning')
    const banner = tab.page.getByRole('alert').filter({ hasText: 'TikTok slows this account down until' })
    await seen(banner)
    await seen(tick(tab, 'Good morning', 'Sending'))
    await axe(tab)
    await banner.getByRole('button', { name: 'Send now' }).click()
    await seen(tick(tab, 'Good morning', 'Sent'))
    await gone(banner)
  })

  it('answers a picture with a text and pasted pictures, which arrive in their order (I6, I8)', async () => {
    const shop = await Shop.open(stage)
    const { tiktok } = stage.world.standin
    const bytes = await picture({ width: 900, height: 450, colour: '#3a7bd0' })
    const mediaId = tiktok.addMedium({ business: shop.business, mime: 'image/jpeg', bytes })
    shop.writes('Nina', { type: 'image', mediaId })
    const { id } = await shop.conversation('Nina')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    const open = thread(tab).getByRole('button', { name: 'Open: Photo from Nina' })
    await seen(open)
    const shown = open.locator('img')
    await until(
      () => shown.evaluate((one: HTMLImageElement) => one.complete && one.naturalWidth === 640),
      'it is shown',
    )
    expect(await shown.evaluate((one: HTMLImageElement) => [one.width, one.height])).toEqual([320, 160])
    await open.press('Enter')
    const large = tab.page.getByRole('dialog', { name: 'Photo from Nina' })
    await until(
      () => large.getByRole('img').evaluate((one: HTMLImageElement) => one.naturalWidth === 900),
      'it is large',
    )
    await axe(tab)
    await tab.page.keyboard.press('Escape')
    await gone(large)
    await becomes(() => focused(tab), 'Open: Photo from Nina', 'the focus is back')

    await pastePicture(tab, await picture({ colour: '#2a9d4a' }))
    await tab.page
      .getByTestId('picture-input')
      .setInputFiles([{ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('nothing of the kind') }])
    tab.allow(/\/uploads answered 400/)
    await seen(tab.page.getByText('Only JPEG, PNG, WebP, AVIF and GIF pictures can be sent.', { exact: false }))
    await composer(tab).fill('Like this one?')
    const send = tab.page.getByRole('button', { name: 'Send', exact: true })
    expect(await send.getAttribute('aria-disabled')).toBe('true')
    await axe(tab)
    await tab.page.getByRole('button', { name: 'Remove picture 2' }).click()
    const cost = tab.page.getByText('Goes out as 2 messages; you have 10 replies left.')
    await seen(cost)
    const [answer] = await Promise.all([
      tab.page.waitForResponse('**/uploads'),
      pastePicture(tab, await picture({ colour: '#d0a03a' })),
    ])
    const { attachments } = (await answer.json()) as UploadAnswer
    await gone(cost)
    // As after a day: of a draft's pictures only those come back that the server still has.
    const scope = stage.world.deps.scopes.system(shop.admin.accountId)
    await discardUpload(stage.world.deps, scope, attachments[0]?.id ?? '')
    tab.allow(/\?thumbnail answered 404/)
    await tab.page.reload()
    await seen(cost)
    await send.click()
    await becomes(async () => shop.atTikTok('Nina'), ['image', 'Like this one?', 'image'], 'both arrive in their order')
    await seen(thread(tab).getByRole('button', { name: 'Open: Photo from You' }))
    await seen(replyWindow(tab).getByText('8 replies left'))
    const names = () =>
      thread(tab)
        .locator('article.outgoing')
        .evaluateAll((all) =>
          all.map((one) => (one.querySelector('img') ? 'image' : one.querySelector('.text')?.textContent)),
        )
    await becomes(names, ['Like this one?', 'image'], 'they stand in that order here, too')
    await axe(tab)
  })

  it('never sends on the Enter that ends a composition (IME)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'สวัสดีค่ะ')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await composer(tab).fill('สวัสดี')
    const enter = (more: object) =>
      composer(tab).evaluate((field, init) => {
        field.dispatchEvent(new CompositionEvent('compositionstart', { data: 'ค่ะ' }))
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }))
        field.dispatchEvent(new CompositionEvent('compositionend', { data: 'ค่ะ' }))
      }, more)
    await enter({ isComposing: true })
    await enter({ keyCode: 229 })
    await composer(tab).press('Shift+Enter')
    await never(() => tab.page.locator('article.outgoing').count(), 'something was sent', 200)
    expect(await composer(tab).inputValue()).toBe('สวัสดี\n')
    await composer(tab).press('Enter')
    await seen(tick(tab, 'สวัสดี', 'Sent'))
    await becomes(async () => shop.atTikTok('Nina'), ['สวัสดีค่ะ', 'สวัสดี'], 'it is sent once')
  })
})
