const GAP = 6
const EDGE = 8

/** Puts a floating element below its anchor, or above where there is no room, and never off the screen. */
export function placeNear(floating: HTMLElement, anchor: HTMLElement, align: 'start' | 'end' | 'centre'): void {
  const box = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = floating
  const lefts = { start: box.left, end: box.right - width, centre: box.left + (box.width - width) / 2 }
  const below = box.bottom + GAP
  const top = below + height > innerHeight - EDGE && box.top - GAP - height > EDGE ? box.top - GAP - height : below
  floating.style.left = `${Math.max(EDGE, Math.min(lefts[align], innerWidth - width - EDGE))}px`
  floating.style.top = `${top}px`
}
