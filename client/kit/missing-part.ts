import type { Router } from 'vue-router'
import { rememberedHere } from './storage.ts'

const ANSWER_WITHIN_MS = 5_000

/** The page that this tab loaded anew last. */
const loadedAnew = rememberedHere('parley:loaded-anew')

/**
 * Where a page cannot come because a part of this build is gone, a deployment took it away: the page is loaded anew, in
 * the new build, but once only, and never without a server, where nothing would be left on screen. Otherwise `tell` says
 * why it stays away.
 */
export function recoverMissingParts(router: Router, tell: (code: 'NETWORK' | 'INTERNAL') => void): void {
  router.afterEach((_to, _from, failure) => {
    if (!failure) loadedAnew.forget()
  })
  router.onError(async (error, to) => {
    if (!isMissingPart(error)) return
    if (!(await serverAnswers())) tell('NETWORK')
    else if (loadedAnew.read() === to.fullPath || !loadedAnew.write(to.fullPath)) tell('INTERNAL')
    else location.assign(to.fullPath)
  })
}

/** In the words of the browsers and of Vite. */
function isMissingPart(error: unknown): boolean {
  return /dynamically imported module|importing a module script|unable to preload/i.test(String(error))
}

async function serverAnswers(): Promise<boolean> {
  try {
    return (await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok
  } catch {
    return false
  }
}
