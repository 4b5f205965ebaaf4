import { defineStore } from 'pinia'
import type { ComposerMode } from './drafts.ts'
import { remembered } from '../kit/storage.ts'

export type Theme = 'light' | 'dark' | 'system'

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'bad'
  action?: { label: string; run: () => void }
}

const TOAST_MS = { plain: 8_000, bad: 12_000 }
let lastToast = 0

const isWide = () => matchMedia('(min-width: 1280px)').matches
const theme = remembered('parley:theme')
const contactPanel = remembered('parley:contact-panel')
const shortcuts = remembered('parley:shortcuts')

export const useUi = defineStore('ui', {
  state: () => ({
    theme: (theme.read() ?? 'system') as Theme,
    contactPanelOpen: isWide() && contactPanel.read() !== 'closed',
    shortcutsEnabled: shortcuts.read() !== 'off',
    shortcutsShown: false,
    railShown: false,
    searchAsked: 0,
    composerAsked: { mode: 'reply' as ComposerMode, times: 0 },
    toasts: [] as Toast[],
  }),
  actions: {
    setTheme(next: Theme): void {
      this.theme = next
      theme.write(next)
      this.applyTheme()
    },
    applyTheme(): void {
      const dark =
        this.theme === 'dark' || (this.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
      document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
    },
    showContactPanel(open: boolean): void {
      this.contactPanelOpen = open
      // On a narrow screen it covers the thread: opening it there is a look, not a preference.
      if (isWide()) contactPanel.write(open ? 'open' : 'closed')
    },
    setShortcuts(enabled: boolean): void {
      this.shortcutsEnabled = enabled
      shortcuts.write(enabled ? 'on' : 'off')
    },
    /** The composer of the open conversation takes the focus in this mode. */
    askComposer(mode: ComposerMode): void {
      this.composerAsked = { mode, times: this.composerAsked.times + 1 }
    },
    toast(text: string, options: { tone?: Toast['tone']; action?: Toast['action'] } = {}): void {
      const id = ++lastToast
      const toast = { id, text, tone: options.tone ?? 'plain', ...(options.action && { action: options.action }) }
      this.toasts = [...this.toasts.slice(-2), toast]
      setTimeout(() => this.dismissToast(id), TOAST_MS[toast.tone])
    },
    dismissToast(id: number): void {
      this.toasts = this.toasts.filter((toast) => toast.id !== id)
    },
  },
})
