import { onBeforeUnmount, onMounted } from 'vue'
import { useFeed } from '../../stores/feed.ts'

/** The browser knows first that the network is back, and that somebody looks again. */
export function useConnectionNudge(): void {
  const nudge = () => {
    if (document.visibilityState === 'visible') useFeed().nudge()
  }
  onMounted(() => {
    addEventListener('online', nudge)
    document.addEventListener('visibilitychange', nudge)
  })
  onBeforeUnmount(() => {
    removeEventListener('online', nudge)
    document.removeEventListener('visibilitychange', nudge)
  })
}
