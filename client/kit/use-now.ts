import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { serverNow } from './server-time.ts'

const shared = new Map<number, { now: Ref<number>; users: number; timer: ReturnType<typeof setInterval> }>()

/** The server's time in ms, moving by itself; everybody who wants the same step shares one timer. */
export function useNow(stepMs: number): Readonly<Ref<number>> {
  let clock = shared.get(stepMs)
  if (!clock) {
    const now = ref(serverNow())
    clock = { now, users: 0, timer: setInterval(() => (now.value = serverNow()), stepMs) }
    shared.set(stepMs, clock)
  }
  const mine = clock
  mine.users += 1
  mine.now.value = serverNow()
  onScopeDispose(() => {
    mine.users -= 1
    if (mine.users) return
    clearInterval(mine.timer)
    shared.delete(stepMs)
  })
  return readonly(mine.now)
}
