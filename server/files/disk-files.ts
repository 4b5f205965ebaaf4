import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { checkKey, type Files } from './files.ts'

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Files in a folder of this machine, or of a volume that all processes share. */
export function createDiskFiles(root: string): Files {
  const placeOf = (key: string) => path.join(root, checkKey(key))
  return {
    async put(key, bytes) {
      const place = placeOf(key)
      await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
      const own = `${place}.${randomBytes(6).toString('hex')}.part`
      const file = await open(own, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(own, place)
    },
    async open(key, range) {
      const file = await open(placeOf(key)).catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      })
      if (!file) return undefined
      if (!range) return { stream: file.createReadStream(), bytes: (await file.stat()).size }
      const { first, last } = range
      return { stream: file.createReadStream({ start: first, end: last }), bytes: last - first + 1 }
    },
    async remove(key) {
      await rm(placeOf(key), { force: true })
    },
  }
}
