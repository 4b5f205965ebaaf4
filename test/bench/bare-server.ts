import { createHmac, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import postgres from 'postgres'
import { APP_SECRET } from './deliveries.ts'

/** What acknowledging a webhook costs at least: the signature over the raw bytes, one row, one commit. */
const sql = postgres(process.env.DATABASE_URL ?? '', { max: 10, onnotice: () => {} })
const app = Fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
app.post('/webhooks/tiktok', async (request, reply) => {
  const body = request.body as Buffer
  const [, t = '', s = ''] = /^t=(\d+),s=([0-9a-f]{64})$/.exec(String(request.headers['tiktok-signature'])) ?? []
  const expected = createHmac('sha256', APP_SECRET).update(`${t}.`).update(body).digest()
  if (!s || !timingSafeEqual(expected, Buffer.from(s, 'hex'))) return reply.code(401).send('no')
  await sql`
    insert into bare_webhook_events (channel_type, event_key, account_ref, thread_key, raw)
    values ('tiktok', ${s}, 'business', 'thread', ${body})`
  return reply.send('ok')
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
console.log('{"msg":"ready"}')
