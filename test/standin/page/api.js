/** The side whose page this is. */
const BASE = document.body.dataset.api

async function answer(response) {
  const body = await response.json()
  if (!response.ok) throw new Error(body.error ?? `the stand-in answered ${response.status}`)
  return body
}

export const load = (path) => fetch(BASE + path).then(answer)

export const command = (path, body = {}) =>
  fetch(BASE + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then(answer)

/** Hands a picture or a film over; answers its id. */
export const upload = (query, file) =>
  fetch(`${BASE}media?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers: { 'content-type': file.type },
    body: file,
  }).then(answer)

/** Calls back whenever something happened, and once after every (re)connection. */
export function watch(onChange, onState) {
  const source = new EventSource(`${BASE}events`)
  source.addEventListener('open', () => {
    onState(true)
    onChange()
  })
  source.addEventListener('message', onChange)
  source.addEventListener('error', () => onState(false))
}
