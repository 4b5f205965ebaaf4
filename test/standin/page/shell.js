import { watch } from './api.js'
import { byId } from './dom.js'
import { drawLog, forgetLog, refreshLog } from './log.js'

const HOUR_MS = 3_600_000

const say = (text, bad = false) => {
  byId('status').textContent = text
  byId('status').className = bad ? 'bad' : 'quiet'
}

/** What every page does: draws itself whenever something happened, and runs commands. */
export function createShell(draw) {
  let refreshing = false
  let again = false

  /** One refresh at a time; what happens meanwhile asks for one more. */
  async function refresh() {
    if (refreshing) {
      again = true
      return
    }
    refreshing = true
    try {
      do {
        again = false
        await draw()
        await refreshLog()
      } while (again)
    } catch (error) {
      say(error.message, true)
    } finally {
      refreshing = false
    }
  }

  /** Runs a command, says what went wrong, and shows what came of it. */
  async function run(work) {
    try {
      await work
      say('')
    } catch (error) {
      say(error.message, true)
    }
    await refresh()
  }

  function onForm(id, submit) {
    byId(id).addEventListener('submit', (event) => {
      event.preventDefault()
      const values = Object.fromEntries(new FormData(event.target))
      void run(submit(values).then(() => event.target.reset()))
    })
  }

  const onClick = (id, act) => byId(id).addEventListener('click', () => void run(act()))

  /** Calls back with the picked file. */
  function onFile(id, take) {
    byId(id).addEventListener('change', ({ target }) => {
      const [file] = target.files
      target.value = ''
      if (file) void run(take(file))
    })
  }

  function start() {
    byId('log-filter').addEventListener('change', drawLog)
    byId('text').addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      byId('compose').requestSubmit()
    })
    watch(refresh, (connected) => {
      if (connected) forgetLog()
      say(connected ? '' : 'The stand-in does not answer; trying again…', !connected)
    })
  }

  return { refresh, run, onForm, onClick, onFile, start }
}

/** When the customer wrote, as the page has it. */
export const writtenAt = (now) => {
  const hours = Number(byId('ago').value)
  return hours > 0 ? { at: now - hours * HOUR_MS } : {}
}
