import { defineStore } from 'pinia'
import type { Message } from '../api/types.ts'

export type Quoted = NonNullable<Message['inReplyTo']>

/** Which message the next reply of a conversation answers. */
export const useQuoting = defineStore('quoting', {
  state: () => ({ chosen: new Map<string, Quoted>() }),
  actions: {
    choose(conversationId: string, { id, content, contentType, details }: Quoted): void {
      this.chosen.set(conversationId, { id, content, contentType, details })
    },
    drop(conversationId: string): void {
      this.chosen.delete(conversationId)
    },
    /** Hands it over: it is answered once. */
    take(conversationId: string): Quoted | undefined {
      const quoted = this.chosen.get(conversationId)
      this.chosen.delete(conversationId)
      return quoted
    },
  },
})
