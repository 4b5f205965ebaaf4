import { describe, expect, it } from 'vitest'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, composer, connection, message, reply, row, seen, thread, tick } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()

/** The network goes: what is open breaks, what is tried fails. */
async function goOffline(tab: Tab): Promise<void> {
  tab.allow(/WebSocket connection/, /ERR_INTERNET_DISCONNECTED/)
  stage.cutSockets({ stay: true })
  await seen(connection(tab).getByText('Offline, trying again'))
  await tab.page.context().setOffline(true)
}

async function goOnline(tab: Tab): Promise<void> {
  stage.joinSockets()
  await tab.page.context().setOffline(false)
  await seen(connection(tab).getByText('Live', { exact: true }))
}

const texts = (tab: Tab) => thread(tab).getByRole('article').locator('.text').allTextContents()

describe('without a connection', () => {
  it('the screen says so, and what was missed arrives once and in order when it is back (I2, I13)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Before')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await tab.live()
    await goOffline(tab)
    await axe(tab)
    for (const text of ['One', 'Two', 'Three']) shop.writes('Nina', text)
    shop.writes('Lek', 'I am new')
    await Promise.all([shop.conversation('Nina', 4), shop.conversation('Lek')])
    await goOnline(tab)
    await becomes(() => texts(tab), ['Before', 'One', 'Two', 'Three'], 'what was missed is there')
    await seen(row(tab, 'Lek'))
  })

  it('heals by itself within ten seconds when only the sockets break (I13)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Before')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await tab.live()
    const cut = Date.now()
    stage.cutSockets()
    shop.writes('Nina', 'Meanwhile')
    await seen(message(tab, 'Meanwhile'))
    expect(Date.now() - cut).toBeLessThan(10_000)
    await seen(connection(tab).getByText('Live', { exact: true }))
    expect(await texts(tab)).toEqual(['Before', 'Meanwhile'])
  })

  it('keeps what is being written, and what was sent goes out once under the same intention (I5)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Before')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await tab.live()
    await goOffline(tab)
    await reply(tab, 'Written in a tunnel')
    await seen(message(tab, 'Written in a tunnel').getByText('Not confirmed: no answer yet.'))
    await composer(tab).fill('and half of the next')
    await axe(tab)
    await goOnline(tab)
    await message(tab, 'Written in a tunnel').getByRole('button', { name: 'Try again' }).click()
    await seen(tick(tab, 'Written in a tunnel', 'Sent'))
    expect(await composer(tab).inputValue()).toBe('and half of the next')
    expect(shop.atTikTok('Nina')).toEqual(['Before', 'Written in a tunnel'])
  })
})

describe('a reload', () => {
  it('keeps the draft in the composer and in the list, each in its own conversation', async () => {
    const shop = await Shop.open(stage)
    const [nina, lek] = [await shop.talk('Nina', 'Hello?'), await shop.talk('Lek', 'Hi')]
    const tab = await stage.open({ as: shop.admin, path: shop.path(nina) })
    await composer(tab).fill('Let me ask')
    await tab.page.reload()
    await becomes(() => composer(tab).inputValue(), 'Let me ask', 'the draft is back')
    await tab.page.goto(shop.path(lek))
    await seen(message(tab, 'Hi'))
    expect(await composer(tab).inputValue()).toBe('')
    await seen(row(tab, 'Nina').getByText('Draft: Let me ask'))
  })

  it('shows what was sent and not answered, and sends it once when tried again (I5)', async () => {
    const shop = await Shop.open(stage)
    const id = await shop.talk('Nina', 'Hello?')
    const tab = await stage.open({ as: shop.admin, path: shop.path(id) })
    await seen(message(tab, 'Hello?'))
    // The server takes it; its answer never comes.
    await tab.page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('sendMessage')) return route.continue()
      await route.fetch()
      await new Promise(() => undefined)
    })
    await reply(tab, 'Hello Nina')
    await becomes(async () => shop.atTikTok('Nina'), ['Hello?', 'Hello Nina'], 'it is out')
    await tab.page.unrouteAll({ behavior: 'ignoreErrors' })
    await tab.page.reload()
    await seen(tick(tab, 'Hello Nina', 'Sent'))
    expect(await message(tab, 'Hello Nina').count()).toBe(1)
    expect(shop.atTikTok('Nina')).toEqual(['Hello?', 'Hello Nina'])
  })
})
