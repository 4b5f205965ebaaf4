/** One remembered text of this browser. Storage may be refused or full: then nothing is remembered. */
export const remembered = (key: string) => entryOf(() => localStorage, key)

/** One remembered text of this tab; it survives a reload. */
export const rememberedHere = (key: string) => entryOf(() => sessionStorage, key)

/** Naming a storage can already throw, so it is named within each attempt. */
function entryOf(storage: () => Storage, key: string) {
  return {
    read: (): string | undefined => attempt(() => storage().getItem(key)) ?? undefined,
    /** Whether it will be there later. */
    write: (value: string): boolean => attempt(() => (storage().setItem(key, value), true)) ?? false,
    forget: () => void attempt(() => storage().removeItem(key)),
  }
}

/** Whether what is written now will be there later; a full storage counts as none. */
export function storageWorks(): boolean {
  const probe = remembered('parley:probe')
  const works = probe.write('')
  probe.forget()
  return works
}

export function rememberedKeys(prefix: string): string[] {
  return attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? []
}

/**
 * Tells what another tab writes under a key that begins with `prefix`: the rest of the key, and the value, undefined when
 * it was forgotten. Answers how to stop listening.
 */
export function onRemembered(prefix: string, listener: (rest: string, value: string | undefined) => void): () => void {
  const hear = ({ key, newValue }: StorageEvent) => {
    if (key?.startsWith(prefix)) listener(key.slice(prefix.length), newValue ?? undefined)
  }
  addEventListener('storage', hear)
  return () => removeEventListener('storage', hear)
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
