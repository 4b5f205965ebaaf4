import { useRouter } from 'vue-router'
import { errorText } from '../../kit/error-text.ts'
import { useDrafts } from '../../stores/drafts.ts'
import { useFeed } from '../../stores/feed.ts'
import { useOutbox } from '../../stores/outbox.ts'
import { usePictures } from '../../stores/pictures.ts'
import { forgetAccountData } from '../../stores/reset.ts'
import { useSession } from '../../stores/session.ts'
import { useUi } from '../../stores/ui.ts'

/** Ends the session on the server first; only then nothing of it stays in this browser. */
export function useLogOut() {
  const router = useRouter()
  return async () => {
    const userId = useSession().userId
    try {
      await useSession().logOut()
    } catch (error) {
      useUi().toast(errorText(error), { tone: 'bad' })
      return
    }
    useFeed().stop()
    useDrafts().clear()
    usePictures().clear(userId)
    useOutbox().clear(userId)
    forgetAccountData()
    await router.push({ name: 'log-in' })
  }
}
