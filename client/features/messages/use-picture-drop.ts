import { onBeforeUnmount, onMounted, type Ref } from 'vue'
import { picturesIn } from './picture-error.ts'

/** Takes pictures that are dropped on an element; whoever has no pointer has the button. */
export function usePictureDrop(element: Readonly<Ref<HTMLElement | null>>, take: (files: File[]) => void): void {
  const onDragOver = (event: DragEvent) => event.preventDefault()
  const onDrop = (event: DragEvent) => {
    const files = picturesIn(event.dataTransfer?.files)
    if (!files.length) return
    event.preventDefault()
    take(files)
  }
  onMounted(() => {
    element.value?.addEventListener('dragover', onDragOver)
    element.value?.addEventListener('drop', onDrop)
  })
  onBeforeUnmount(() => {
    element.value?.removeEventListener('dragover', onDragOver)
    element.value?.removeEventListener('drop', onDrop)
  })
}
