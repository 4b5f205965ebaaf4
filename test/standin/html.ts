const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

/** Tagged template that escapes what is put in; an array of already tagged parts is joined as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const render = (value: string | number | Html | Html[]): string => {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(({ text }) => text).join('')
  return escapeHtml(String(value))
}

export const html = (parts: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html =>
  new Html(
    parts.reduce((text, part, index) => text + part + (index < values.length ? render(values[index] ?? '') : ''), ''),
  )
