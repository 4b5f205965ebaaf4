import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'

const SCRIPTS = 'app api dom shell panel thread knobs log respondio respondio-thread respondio-knobs'.split(' ')
const FILES: Record<string, string> = {
  'style.css': 'text/css; charset=utf-8',
  ...Object.fromEntries(SCRIPTS.map((name) => [`${name}.js`, 'text/javascript; charset=utf-8'])),
}
/** Each side's page, by its path. */
const PAGES = { '/': 'index.html', '/respondio': 'respondio.html' }
const FONTS: Record<string, string> = {
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'noto-sans-thai.woff2': '@fontsource-variable/noto-sans-thai/files/noto-sans-thai-thai-wght-normal.woff2',
}
const { resolve } = createRequire(import.meta.url)
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'"

/** The pages where a person types as the customer. */
export function mountPage(app: FastifyInstance): void {
  const file = (name: string): Promise<Buffer> => readFile(new URL(`page/${name}`, import.meta.url))
  for (const [path, name] of Object.entries(PAGES)) {
    app.get(path, async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', POLICY)
        .send(await file(name)),
    )
  }
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send())
  app.get('/standin/page/:name', async (request, reply) => {
    const { name } = request.params as { name: string }
    const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined
    if (type === undefined) return reply.callNotFound()
    return reply
      .type(type)
      .header('cache-control', 'no-cache')
      .send(await file(name))
  })
  app.get('/standin/page/fonts/:name', async (request, reply) => {
    const { name } = request.params as { name: string }
    const path = Object.hasOwn(FONTS, name) ? FONTS[name] : undefined
    if (path === undefined) return reply.callNotFound()
    return reply
      .type('font/woff2')
      .header('cache-control', 'public, max-age=86400')
      .send(await readFile(resolve(path)))
  })
}
