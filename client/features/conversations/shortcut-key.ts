/** The key as an English keyboard would name it: Thai and Cyrillic layouts type other letters on the same keys. */
export function shortcutKey(event: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  if (event.key.length > 1 || /^[\x21-\x7e]$/.test(event.key))
    return event.key.length > 1 ? event.key : event.key.toLowerCase()
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]
  if (letter) return letter.toLowerCase()
  if (event.code === 'Slash') return event.shiftKey ? '?' : '/'
  return event.key
}

/** Whether a key belongs to a field, a menu or a dialog rather than to the page. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return true
  const target = event.target as HTMLElement | null
  return Boolean(target?.closest?.('input, textarea, select, [contenteditable="true"], [role="menu"], dialog'))
}
