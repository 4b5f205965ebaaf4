// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { isTyping, shortcutKey } from '../../client/features/conversations/shortcut-key.ts'
import { snoozePresets } from '../../client/features/conversations/snooze-presets.ts'
import { initialsOf } from '../../client/ui/initials.ts'

describe('shortcuts', () => {
  it('mean the same key on a Thai keyboard', () => {
    expect(shortcutKey({ key: '่', code: 'KeyJ', shiftKey: false })).toBe('j')
    expect(shortcutKey({ key: 'ฝ', code: 'Slash', shiftKey: false })).toBe('/')
    expect(shortcutKey({ key: 'ฦ', code: 'Slash', shiftKey: true })).toBe('?')
    expect(shortcutKey({ key: 'J', code: 'KeyJ', shiftKey: true })).toBe('j')
    expect(shortcutKey({ key: 'Escape', code: 'Escape', shiftKey: false })).toBe('Escape')
  })

  it('rest while somebody types', () => {
    document.body.innerHTML = '<textarea></textarea><p></p>'
    const press = (element: Element, init: KeyboardEventInit = {}) => {
      const event = new KeyboardEvent('keydown', { key: 'e', bubbles: true, ...init })
      element.dispatchEvent(event)
      return isTyping(event)
    }
    expect(press(document.querySelector('textarea')!)).toBe(true)
    expect(press(document.querySelector('p')!)).toBe(false)
    expect(press(document.querySelector('p')!, { ctrlKey: true })).toBe(true)
  })
})

describe('snoozing', () => {
  it('until Monday at nine from every day of a week', () => {
    for (let day = 1; day <= 7; day++) {
      const now = new Date(2026, 2, day, 15)
      const monday = new Date(snoozePresets(now).find((preset) => preset.name === 'nextWeek')!.at)
      expect([monday.getDay(), monday.getHours()]).toEqual([1, 9])
      expect(monday.getTime()).toBeGreaterThan(now.getTime())
    }
  })
})

describe('initials', () => {
  it.each([
    ['Mali Kittisak', 'MK'],
    ['tk.skincare', 'TS'],
    ['เอก ใจดี', 'อ'],
    ['สมหญิง', 'ส'],
    ['🙏', '?'],
  ])('of %s are %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })
})
