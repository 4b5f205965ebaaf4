export interface FilePart {
  fileName: string
  mime: string
  bytes: Buffer
}

export interface FormParts {
  fields: Record<string, string>
  files: Record<string, FilePart>
}

/** What a form holds; undefined when it is none. A part without a file name is a field, whatever it is. */
export function readForm(contentType: string, body: Buffer): FormParts | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (!boundary) return undefined
  const form: FormParts = { fields: {}, files: {} }
  const mark = Buffer.from(`--${boundary}`)
  let start = body.indexOf(mark)
  while (start >= 0) {
    const end = body.indexOf(mark, start + mark.length)
    if (end < 0) break
    readPart(body.subarray(start + mark.length + 2, end - 2), form)
    start = end
  }
  return form
}

function readPart(part: Buffer, form: FormParts): void {
  const split = part.indexOf('\r\n\r\n')
  const head = part.subarray(0, split).toString('utf8')
  const bytes = part.subarray(split + 4)
  const name = /name="([^"]*)"/.exec(head)?.[1]
  const fileName = /filename="([^"]*)"/.exec(head)?.[1]
  if (split < 0 || name === undefined) return
  if (fileName === undefined) form.fields[name] = bytes.toString('utf8')
  else form.files[name] = { fileName, mime: /content-type:\s*(\S+)/i.exec(head)?.[1] ?? '', bytes }
}
