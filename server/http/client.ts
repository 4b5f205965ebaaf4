import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../kit/paths.ts'
import { answerMissing } from './errors.ts'

/** The built client: hashed files for ever, its page for every other address that a browser opens. */
export async function registerClient(app: FastifyInstance): Promise<void> {
  const root = path.join(packageRoot, 'dist/client')
  const built = existsSync(path.join(root, 'index.html'))
  if (built) {
    await app.register(fastifyStatic, {
      root,
      wildcard: false,
      index: false,
      setHeaders: (reply, file) =>
        void reply.header(
          'cache-control',
          file.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        ),
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const opensPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    if (built && opensPage) return reply.header('cache-control', 'no-cache').sendFile('index.html')
    return answerMissing(request, reply)
  })
}
