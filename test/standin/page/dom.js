/** The one element with this id, which the page is sure to have. */
export const byId = (id) => document.getElementById(id)

/**
 * Makes an element. Data only ever becomes text or an attribute, never markup.
 * @param {string} tag
 * @param {Record<string, unknown>} [props] attributes; functions under on… become listeners
 * @param {...(Node | string | number | null | undefined | false)} children
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'value' || name === 'checked') element[name] = value
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** Replaces the children, and keeps the focus when the same data-key is there again. */
export function fill(parent, children) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
  parent.replaceChildren(...children)
  if (key === undefined) return
  for (const element of parent.querySelectorAll('[data-key]')) if (element.dataset.key === key) element.focus()
}

/** Fills a thread; stays at its end when the reader was there. */
export function fillToEnd(list, rows) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  const nothing = h('li', { class: 'empty quiet' }, 'Nothing yet. Write the first message below.')
  fill(list, rows.length > 0 ? rows : [nothing])
  if (atEnd) list.scrollTop = list.scrollHeight
}

/** One of the people in the list, as a button that chooses them. */
export const personButton = ({ id, name, about, picture, count, current, onclick }) =>
  h(
    'li',
    {},
    h(
      'button',
      { type: 'button', 'aria-current': String(current), 'data-key': id, onclick },
      h('img', { src: picture, alt: '', width: 32, height: 32 }),
      h('span', { class: 'names' }, h('strong', {}, name), h('br'), h('span', { class: 'quiet' }, about)),
      count > 0 && h('span', { class: 'quiet' }, count),
    ),
  )

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' })

export const timeText = (ms) => {
  const date = new Date(ms)
  const today = new Date().toDateString() === date.toDateString()
  return today ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`
}
