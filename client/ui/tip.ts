import type { ObjectDirective } from 'vue'
import { placeNear } from './place-near.ts'

interface TipState {
  text: string
  stop: () => void
}

const states = new WeakMap<HTMLElement, TipState>()
const DELAY_MS = 350
let bubble: HTMLElement | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/**
 * `v-tip="text"`: one shared bubble, on hover and on keyboard focus, above dialogs too. What cannot be pressed now says
 * why when it is pressed: a finger does not hover.
 */
export const vTip: ObjectDirective<HTMLElement, string | undefined> = {
  mounted(element, { value }) {
    states.set(element, { text: value ?? '', stop: listen(element) })
  },
  updated(element, { value }) {
    const state = states.get(element)
    if (state) state.text = value ?? ''
  },
  beforeUnmount(element) {
    states.get(element)?.stop()
    hide()
  },
}

function listen(element: HTMLElement): () => void {
  const controller = new AbortController()
  const { signal } = controller
  element.addEventListener('pointerenter', (event) => event.pointerType !== 'touch' && showSoon(element), { signal })
  element.addEventListener('focus', () => element.matches(':focus-visible') && showSoon(element), { signal })
  for (const name of ['pointerleave', 'pointerdown', 'blur', 'keydown'])
    element.addEventListener(name, hide, { signal })
  element.addEventListener('click', () => isBlocked(element) && show(element), { signal })
  return () => controller.abort()
}

function isBlocked(element: HTMLElement): boolean {
  return element.getAttribute('aria-disabled') === 'true' && element.getAttribute('aria-busy') !== 'true'
}

function showSoon(element: HTMLElement): void {
  clearTimeout(timer)
  timer = setTimeout(() => show(element), DELAY_MS)
}

function show(element: HTMLElement): void {
  const text = states.get(element)?.text
  if (!text || !element.isConnected) return
  bubble ??= createBubble()
  bubble.textContent = text
  bubble.hidePopover?.()
  bubble.showPopover?.()
  placeNear(bubble, element, 'centre')
}

function hide(): void {
  clearTimeout(timer)
  if (bubble?.matches(':popover-open')) bubble.hidePopover()
}

function createBubble(): HTMLElement {
  const element = document.createElement('div')
  element.className = 'tip'
  element.popover = 'manual'
  // Names and reasons are in the page's own text already; read twice they would be noise.
  element.setAttribute('aria-hidden', 'true')
  document.body.append(element)
  // Where a press gives no focus, there is no blur that would end it.
  document.addEventListener('pointerdown', hide, { capture: true })
  return element
}
