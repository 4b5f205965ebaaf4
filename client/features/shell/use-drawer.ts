import { computed, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { useRoute } from 'vue-router'
import { useUi } from '../../stores/ui.ts'

/** On a narrow screen the rail lies over the page: it takes the focus, what is behind it rests, and it gives it back. */
export function useDrawer(rail: Readonly<Ref<HTMLElement | null | undefined>>) {
  const ui = useUi()
  const route = useRoute()
  const narrow = useNarrow()
  const open = computed(() => ui.railShown && narrow.value)
  const searching = () => Boolean(document.activeElement?.closest('[role="search"]'))
  const close = () => (ui.railShown = false)
  let opener: HTMLElement | null = null

  function onKey(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !open.value) return
    // The page behind has an Escape of its own.
    event.stopPropagation()
    close()
  }

  watch(open, (opened) => {
    if (opened) opener = document.activeElement as HTMLElement | null
    // What takes the focus has to be visible first; in the drawer the search may have asked for it already.
    requestAnimationFrame(() => {
      if (!opened) opener?.focus()
      else if (!rail.value?.contains(document.activeElement)) rail.value?.focus()
    })
  })
  watch(
    () => route.fullPath,
    // Who types into the search goes on typing while the list behind follows.
    () => searching() || close(),
  )
  document.addEventListener('keydown', onKey)
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey))

  return { open, close }
}

function useNarrow(): Readonly<Ref<boolean>> {
  const query = matchMedia('(max-width: 1023px)')
  const narrow = ref(query.matches)
  const follow = () => (narrow.value = query.matches)
  query.addEventListener('change', follow)
  onBeforeUnmount(() => query.removeEventListener('change', follow))
  return narrow
}
