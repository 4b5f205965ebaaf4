import { defineStore } from 'pinia'
import { onRemembered, remembered, rememberedKeys } from '../kit/storage.ts'

export type ComposerMode = 'reply' | 'note'

const PREFIX = 'parley:draft:'
let stopListening: (() => void) | undefined

/**
 * What is written and not sent, per user, conversation and mode, in all tabs of a browser; it survives a reload and ends
 * with the session.
 */
export const useDrafts = defineStore('drafts', {
  state: () => ({ userId: '', texts: new Map<string, string>(), unsaved: new Set<string>() }),
  actions: {
    open(userId: string): void {
      this.userId = userId
      const prefix = `${PREFIX}${userId}:`
      this.texts = new Map(
        rememberedKeys(prefix).map((key) => [key.slice(prefix.length), remembered(key).read() ?? '']),
      )
      stopListening?.()
      stopListening = onRemembered(prefix, (key, text) => {
        if (text) this.texts.set(key, text)
        else this.texts.delete(key)
      })
    },
    read(conversationId: string, mode: ComposerMode): string {
      return this.texts.get(`${conversationId}:${mode}`) ?? ''
    },
    write(conversationId: string, mode: ComposerMode, text: string): void {
      const key = `${conversationId}:${mode}`
      const stored = remembered(`${PREFIX}${this.userId}:${key}`)
      this.unsaved.delete(key)
      if (text) {
        this.texts.set(key, text)
        if (!stored.write(text)) this.unsaved.add(key)
      } else {
        this.texts.delete(key)
        stored.forget()
      }
    },
    /** Whether what is written would survive a reload: storage may be refused or full. */
    isSaved(conversationId: string, mode: ComposerMode): boolean {
      const key = `${conversationId}:${mode}`
      return this.texts.has(key) && !this.unsaved.has(key)
    },
    /** Gives a refused text back without losing what was written since. */
    restore(conversationId: string, mode: ComposerMode, text: string): void {
      const since = this.read(conversationId, mode)
      this.write(conversationId, mode, since ? `${text}\n${since}` : text)
    },
    /** At log-out: nothing that was written stays on this computer. */
    clear(): void {
      for (const key of rememberedKeys(`${PREFIX}${this.userId}:`)) remembered(key).forget()
      this.texts = new Map()
    },
  },
})
