import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startStandin } from './standin.ts'
import type { TestWorld } from './test-kit.ts'
import { startWorld } from './test-kit.ts'
import type { FaultKind } from './tiktok/knobs.ts'

let world: TestWorld
beforeEach(async () => {
  world = await startWorld()
  world.tiktok.setKnobs({ timeoutHoldMs: 80 })
})
afterEach(() => world.close())

describe('faults', () => {
  it('time out after the commit: the message exists and its echo comes although the call failed', async () => {
    const { conversationId } = world.write()
    world.tiktok.fault('timeout_after_commit')
    await expect(world.sendText(conversationId, 'did it arrive?')).rejects.toThrow()
    await world.tiktok.settled()
    const [, sent] = world.tiktok.messages(conversationId)
    expect(sent?.content).toEqual({ type: 'text', body: 'did it arrive?' })
    expect(world.receiver.received.at(-1)?.content['message_id']).toBe(sent?.id)
    expect(world.tiktok.ledger.calls('send')).toMatchObject([{ httpStatus: null, committed: true }])
    expect((await world.sendText(conversationId)).code).toBe(0)
  })

  it('time out, reset or answer with a gateway page before the commit: nothing happened', async () => {
    const { conversationId } = world.write()
    const kinds: FaultKind[] = ['timeout_before_commit', 'reset', '502', 'html']
    for (const kind of kinds) {
      world.tiktok.fault(kind)
      await expect(world.sendText(conversationId)).rejects.toThrow()
    }
    expect(world.tiktok.messages(conversationId)).toHaveLength(1)
    expect(world.tiktok.ledger.sends()).toEqual([])
    expect(world.tiktok.ledger.rejected('send').map(({ fault }) => fault)).toEqual(kinds)
  })

  it('spoil an answer whose call took effect', async () => {
    const { conversationId } = world.write()
    world.tiktok.setKnobs({ sendFault: ['truncated_json', { kind: '502', commit: true }] })
    await expect(world.sendText(conversationId)).rejects.toThrow()
    await expect(world.sendText(conversationId)).rejects.toThrow()
    expect(world.tiktok.messages(conversationId)).toHaveLength(3)
  })

  it('answer any code, for a count, an operation and a conversation', async () => {
    const { conversationId } = world.write()
    world.tiktok.fault({ kind: '51065', count: 2 })
    world.tiktok.fault('40064_too_fast')
    const codes = []
    for (let i = 0; i < 4; i++) codes.push((await world.sendText(conversationId)).code)
    expect(codes).toEqual([51065, 51065, 40064, 0])
    world.tiktok.fault({ kind: '40105', count: Infinity, operations: ['business_get'] })
    world.tiktok.fault({ kind: '40007', conversationId: 'another' })
    for (let i = 0; i < 3; i++)
      expect((await world.get('/business/get/', { business_id: world.business.openId })).code).toBe(40105)
    expect((await world.sendText(conversationId)).code).toBe(0)
  })
})

describe('the control over HTTP', () => {
  const control = async (path: string, body?: unknown) => {
    const response = await fetch(`${world.standin.url}/standin/api/${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    return { status: response.status, body: (await response.json()) as unknown }
  }

  it('does what the object does', async () => {
    const { body: business } = await control('businesses', { username: 'b', displayName: 'B' })
    await control('people', { username: 'p', displayName: 'พี' })
    expect((await control('grant', { business: 'b' })).body).toMatchObject({
      refresh_token: expect.stringMatching(/^rft\./),
    })
    const writing = { business: 'b', person: 'p', text: 'สวัสดี' }
    const written = (await control('customer-writes', writing)).body as { messageId: string; conversationId: string }
    await control('settled', {})
    expect(world.receiver.received.at(-1)?.content).toMatchObject({ message_id: written.messageId })
    const query = new URLSearchParams({ conversation_id: written.conversationId })
    expect((await control(`messages?${query}`)).body).toMatchObject([{ id: written.messageId }])
    expect((await control('state')).body).toMatchObject({
      businesses: expect.arrayContaining([expect.objectContaining(business as object)]),
    })
    expect((await control('knobs', { qps: null, echo: 'late' })).body).toMatchObject({ qps: null, echo: 'late' })
    expect(world.tiktok.knobs.qps).toBe(Infinity)
    await control('faults', { kind: '51065', operations: ['token'], count: null })
    expect(world.tiktok.knobs.sendFault).toEqual([{ kind: '51065', operations: ['token'], count: Infinity }])
    await control('clock', { advanceMs: 1000 })
    expect(world.tiktok.clock.offset()).toBe(1000)
    expect((await control('ledger?since=0')).body).toContainEqual(expect.objectContaining({ event: 'im_receive_msg' }))
  })

  it('explains what was wrong', async () => {
    expect(await control('knobs', { echo: 'sometimes' })).toMatchObject({ status: 400 })
    expect(await control('knobs', { unknown: 1 })).toMatchObject({ status: 400 })
    expect(await control('customer-writes', { business: 'x', person: 'y', text: 'z' })).toMatchObject({
      status: 404,
      body: { error: 'no business "x" here' },
    })
  })

  it('authorizes without a browser', async () => {
    const url = `https://www.tiktok.com/v2/auth/authorize/?${new URLSearchParams({
      client_key: world.tiktok.appId,
      response_type: 'code',
      scope: 'message.list.read',
      redirect_uri: 'http://127.0.0.1:3000/tiktok/callback',
      state: 's',
    })}`
    const { body } = await control('authorize', { url, business: 'acme.shop' })
    expect(body).toEqual({
      redirectUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:3000\/tiktok\/callback\?code=.+&state=s$/),
    })
  })
})

describe('a seed', () => {
  it('gives the same ids again', async () => {
    const idsOf = async (seed: number) => {
      const standin = await startStandin({ seed })
      const business = standin.tiktok.addBusiness({ username: 'b', displayName: 'B' })
      const person = standin.tiktok.addPerson({ username: 'p', displayName: 'P' })
      const written = standin.tiktok.customerWrites({ business, person, text: 'x' })
      await standin.close()
      return [business.openId, person.id, written]
    }
    expect(await idsOf(7)).toEqual(await idsOf(7))
    expect(await idsOf(7)).not.toEqual(await idsOf(8))
  })

  it('reset forgets everything, what was on its way too', async () => {
    const { tiktok, receiver } = world
    world.write('old')
    tiktok.reset()
    expect([tiktok.ledger.entries.length, tiktok.conversations().length]).toEqual([0, 0])
    // Long enough for the old one to come first, if it came.
    tiktok.setKnobs({ webhookDelayMs: 50 })
    const business = tiktok.addBusiness({ username: 'b', displayName: 'B' })
    tiktok.grant(business)
    const person = tiktok.addPerson({ username: 'p', displayName: 'P' })
    tiktok.customerWrites({ business, person, text: 'new' })
    await tiktok.settled()
    expect(receiver.received.map(({ content }) => content['text'])).toEqual([{ body: 'new' }])
    expect(tiktok.ledger.entries.filter(({ kind }) => kind === 'attempt')).toHaveLength(1)
  })

  it('a state file carries people, conversations and consents over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'standin-'))
    const stateFile = join(folder, 'state.json')
    const first = await startStandin({ stateFile })
    const business = first.tiktok.addBusiness({ username: 'b', displayName: 'B' })
    const person = first.tiktok.addPerson({ username: 'p', displayName: 'P' })
    const written = first.tiktok.customerWrites({ business, person, text: 'x' })
    const { refresh_token: refreshToken } = first.tiktok.grant(business)
    first.tiktok.setWebhookUrl('http://127.0.0.1:1/hook')
    await first.close()

    const second = await startStandin({ stateFile })
    expect(second.tiktok.messages(written.conversationId)).toMatchObject([{ id: written.messageId }])
    expect(second.tiktok.webhookUrl()).toBe('http://127.0.0.1:1/hook')
    const again = second.tiktok.customerWrites({ business: 'b', person: 'p', text: 'y' })
    expect(again.conversationId).toBe(written.conversationId)
    expect(again.messageId).not.toBe(written.messageId)
    const response = await fetch(`${second.url}/open_api/v1.3/tt_user/oauth2/refresh_token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: second.tiktok.appId,
        client_secret: second.tiktok.appSecret,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }),
    })
    expect(await response.json()).toMatchObject({ code: 0, data: { open_id: business.openId } })
    await second.close()
    await rm(folder, { recursive: true })
  })
})
