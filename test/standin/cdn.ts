import type { FastifyReply, FastifyRequest } from 'fastify'
import { PassThrough, Readable } from 'node:stream'
import type { CDN_MODES } from './knob-kinds.ts'

/** A medium whose bytes come at once, late, in part or for ever, or that is somewhere else. */
export function serveMedium(
  mode: (typeof CDN_MODES)[number],
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, mime }: { bytes: Buffer; mime: string },
): FastifyReply {
  switch (mode) {
    case 'fine':
      return reply.type(mime).send(bytes)
    case 'down':
      return reply.code(503).type('text/plain').send('try again')
    case 'gone':
      return reply.code(404).type('text/plain').send('not found')
    case 'to_private':
      return reply.redirect('http://169.254.169.254/latest/meta-data/')
    case 'loop':
      return reply.redirect(request.url)
    case 'endless':
      return reply.type(mime).send(Readable.from(endless(bytes)))
    case 'silent':
      return reply.type(mime).send(new PassThrough().on('close', () => undefined))
    case 'truncated':
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': mime, 'content-length': bytes.length })
      reply.raw.write(bytes.subarray(0, bytes.length / 2), () => reply.raw.destroy())
      return reply
  }
}

async function* endless(bytes: Buffer): AsyncGenerator<Buffer> {
  const filler = Buffer.alloc(256 * 1024, bytes)
  for (;;) yield filler
}
