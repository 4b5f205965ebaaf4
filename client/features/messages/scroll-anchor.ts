export interface Anchor {
  key: string
  /** From the top of the scroller to the top of the row, in px. */
  offset: number
}

/** The first row that the reader sees, and where. */
export function takeAnchor(scroller: HTMLElement): Anchor | undefined {
  const top = scroller.getBoundingClientRect().top
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-row]')) {
    const box = row.getBoundingClientRect()
    if (box.bottom > top) return { key: row.dataset['row']!, offset: box.top - top }
  }
  return undefined
}

/** Puts that row back where it was, whatever came in above it. */
export function restoreAnchor(scroller: HTMLElement, anchor: Anchor | undefined): boolean {
  const row = anchor && scroller.querySelector<HTMLElement>(`[data-row="${CSS.escape(anchor.key)}"]`)
  if (!row) return false
  scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.offset
  return true
}
