import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { hasUpload, uploadPicture, type UploadedPicture } from '../api/uploads.ts'
import { onRemembered, remembered, rememberedKeys } from '../kit/storage.ts'
import { useAccounts } from './accounts.ts'
import type { ComposerMode } from './drafts.ts'
import { useSession } from './session.ts'

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

const PREFIX = 'parley:pictures:'
const placeOf = (conversationId: string, mode: ComposerMode) => `${conversationId}:${mode}`
const keyOf = (place: string, { userId } = useSession()) => `${PREFIX}${userId}:${place}`
const running = new Map<string, { file: File; abort: AbortController }>()
let listening: (() => void) | undefined

/**
 * The pictures of each composer, per conversation and mode. Those that are with the server survive a reload, in all tabs of
 * a browser, as the text beside them does.
 */
export const usePictures = defineStore('pictures', {
  state: () => ({ byPlace: new Map<string, ComposerPicture[]>() }),
  actions: {
    listOf(conversationId: string, mode: ComposerMode): ComposerPicture[] {
      return this.byPlace.get(placeOf(conversationId, mode)) ?? []
    },
    /** After a reload: what was there before, as far as the server still has it. */
    open(conversationId: string, mode: ComposerMode): void {
      listening ??= onRemembered(PREFIX, (rest) => {
        const [userId, ...place] = rest.split(':')
        if (userId === useSession().userId) usePictures().follow(place.join(':'))
      })
      const place = placeOf(conversationId, mode)
      if (this.byPlace.has(place)) return
      this.follow(place)
      for (const { key, uploaded } of this.listOf(conversationId, mode))
        if (uploaded) void hasUpload(uploaded).then((isThere) => isThere || this.remove(conversationId, mode, key))
    },
    /** Takes over what is stored, beside what is still on its way here. */
    follow(place: string): void {
      const onTheWay = (this.byPlace.get(place) ?? []).filter(({ uploaded }) => !uploaded)
      const stored = parse(remembered(keyOf(place)).read()).map(asShown)
      if (stored.length || this.byPlace.has(place)) this.byPlace.set(place, [...stored, ...onTheWay])
    },
    keep(place: string, list: ComposerPicture[]): void {
      this.byPlace.set(place, list)
      // After a log-out elsewhere there is nobody to keep it for.
      if (!useSession().userId) return
      const stored = list.flatMap(({ uploaded }) => uploaded ?? [])
      if (stored.length) remembered(keyOf(place)).write(JSON.stringify(stored))
      else remembered(keyOf(place)).forget()
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
      this.keep(place, [...before, ...added])
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
      // The account was left meanwhile: what is stored for this place is not on the screen, and not to be overwritten.
      if (!list.some((one) => one.key === key)) return
      const changed = list.map((one) => (one.key === key ? { ...one, ...change } : one))
      // How far one is concerns this tab alone: what another tab stored meanwhile stays.
      if (change.uploaded) this.keep(placeOf(conversationId, mode), changed)
      else this.byPlace.set(placeOf(conversationId, mode), changed)
    },
    remove(conversationId: string, mode: ComposerMode, key: string): void {
      running.get(key)?.abort.abort()
      running.delete(key)
      const list = this.listOf(conversationId, mode)
      const left = list.filter((one) => one.key !== key)
      if (left.length < list.length) this.keep(placeOf(conversationId, mode), left)
    },
    /** What is there goes out with the message. */
    take(conversationId: string, mode: ComposerMode): UploadedPicture[] {
      const taken = this.listOf(conversationId, mode).flatMap(({ uploaded }) => uploaded ?? [])
      this.keep(placeOf(conversationId, mode), [])
      return taken
    },
    /** A refused message gives its pictures back, before those that were added since. */
    restore(conversationId: string, mode: ComposerMode, pictures: readonly UploadedPicture[]): void {
      this.open(conversationId, mode)
      const back = [...pictures.map(asShown), ...this.listOf(conversationId, mode)]
      this.keep(placeOf(conversationId, mode), back)
    },
    /** At log-out: nothing of it stays on this computer. */
    clear(userId: string): void {
      for (const key of rememberedKeys(`${PREFIX}${userId}:`)) remembered(key).forget()
      this.$reset()
    },
  },
})

const asShown = (uploaded: UploadedPicture): ComposerPicture => ({
  ...{ key: uploaded.id, name: '', progress: 1 },
  ...{ uploaded, preview: uploaded.thumbnailUrl },
})

const isUpload = (one: unknown): one is UploadedPicture => typeof (one as { id?: unknown } | null)?.id === 'string'

/** What an older build stored, or somebody else, is none of ours. */
function parse(stored: string | undefined): UploadedPicture[] {
  try {
    const pictures: unknown = JSON.parse(stored ?? '')
    return Array.isArray(pictures) ? pictures.filter(isUpload) : []
  } catch {
    return []
  }
}
