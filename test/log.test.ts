import { describe, expect, it } from 'vitest'
import { createLogger } from '../server/kit/log.ts'
import type { Logger } from '../server/kit/log.ts'

/** What a call writes. */
function written(write: (log: Logger) => void): string {
  const lines: string[] = []
  write(createLogger({ nodeEnv: 'production', logLevel: 'info' }, { write: (line) => lines.push(line) }))
  return lines.join('')
}

describe('the log (I14)', () => {
  it.each([
    { headers: { authorization: 'Bearer sesame', cookie: 'refresh=sesame', 'set-cookie': ['sesame'] } },
    { inbox: { credentials: { accessToken: 'sesame' } } },
    { access_token: 'sesame', refreshToken: 'sesame', 'x-api-key': 1, apiKey: 'sesame' },
    { input: { password: 'sesame', appSecret: 'sesame', jwtSecret: 'sesame' } },
    { events: [{ message: { content: 'sesame', text: 'sesame' } }] },
    { url: 'https://parley:sesame@host/tiktok/callback?code=sesame&scopes=a&state=sesame' },
    { path: '/webhooks/respondio/sesame?x=1' },
    { url: 'https://host/pictures/sesame/sesame/1/sesame/sesame.jpg' },
    { raw: Buffer.from('sesame'), nested: { bytes: Buffer.from('sesame') } },
    { a: { b: { c: { d: { e: { f: { g: 'sesame' } } } } } } },
  ])('takes secrets and message texts out of fields (%#)', (fields) => {
    const line = written((log) => log.info(fields, 'a line'))
    expect(line).toContain('a line')
    expect(line).not.toContain('sesame')
  })

  it('keeps what is no secret', () => {
    const line = written((log) => log.info({ accountId: 'a-1', url: '/graphql?first=25', count: 3 }, 'done'))
    expect(JSON.parse(line)).toMatchObject({ level: 'info', accountId: 'a-1', url: '/graphql?first=25', count: 3 })
  })

  it('takes secrets out of texts and of child loggers', () => {
    const line = written((log) => {
      log
        .child({ token: 'sesame', inboxId: 'i-1' })
        .info('GET http://host/?access_token=sesame with Bearer sesame-sesame')
    })
    expect(line).toContain('i-1')
    expect(line).not.toContain('sesame')
  })

  it('shortens requests to what is needed', () => {
    const req = {
      method: 'GET',
      url: '/tiktok/callback?code=sesame&state=sesame',
      ip: '10.0.0.1',
      headers: { a: 'sesame' },
    }
    const line = written((log) => log.info({ req }))
    expect(JSON.parse(line)).toMatchObject({ req: { method: 'GET', ip: '10.0.0.1' } })
    expect(line).not.toContain('sesame')
  })

  it('describes errors by what is known to be harmless: a row carries texts of customers', () => {
    const cause = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      constraint_name: 'messages_pk',
      detail: 'Key (content)=(sesame) already exists.',
      parameters: ['sesame'],
    })
    const error = new Error('Failed query: insert into messages values ($1)\nparams: sesame', { cause })
    for (const write of [(log: Logger) => log.error(error), (log: Logger) => log.error({ err: error })]) {
      const line = written(write)
      expect(line).not.toContain('sesame')
      expect(JSON.parse(line)).toMatchObject({ err: { cause: { code: '23505', constraint_name: 'messages_pk' } } })
    }
  })
})
