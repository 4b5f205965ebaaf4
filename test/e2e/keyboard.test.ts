import { describe, expect, it } from 'vitest'
import { never } from '../support/until.ts'
import { axe, useStage, type Tab } from './browser.ts'
import { becomes, composer, focused, gone, message, noteField, replyWindow, row, rows, seen } from './screen.ts'
import { Shop } from './shop.ts'

const stage = useStage()

const selected = async (tab: Tab) =>
  (await tab.page.getByRole('option', { selected: true }).locator('.name').allTextContents()).join()

/** Three conversations, the newest on top: Nina, Lek, Ploy. */
async function openList(): Promise<{ shop: Shop; tab: Tab }> {
  const shop = await Shop.open(stage)
  for (const [minutes, name] of ['Nina', 'Lek', 'Ploy'].entries())
    shop.writes(name, `I am ${name}`, { minutesAgo: minutes * 10 + 1 })
  for (const name of ['Nina', 'Lek', 'Ploy']) await shop.conversation(name)
  const tab = await stage.open({ as: shop.admin })
  await seen(row(tab, 'Ploy'))
  await tab.live()
  return { shop, tab }
}

describe('with the hands on the keyboard', () => {
  it('j and k walk through the list, e resolves and goes on to the next', async () => {
    const { tab, shop } = await openList()
    const { keyboard } = tab.page
    await keyboard.press('j')
    await becomes(() => selected(tab), 'Nina', 'j opens the first')
    await seen(message(tab, 'I am Nina'))
    await keyboard.press('j')
    await becomes(() => selected(tab), 'Lek', 'j opens the next')
    await keyboard.press('k')
    await becomes(() => selected(tab), 'Nina', 'k goes back')
    await keyboard.press('e')
    await becomes(() => selected(tab), 'Lek', 'e goes on to the next')
    await gone(row(tab, 'Nina'))
    await becomes(async () => (await shop.conversation('Nina')).status, 'RESOLVED', 'it is resolved')
    await keyboard.press('a')
    await seen(tab.page.getByRole('button', { name: 'Assigned to Mali Kittisak' }))
    await keyboard.press('Escape')
    await seen(tab.page.getByText('Choose a conversation'))
  })

  it('r and n go to the composer, in which letters are letters', async () => {
    const { tab } = await openList()
    const { keyboard } = tab.page
    await keyboard.press('j')
    await seen(message(tab, 'I am Nina'))
    await keyboard.press('r')
    await becomes(() => focused(tab), 'Reply', 'r is for the reply')
    await keyboard.type('jek?/')
    expect(await composer(tab).inputValue()).toBe('jek?/')
    expect(await selected(tab)).toBe('Nina')
    await keyboard.press('Escape')
    await keyboard.press('n')
    await becomes(() => focused(tab), 'Private note', 'n is for the note')
    await keyboard.type('VIP')
    await keyboard.press('Enter')
    await seen(message(tab, 'VIP').getByText('Private note'))
    expect(await noteField(tab).inputValue()).toBe('')
    await axe(tab)
  })

  it('/ searches and ? shows the sheet, which gives the focus back', async () => {
    const { tab } = await openList()
    const { keyboard } = tab.page
    await keyboard.press('j')
    await becomes(() => selected(tab), 'Nina', 'one is open')
    await keyboard.press('?')
    const sheet = tab.page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await seen(sheet)
    await axe(tab)
    await keyboard.press('j')
    expect(await selected(tab)).toBe('Nina')
    await keyboard.press('Escape')
    await gone(sheet)
    await keyboard.press('j')
    await becomes(() => selected(tab), 'Lek', 'the keys work again')

    await keyboard.press('/')
    await becomes(() => focused(tab), 'Search conversations', '/ goes to the search')
    await keyboard.type('plo')
    await gone(row(tab, 'Nina'))
    await seen(row(tab, 'Ploy'))
    expect(await rows(tab).count()).toBe(1)
    await axe(tab)
    await keyboard.type('x')
    await seen(tab.page.getByText('Nobody found for “plox”'))
    await keyboard.press('Escape')
    await seen(row(tab, 'Nina'))
  })

  it('e that is held resolves one conversation, j that is held walks on', async () => {
    const { tab, shop } = await openList()
    const { keyboard } = tab.page
    await keyboard.down('j')
    await keyboard.down('j')
    await keyboard.up('j')
    await becomes(() => selected(tab), 'Lek', 'j went on to the second')
    await seen(message(tab, 'I am Lek'))
    for (let turn = 0; turn < 5; turn += 1) await keyboard.down('e')
    await keyboard.up('e')
    await becomes(() => selected(tab), 'Ploy', 'e goes on to the next')
    await gone(row(tab, 'Lek'))
    await never(async () => (await shop.countOpen()) < 2, 'another one is resolved', 500)
  })

  it('replies that close while somebody types leave the field, the focus and what is written (I8)', async () => {
    const { tab, shop } = await openList()
    const { keyboard } = tab.page
    await keyboard.press('j')
    await seen(message(tab, 'I am Nina'))
    await keyboard.press('r')
    await keyboard.type('Let me s')
    const { id } = await shop.conversation('Nina')
    for (let turn = 1; turn <= 10; turn += 1) await shop.admin.send(id, `Reply ${turn}`)
    await seen(replyWindow(tab).getByText('All 10 replies are used.'))
    await keyboard.type('eea')
    expect(await selected(tab)).toBe('Nina')
    expect(await focused(tab)).toBe('Reply')
    expect(await composer(tab).inputValue()).toBe('Let me s')
    expect(await composer(tab).isEditable()).toBe(false)
    await axe(tab)
    shop.writes('Nina', 'I am back')
    await becomes(() => composer(tab).isEditable(), true, 'it opens by itself')
    await keyboard.type('ee')
    expect(await composer(tab).inputValue()).toBe('Let me see')
    expect((await shop.conversation('Nina', 2)).status).toBe('OPEN')
  })

  it('works where the same keys carry other letters, and can be switched off', async () => {
    const { tab } = await openList()
    const press = (key: string, code: string) =>
      tab.page.evaluate(
        (init) => document.body.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true })),
        {
          key,
          code,
        },
      )
    await press('่', 'KeyJ')
    await becomes(() => selected(tab), 'Nina', 'j on a Thai keyboard')
    await tab.page.keyboard.press('?')
    await tab.page.getByRole('switch', { name: 'Use these shortcuts' }).click()
    await tab.page.getByRole('button', { name: 'Close' }).click()
    await tab.page.keyboard.press('j')
    await never(async () => (await selected(tab)) !== 'Nina', 'j still works', 200)
  })

  it('walks the list with the arrows as any listbox', async () => {
    const { tab } = await openList()
    await row(tab, 'Nina').focus()
    await tab.page.keyboard.press('ArrowDown')
    await tab.page.keyboard.press('ArrowDown')
    await tab.page.keyboard.press('Enter')
    await becomes(() => selected(tab), 'Ploy', 'the third is open')
    await tab.page.keyboard.press('Home')
    await tab.page.keyboard.press('Enter')
    await becomes(() => selected(tab), 'Nina', 'the first is open')
  })

  it('opens with Enter the row that has the focus, also after another one was clicked', async () => {
    const { tab } = await openList()
    const { keyboard } = tab.page
    await row(tab, 'Nina').focus()
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowDown')
    await row(tab, 'Nina').click()
    await becomes(() => selected(tab), 'Nina', 'the clicked one is open')
    await keyboard.press('Enter')
    await never(async () => (await selected(tab)) !== 'Nina', 'another row opens', 200)
    await keyboard.press('ArrowDown')
    await keyboard.press('Space')
    await becomes(() => selected(tab), 'Lek', 'the one below is open')
  })
})
