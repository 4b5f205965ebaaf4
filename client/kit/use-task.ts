import { ref } from 'vue'
import { errorText } from './error-text.ts'

/** A piece of work that a button starts: whether it runs, and in words why it failed. One run at a time. */
export function useTask<Arguments extends unknown[]>(work: (...args: Arguments) => Promise<unknown>) {
  const busy = ref(false)
  const error = ref<string>()

  async function run(...args: Arguments): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = undefined
    try {
      await work(...args)
      return true
    } catch (failure) {
      error.value = errorText(failure)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, error, run }
}
