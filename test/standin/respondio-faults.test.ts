import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestSpace } from './respondio-kit.ts'
import { startSpace } from './respondio-kit.ts'
import type { FaultKind } from './respondio/knobs.ts'
import { startStandin } from './standin.ts'

let world: TestSpace
beforeEach(async () => {
  world = await startSpace()
  world.respondio.setKnobs({ timeoutHoldMs: 80 })
})
afterEach(() => world.close())

describe('faults', () => {
  it('time out after the commit: the message goes out although the call failed', async () => {
    world.subscribe('message.sent')
    const { contactId } = world.newcomer()
    world.respondio.fault('timeout_after_commit')
    await expect(world.sendText(contactId, 'did it arrive?')).rejects.toThrow()
    await world.respondio.settled()
    const [, sent] = world.respondio.messages(contactId)
    expect(sent).toMatchObject({
      content: { text: 'did it arrive?' },
      status: [{ value: 'sent' }, { value: 'delivered' }],
    })
    expect(world.receiver.received).toHaveLength(1)
    expect(world.respondio.ledger.calls('send')).toMatchObject([{ httpStatus: null, committed: true }])
    expect((await world.sendText(contactId)).status).toBe(200)
  })

  it('time out, reset or answer with a page of something in between: nothing happened', async () => {
    const { contactId } = world.newcomer()
    const kinds: FaultKind[] = ['timeout_before_commit', 'reset', '502', 'html', '403_html']
    for (const kind of kinds) {
      world.respondio.fault(kind)
      await expect(world.sendText(contactId)).rejects.toThrow()
    }
    expect(world.respondio.messages(contactId)).toHaveLength(1)
    expect(world.respondio.ledger.rejected('send').map(({ fault }) => fault)).toEqual(kinds)
  })

  it('spoil an answer whose call took effect', async () => {
    const { contactId } = world.newcomer()
    world.respondio.setKnobs({ sendFault: ['truncated_json', { kind: '502', commit: true }] })
    await expect(world.sendText(contactId)).rejects.toThrow()
    await expect(world.sendText(contactId)).rejects.toThrow()
    expect(world.respondio.messages(contactId)).toHaveLength(3)
  })

  it('answer any status, an error under 200 too, for a count, an operation and a contact', async () => {
    const { contactId } = world.newcomer()
    const { contactId: another } = world.newcomer('Another')
    const kinds: FaultKind[] = ['401', '449', '429', '500', '200_error']
    for (const kind of kinds) world.respondio.fault(kind)
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await world.sendText(contactId))
    expect(answers.map(({ status }) => status)).toEqual([401, 449, 429, 500, 200, 200])
    expect(answers.map(({ body }) => body['code'])).toEqual([401, 449, 429, 500, 500, undefined])
    expect(answers[2]?.headers.get('retry-after')).toBe('1')
    world.respondio.fault({ kind: '503', count: Infinity, operations: ['message_list'], contactId: another })
    expect((await world.get(`/contact/id:${contactId}/message/list`)).status).toBe(200)
    for (let i = 0; i < 2; i++) expect((await world.get(`/contact/id:${another}/message/list`)).status).toBe(503)
    world.respondio.clearFaults()
    expect((await world.get(`/contact/id:${another}/message/list`)).status).toBe(200)
  })

  it('write right answers in odd ways', async () => {
    world.respondio.setKnobs({ windowPolicy: 'off' })
    const { contactId } = world.newcomer('Ploy', 1000)
    world.write(contactId, 'two', { at: 2000 })
    await world.sendText(contactId)
    await world.respondio.settled()
    const odd = (kind: FaultKind, query = '') => {
      world.respondio.fault({ kind, operations: ['message_list'] })
      return world.list(contactId, query)
    }
    const { pagination } = await odd('repeat_cursor', 'limit=1&cursorId=2000000')
    expect(pagination.next).toBe(
      `${world.respondio.apiUrl}/contact/id:${contactId}/message/list?limit=1&cursorId=2000000`,
    )
    const unknown = (await odd('unknown_status')).items[0]
    expect(unknown).toMatchObject({ status: [{}, {}, { value: 'queued_by_provider' }] })
    expect((await odd('numbers_as_strings')).items[1]).toMatchObject({
      messageId: '2000000',
      contactId: `${contactId}`,
    })
    const members = ['messageId', 'contactId', 'channelId', 'traffic', 'message']
    expect(Object.keys((await odd('missing_members')).items[0] ?? {})).toEqual(members)
  })

  it('let calls wait', async () => {
    world.respondio.setKnobs({ latencyMs: 60 })
    const before = performance.now()
    await world.get('/space/user')
    expect(performance.now() - before).toBeGreaterThanOrEqual(59)
  })

  it('leave what is no route and no JSON in the envelope', async () => {
    expect(await world.get('/webhooks')).toMatchObject({ status: 404, body: { code: 404 } })
    const response = await fetch(`${world.respondio.apiUrl}/contact/list`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${world.token}` },
      body: '{',
    })
    expect([response.status, await response.json()]).toMatchObject([400, { code: 400 }])
  })
})

describe('the control over HTTP', () => {
  const control = async (path: string, body?: unknown) => {
    const response = await fetch(`${world.standin.url}/standin/api/respondio/${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  it('does what the object does', async () => {
    const { body: space } = await control('spaces', { name: 'By hand' })
    const { body: channel } = await control('channels', { space: space['id'], source: 'tiktok_business' })
    const subscription = { space: space['id'], event: 'message.received', url: world.receiver.url }
    expect((await control('subscriptions', subscription)).body).toMatchObject({ key: expect.stringMatching(/=$/) })
    const writing = { channel: channel['id'], contact: { firstName: 'พลอย' }, text: 'สวัสดี' }
    const { body: written } = await control('customer-writes', writing)
    await control('settled', {})
    expect(world.receiver.received.at(-1)?.content).toMatchObject({ message: written })
    expect((await control(`messages?contact=${written['contactId']}`)).body).toMatchObject([
      { content: { text: 'สวัสดี' } },
    ])
    const { body: state } = await control('state')
    expect(state).toMatchObject({
      apiUrl: `${world.standin.url}/respondio/v2`,
      contacts: [{ firstName: 'พลอย', count: 1 }],
    })
    expect((await control('knobs', { rateLimit: 20 })).body).toMatchObject({ rateLimit: 20 })
    await control('faults', { kind: '449', operations: ['contact_get'], count: null })
    expect(world.respondio.knobs.sendFault).toEqual([{ kind: '449', operations: ['contact_get'], count: Infinity }])
    expect((await control('ledger?since=0')).body).toContainEqual(
      expect.objectContaining({ event: 'message.received' }),
    )
    expect(await control('knobs', { echo: 'sometimes' })).toMatchObject({ status: 400 })
    expect(await control('blocks', { contact: 5 })).toMatchObject({ status: 404, body: { error: 'no contact 5 here' } })
  })

  it('has a page for the customer', async () => {
    const page = await fetch(`${world.standin.url}/respondio`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('/standin/page/respondio.js')])
    for (const file of ['respondio.js', 'respondio-knobs.js', 'respondio-thread.js', 'panel.js', 'log.js'])
      expect([file, (await fetch(`${world.standin.url}/standin/page/${file}`)).status]).toEqual([file, 200])
  })
})

describe('a seed', () => {
  it('gives the same ids again', async () => {
    const idsOf = async (seed: number) => {
      const standin = await startStandin({ seed })
      const space = standin.respondio.addSpace({ name: 's' })
      const channel = standin.respondio.addChannel({ space })
      const written = standin.respondio.customerWrites({ channel, contact: { firstName: 'P' }, text: 'x', at: 5 })
      await standin.close()
      return [space.id, channel.id, written]
    }
    expect(await idsOf(7)).toEqual(await idsOf(7))
    expect(await idsOf(7)).not.toEqual(await idsOf(8))
  })

  it('reset forgets everything, what was on its way too', async () => {
    world.subscribe('message.received')
    world.newcomer()
    world.respondio.reset()
    const { respondio, receiver } = world
    expect([respondio.ledger.entries.length, respondio.world.contacts.size]).toEqual([0, 0])
    respondio.setKnobs({ webhookDelayMs: 50 })
    const space = respondio.addSpace({ name: 'new' })
    respondio.subscribe({ space, event: 'message.received', url: receiver.url })
    respondio.customerWrites({ channel: respondio.addChannel({ space }), contact: { firstName: 'N' }, text: 'new' })
    await respondio.settled()
    expect(receiver.received).toMatchObject([{ content: { message: { message: { text: 'new' } } } }])
  })

  it('a state file carries workspaces, contacts and webhooks over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'standin-'))
    const stateFile = join(folder, 'state.json')
    const first = await startStandin({ stateFile })
    const space = first.respondio.addSpace({ name: 's' })
    const channel = first.respondio.addChannel({ space })
    first.respondio.subscribe({ space, event: 'message.received', url: 'http://127.0.0.1:1/hook', key: 'k' })
    const written = first.respondio.customerWrites({ channel, contact: { firstName: 'P' }, text: 'x' })
    await first.close()

    const second = await startStandin({ stateFile })
    const { respondio } = second
    expect(respondio.messages(written.contactId)).toMatchObject([{ messageId: written.messageId }])
    expect([...respondio.world.subscriptions.values()]).toMatchObject([{ key: 'k', event: 'message.received' }])
    expect(respondio.addSpace({ name: 't' }).id).not.toBe(space.id)
    const response = await fetch(`${respondio.apiUrl}/space/channel`, {
      headers: { authorization: `Bearer ${space.tokens[0]}` },
    })
    expect(await response.json()).toMatchObject({ items: [{ id: channel.id }] })
    await second.close()
    await rm(folder, { recursive: true })
  })
})
