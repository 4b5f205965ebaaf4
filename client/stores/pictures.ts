import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { uploadPicture, type UploadedPicture } from '../api/uploads.ts'
import { useAccounts } from './accounts.ts'
import type { ComposerMode } from './drafts.ts'

/** A picture beside what is written, on its way to the server or there. */
export interface ComposerPicture {
  key: string
  name: string
  /** Of this browser while it is on its way, then of the server. */
  preview: string
  progress: number
  uploaded?: UploadedPicture
  error?: unknown
}

export const MOST_PICTURES = 10

const placeOf = (conversationId: string, mode: ComposerMode) => `${conversationId}:${mode}`
const running = new Map<string, { file: File; abort: AbortController }>()

/** The pictures of each composer, per conversation and mode, as long as the page lives. */
export const usePictures = defineStore('pictures', {
  state: () => ({ byPlace: new Map<string, ComposerPicture[]>() }),
  actions: {
    listOf(conversationId: string, mode: ComposerMode): ComposerPicture[] {
      return this.byPlace.get(placeOf(conversationId, mode)) ?? []
    },
    /** Answers how many of them were too many. */
    add(conversationId: string, mode: ComposerMode, files: readonly File[]): number {
      const place = placeOf(conversationId, mode)
      const before = this.listOf(conversationId, mode)
      const taken = files.slice(0, Math.max(0, MOST_PICTURES - before.length))
      const added = taken.map((file) => ({
        ...{ key: crypto.randomUUID(), name: file.name, progress: 0 },
        preview: URL.createObjectURL(file),
      }))
      this.byPlace.set(place, [...before, ...added])
      for (const [index, { key }] of added.entries()) {
        running.set(key, markRaw({ file: taken[index]!, abort: new AbortController() }))
        void this.upload(conversationId, mode, key)
      }
      return files.length - taken.length
    },
    async upload(conversationId: string, mode: ComposerMode, key: string): Promise<void> {
      const { file, abort } = running.get(key) ?? {}
      if (!file || !abort) return
      this.change(conversationId, mode, key, { progress: 0, error: undefined })
      const { accountId } = useAccounts()
      const onProgress = (progress: number) => this.change(conversationId, mode, key, { progress })
      try {
        const given = { accountId, conversationId, file, onProgress, signal: abort.signal }
        const uploaded = await uploadPicture(given)
        const { preview = '' } = this.listOf(conversationId, mode).find((one) => one.key === key) ?? {}
        this.change(conversationId, mode, key, { uploaded, preview: uploaded.thumbnailUrl })
        URL.revokeObjectURL(preview)
        running.delete(key)
      } catch (error) {
        this.change(conversationId, mode, key, { error })
      }
    },
    change(conversationId: string, mode: ComposerMode, key: string, change: Partial<ComposerPicture>): void {
      const list = this.listOf(conversationId, mode)
      const changed = list.map((one) => (one.key === key ? { ...one, ...change } : one))
      this.byPlace.set(placeOf(conversationId, mode), changed)
    },
    remove(conversationId: string, mode: ComposerMode, key: string): void {
      running.get(key)?.abort.abort()
      running.delete(key)
      const left = this.listOf(conversationId, mode).filter((one) => one.key !== key)
      this.byPlace.set(placeOf(conversationId, mode), left)
    },
    /** What is there goes out with the message. */
    take(conversationId: string, mode: ComposerMode): UploadedPicture[] {
      const taken = this.listOf(conversationId, mode).flatMap(({ uploaded }) => uploaded ?? [])
      this.byPlace.delete(placeOf(conversationId, mode))
      return taken
    },
    /** A refused message gives its pictures back, before those that were added since. */
    restore(conversationId: string, mode: ComposerMode, pictures: readonly UploadedPicture[]): void {
      const back = pictures.map((uploaded) => ({
        ...{ key: uploaded.id, name: '', progress: 1 },
        ...{ uploaded, preview: uploaded.thumbnailUrl },
      }))
      this.byPlace.set(placeOf(conversationId, mode), [...back, ...this.listOf(conversationId, mode)])
    },
  },
})
