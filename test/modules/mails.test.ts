import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AddressInfo } from 'node:net'
import type { Deps } from '../../server/deps.ts'
import { insertMail, unsafeListUnsentMails } from '../../server/modules/mails/mails.queries.ts'
import { deliverMail, requestMail, unsafeRequestMail } from '../../server/modules/mails/mails.service.ts'
import { openParley, type Business, type Parley } from './people.ts'

let parley: Parley
let acme: Business
beforeAll(async () => {
  parley = await openParley()
  acme = await parley.aBusiness('ada@acme.test', 'Acme')
})
afterAll(() => parley.close())

const rowOf = async (id: string) => {
  const [row] = await parley.deps.system.sql`
    select attempts, sent_at as "sentAt", failed_at as "failedAt", next_attempt_at as "nextAttemptAt" from mails where id = ${id}`
  return row
}

const aMail = (kind: 'password_reset' | 'verify_email' = 'password_reset') =>
  insertMail(parley.deps.system.orm, { kind, userId: acme.userId }, parley.deps.clock.now())

/** A mail server that refuses what `refuse` says. */
async function smtp(refuse: (address: string) => number | undefined) {
  const received: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      const responseCode = refuse(address)
      done(responseCode ? Object.assign(new Error('refused'), { responseCode }) : null)
    },
    onData: (stream, _session, done) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => {
        received.push(text)
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  const deps: Deps = { ...parley.deps, config: { ...parley.deps.config, smtpUrl: `smtp://127.0.0.1:${port}` } }
  return { deps, received, close: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

describe('the outbox', () => {
  it('sends a mail once, also when several processes take it at once', async () => {
    const before = (await parley.mailsTo('ada@acme.test')).length
    const id = await aMail()
    await Promise.all([1, 2, 3].map(() => deliverMail(parley.deps, id)))
    expect((await parley.mailsTo('ada@acme.test')).length - before).toBe(1)
    expect(await rowOf(id)).toMatchObject({ attempts: 1, sentAt: expect.any(Date) })
  })

  it('keeps one mail of a dedupe key, in a transaction of the tenant and outside of one', async () => {
    const request = {
      kind: 'reauthorization',
      userId: acme.userId,
      data: { inboxId: 'i', inboxName: 'A <Shop>' },
    } as const
    await acme.scope.tx((tx) => requestMail(tx, { ...request, dedupeKey: 'once' }))
    await acme.scope.tx((tx) => requestMail(tx, { ...request, dedupeKey: 'once' }))
    await unsafeRequestMail(parley.deps, { ...request, accountId: acme.accountId, dedupeKey: 'once' })
    const mails = (await parley.mailsTo('ada@acme.test')).filter((mail) => mail.subject.includes('A <Shop>'))
    expect(mails).toHaveLength(1)
    expect(mails[0]?.html).toContain('A &lt;Shop&gt; (Acme)')
    expect(mails[0]?.text).toContain(`http://parley.test/a/${acme.accountId}/settings/inboxes/i`)
  })

  it('drops what has become pointless', async () => {
    const id = await aMail('verify_email')
    await deliverMail(parley.deps, id)
    expect(await rowOf(id)).toMatchObject({ sentAt: null, failedAt: expect.any(Date) })
  })
})

describe('a mail server', () => {
  it('gets text and HTML', async () => {
    const server = await smtp(() => undefined)
    await deliverMail(server.deps, await aMail())
    expect(server.received).toHaveLength(1)
    expect(server.received[0]).toMatch(/To: ada@acme.test/)
    expect(server.received[0]).toMatch(/text\/plain[\s\S]*text\/html/)
    await server.close()
  })

  it('that is busy gets it again, with growing pauses, until it is given up', async () => {
    const server = await smtp(() => 451)
    const id = await aMail()
    const pauses: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      await deliverMail(server.deps, id)
      const { nextAttemptAt, failedAt } = (await rowOf(id)) as { nextAttemptAt: Date; failedAt: Date | null }
      if (failedAt) break
      const due = nextAttemptAt.getTime() - parley.deps.clock.now().getTime()
      expect(await unsafeListUnsentMails(parley.deps.system, parley.deps.clock.now(), 100)).not.toContain(id)
      pauses.push(Math.round(due / 1_000))
      parley.pass(due + 1_000)
      expect(await unsafeListUnsentMails(parley.deps.system, parley.deps.clock.now(), 100)).toContain(id)
    }
    expect(pauses).toEqual([30, 120, 600, 1_800, 3_600, 10_800, 21_600])
    expect(await rowOf(id)).toMatchObject({ attempts: 8, failedAt: expect.any(Date) })
    await server.close()
  })

  it('that refuses the address for good is not asked again', async () => {
    const server = await smtp(() => 550)
    const id = await aMail()
    await deliverMail(server.deps, id)
    expect(await rowOf(id)).toMatchObject({ attempts: 1, failedAt: expect.any(Date) })
    await server.close()
  })

  it('that is not there costs time and no mail', async () => {
    const deps = { ...parley.deps, config: { ...parley.deps.config, smtpUrl: 'smtp://127.0.0.1:1' } }
    const id = await aMail()
    await deliverMail(deps, id)
    expect(await rowOf(id)).toMatchObject({ attempts: 1, sentAt: null, failedAt: null })
    parley.pass(31_000)
    await deliverMail(parley.deps, id)
    expect(await rowOf(id)).toMatchObject({ attempts: 2, sentAt: expect.any(Date) })
  })
})
