/** A line of a stream, from 1; without its text when it is longer than may be. */
export interface Line {
  number: number
  text: string | undefined
}

const NEWLINE = 10

/** The lines of a stream, holding no more of it than one of them: of a longer one than `longest` bytes only the number. */
export async function* readLines(stream: AsyncIterable<Buffer | string>, longest: number): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let size = 0
  let number = 1
  const add = (part: Buffer) => {
    size += part.length
    if (size <= longest) parts.push(part)
    else parts = []
  }
  const finish = (): Line => {
    const line = { number, text: size <= longest ? Buffer.concat(parts).toString('utf8') : undefined }
    parts = []
    size = 0
    number += 1
    return line
  }
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      add(bytes.subarray(start, end))
      yield finish()
      start = end + 1
    }
    add(bytes.subarray(start))
  }
  if (size) yield finish()
}
