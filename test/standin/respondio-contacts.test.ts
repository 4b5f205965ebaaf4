import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestSpace } from './respondio-kit.ts'
import { startSpace } from './respondio-kit.ts'

let world: TestSpace
beforeEach(async () => {
  world = await startSpace()
})
afterEach(() => world.close())

describe('a token', () => {
  it('opens its own workspace only, and none without a bearer', async () => {
    const { contactId } = world.newcomer()
    const other = world.respondio.addSpace({ name: 'Other' })
    expect((await world.get(`/contact/id:${contactId}`)).status).toBe(200)
    expect(await world.get(`/contact/id:${contactId}`, other.tokens[0])).toMatchObject({
      status: 404,
      body: { code: 404, message: 'Contact not found' },
    })
    expect(await world.get('/space/user', 'made-up')).toMatchObject({ status: 401, body: { code: 401 } })
    const blocked = await fetch(`${world.respondio.apiUrl}/space/user`, { headers: { authorization: world.token } })
    expect([blocked.status, await blocked.text()]).toEqual([403, expect.stringContaining('Request blocked')])
    world.respondio.revokeTokens(world.space)
    expect((await world.get('/space/user')).status).toBe(401)
    expect((await world.get('/space/user', world.respondio.newToken(world.space))).status).toBe(200)
  })

  it('is a JWT that names the workspace', () => {
    const payload = JSON.parse(Buffer.from(world.token.split('.')[1] ?? '', 'base64url').toString()) as unknown
    const numbers = { iat: expect.any(Number), id: expect.any(Number), orgId: expect.any(Number) }
    expect(payload).toEqual({ ...numbers, spaceId: world.space.id, type: 'api' })
  })

  it('has so many calls in a window for each method and route', async () => {
    world.respondio.setKnobs({ rateLimit: 5, rateWindowMs: 60_000 })
    const { contactId } = world.newcomer()
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await world.get(`/contact/id:${contactId}`))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['4', '3', '2', '1', '0', '0'])
    expect(answers[0]?.headers.get('x-ratelimit-limit')).toBe('5')
    expect(answers[5]?.headers.get('retry-after')).toBe('1')
    expect(answers[5]?.body).toEqual({ code: 429, message: 'Too many requests' })
    // Another route, another token: other windows.
    expect((await world.get('/contact/id:1')).status).toBe(429)
    expect((await world.get(`/contact/id:${contactId}/channels`)).status).toBe(200)
    expect((await world.get('/contact/id:1', world.respondio.newToken(world.space))).status).toBe(404)
  })
})

describe('a workspace', () => {
  it('lists its users and channels, TikTok among them or not', async () => {
    const { respondio, space } = world
    respondio.addChannel({ space, name: 'Second shop' })
    respondio.addChannel({ space, source: 'whatsapp_cloud' })
    const plain = respondio.addSpace({ name: 'Without TikTok' })
    respondio.addChannel({ space: plain, source: 'whatsapp_cloud' })
    const user = respondio.addUser({ space, firstName: 'Nok', role: 'agent' })
    const sourcesOf = async (token?: string) =>
      (await world.get('/space/channel', token)).body.items.map(({ source }) => source)
    expect(await sourcesOf()).toEqual(['tiktok_business', 'tiktok_business', 'whatsapp_cloud'])
    expect(await sourcesOf(plain.tokens[0])).toEqual(['whatsapp_cloud'])
    const first = (await world.get('/space/channel?limit=1')).body
    expect(first.items).toEqual([
      {
        id: world.channel.id,
        name: 'TikTok Business messaging',
        source: 'tiktok_business',
        created_at: expect.any(Number),
      },
    ])
    expect((await world.get('/space/user')).body.items).toMatchObject([
      { role: 'owner' },
      { role: 'agent', team: null },
    ])
    expect((await world.get(`/space/user/${user.id}`)).body).toMatchObject({ firstName: 'Nok', restrictions: [] })
  })

  it('keeps tags and custom fields', async () => {
    const field = { name: 'May answer', slug: 'is_allowed_ai', dataType: 'checkbox' }
    expect((await world.post('/space/custom_field', field)).body).toMatchObject({ ...field, description: '' })
    expect((await world.get('/space/custom_field')).body.items).toMatchObject([field])
    expect((await world.post('/space/custom_field', { ...field, slug: 'no spaces' })).status).toBe(400)
    expect((await world.post('/space/tag', { name: 'vip' })).body).toEqual({ name: 'vip' })
    expect((await world.post('/space/tag', { name: 'vip' })).status).toBe(409)
    expect((await world.call('PUT', '/space/tag', { currentName: 'vip', name: 'VIP' })).body).toEqual({ name: 'VIP' })
    expect((await world.call('DELETE', '/space/tag', { name: 'vip' })).status).toBe(404)
  })
})

describe('a contact', () => {
  it('comes in the shape of the reference', async () => {
    const { contactId } = world.newcomer('Somchai')
    expect((await world.get(`/contact/id:${contactId}`)).body).toEqual({
      ...{ id: contactId, firstName: 'Somchai', lastName: '', phone: null, email: null, language: null, locale: null },
      ...{ countryCode: null, profilePic: expect.stringMatching(/^http.+png$/), status: 'open', isBlocked: false },
      ...{ tags: [], custom_fields: [], assignee: null, lifecycle: null, created_at: expect.any(Number) },
    })
    world.respondio.setKnobs({ unassigned: 'object', closedWord: 'closed' })
    world.respondio.closes({ contact: contactId })
    expect((await world.get(`/contact/id:${contactId}`)).body).toMatchObject({
      status: 'closed',
      assignee: { id: null, email: null },
    })
  })

  it('is found by its identifiers, raw and encoded', async () => {
    const fields = { firstName: 'Ann', email: 'ann@shop.test', phone: '+60123456789' }
    const { id } = world.respondio.addContact({ channel: world.channel, ...fields })
    for (const identifier of [`id:${id}`, 'email:ann@shop.test', 'phone:+60123456789']) {
      expect((await world.get(`/contact/${identifier}`)).body).toMatchObject({ id })
      expect((await world.get(`/contact/${encodeURIComponent(identifier)}`)).body).toMatchObject({ id })
    }
    expect((await world.get('/contact/id:7')).status).toBe(404)
    expect((await world.get(`/contact/${id}`)).status).toBe(400)
  })

  it('can be created, is not there at once, and exists only once', async () => {
    world.respondio.setKnobs({ createdAfterMs: 8000 })
    const path = '/contact/email:new@shop.test'
    expect((await world.post(path, { lastName: 'x' })).status).toBe(400)
    expect((await world.post(path, { firstName: 'New' })).body).toEqual({
      code: '200',
      message: 'Contact added successfully!',
    })
    expect((await world.get(path)).status).toBe(449)
    world.standin.tiktok.clock.advance(8000)
    expect((await world.get(path)).body).toMatchObject({ firstName: 'New', email: 'new@shop.test' })
    expect((await world.post(path, { firstName: 'New' })).status).toBe(409)
    const { contactId } = (await world.post(`/contact/create_or_update/email:new@shop.test`, { lastName: 'L' })).body
    expect((await world.call('PUT', path, { custom_fields: [{ name: 'Size', value: 'M' }] })).body).toEqual({
      contactId,
    })
    expect((await world.get(path)).body).toMatchObject({ lastName: 'L', custom_fields: [{ name: 'Size', value: 'M' }] })
    expect((await world.call('DELETE', path)).body).toEqual({ contactId })
    expect((await world.get(path)).status).toBe(404)
  })

  it('is merged with another, its messages too', async () => {
    const [one, two] = [world.newcomer('One', 1000), world.newcomer('Two', 1000)]
    await world.post(`/contact/id:${two.contactId}/tag`, ['vip'])
    const contactIds = [one.contactId, two.contactId]
    expect((await world.post('/contact/merge', { contactIds })).body).toEqual({ contactId: one.contactId })
    expect((await world.list(one.contactId)).items.map(({ messageId }) => messageId)).toEqual([1_000_001, 1_000_000])
    expect((await world.get(`/contact/id:${two.contactId}`)).status).toBe(404)
  })

  it('has channels with the times of its last messages', async () => {
    const at = 1_771_831_909_270
    const { contactId } = world.newcomer('Ploy', at)
    const path = `/contact/id:${contactId}/channels`
    const channel = {
      id: world.channel.id,
      source: 'tiktok_business',
      meta: null,
      contactChannelId: expect.any(Number),
    }
    const times = { lastMessageTime: 1_771_831_909, lastIncomingMessageTime: 1_771_831_909 }
    expect((await world.get(path)).body.items).toMatchObject([{ ...channel, ...times }])
    world.respondio.setKnobs({ channelTimes: 'ms' })
    expect((await world.get(path)).body.items).toMatchObject([{ lastMessageTime: at }])
  })

  it('is tagged, assigned, commented on, moved and closed', async () => {
    const { contactId } = world.newcomer()
    const path = `/contact/id:${contactId}`
    const [owner] = world.respondio.world.usersOf(world.space.id)
    const id = owner?.id
    const conversation = { status: 'close', category: 'Resolved', summary: 's' }
    expect((await world.post(`${path}/tag`, ['a', 'b'])).body).toEqual({ contactId })
    expect((await world.post(`${path}/tag`, { tags: ['c'] })).status).toBe(200)
    expect((await world.call('DELETE', `${path}/tag`, ['a'])).body).toEqual({ contactId })
    expect((await world.post(`${path}/tag`, [])).status).toBe(400)
    expect((await world.post(`${path}/conversation/assignee`, { assignee: owner?.email })).body).toEqual({ contactId })
    expect((await world.post(`${path}/lifecycle/update`, { name: 'Hot Lead' })).body).toMatchObject({ code: 200 })
    expect((await world.post(`${path}/comment`, { text: 'hm' })).body).toMatchObject({ contactId, text: 'hm' })
    expect((await world.post(`${path}/conversation/status`, conversation)).body).toEqual({ contactId })
    const after = { tags: ['b', 'c'], assignee: { id }, lifecycle: 'Hot Lead', status: 'close' }
    expect((await world.get(path)).body).toMatchObject(after)
    expect((await world.post(`${path}/conversation/assignee`, { assignee: null })).status).toBe(200)
    expect((await world.post(`${path}/conversation/assignee`, { assignee: 5 })).status).toBe(400)
  })
})

describe('contact/list', () => {
  it('wants all three members, and reads limits from the query only', async () => {
    for (const name of ['One', 'Two', 'Three']) world.newcomer(name)
    for (const member of ['search', 'timezone', 'filter'])
      expect(await world.post('/contact/list', { ...world.everyone, [member]: undefined })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(`Please check if ${member} is provided`) },
      })
    expect((await world.post('/contact/list', { ...world.everyone, timezone: '' })).status).toBe(400)
    const { body } = await world.post('/contact/list?limit=2', { ...world.everyone, limit: 1, cursorId: 1 })
    expect(body.items.map(({ firstName }) => firstName)).toEqual(['One', 'Two'])
    expect((await world.post('/contact/list?limit=101', world.everyone)).status).toBe(400)
  })

  it('pages by id in either direction to its end, and back', async () => {
    for (const name of ['1', '2', '3', '4', '5']) world.newcomer(name)
    const page = async (query: string) => (await world.post(`/contact/list?limit=2${query}`, world.everyone)).body
    const names = ({ items }: { items: unknown[] }) => items.map((one) => (one as { firstName: string }).firstName)
    const cursorIn = (url: string | null) => `&${new URL(url ?? '').search.split('&')[1]}`
    for (const [contactOrder, wanted] of [
      ['asc', ['1', '2', '3', '4', '5']],
      ['desc', ['5', '4', '3', '2', '1']],
    ] as const) {
      world.respondio.setKnobs({ contactOrder })
      const first = await page('')
      expect(first.pagination.previous).toBeNull()
      expect(first.pagination.next).toBe(
        `${world.respondio.apiUrl}/contact/list?limit=2&cursorId=${first.items[1]?.id}`,
      )
      const second = await page(cursorIn(first.pagination.next))
      const third = await page(cursorIn(second.pagination.next))
      expect([...names(first), ...names(second), ...names(third)]).toEqual(wanted)
      expect(third.pagination.next).toBeNull()
      expect(third.pagination.previous).toContain(`cursorId=-${third.items[0]?.id}`)
      expect(names(await page(cursorIn(third.pagination.previous)))).toEqual([wanted[3], wanted[2]])
    }
    world.respondio.setKnobs({ cursorStyle: 'number', cursorEnd: 'empty' })
    expect((await page('')).pagination.next).toEqual(expect.any(Number))
    expect((await page('&cursorId=1')).pagination.next).toBe('')
  })

  it('filters as the grammar has it', async () => {
    const { respondio, space, channel } = world
    // Bangkok is seven hours ahead of UTC.
    const noon = Date.parse('2026-07-13T05:00:00Z')
    respondio.clock.advance(noon - respondio.clock.now())
    const fields = { firstName: 'Ann', email: 'ann@shop.test', customFields: [{ name: 'May answer', value: true }] }
    const ann = respondio.addContact({ channel, ...fields })
    const { contactId: bob } = world.newcomer('Bob')
    respondio.tags({ contact: bob, tags: ['vip', 'late'] })
    const [owner] = respondio.world.usersOf(space.id)
    respondio.assigns({ contact: bob, user: owner ?? null })
    await world.post('/space/custom_field', { name: 'May answer', slug: 'is_allowed_ai', dataType: 'checkbox' })
    const field = (name: string, operator: string, value: unknown = null) => ({
      ...{ category: 'contactField', field: name, operator, value },
    })
    const tag = (operator: string, value: string[]) => ({ category: 'contactTag', field: null, operator, value })
    const cases: [object, number[]][] = [
      [field('firstName', 'isEqualTo', 'Ann'), [ann.id]],
      [field('firstName', 'isNotEqualTo', 'Ann'), [bob]],
      [field('email', 'exists'), [ann.id]],
      [field('email', 'doesNotExist'), [bob]],
      [field('status', 'isEqualTo', 'open'), [bob]],
      [field('assigneeUserId', 'isEqualTo', String(owner?.id)), [bob]],
      [field('is_allowed_ai', 'isEqualTo', true), [ann.id]],
      [field('createdAt', 'isTimestampBetween', { from: '2026-07-13 11:59', to: '2026-07-13 12:01' }), [ann.id, bob]],
      [field('createdAt', 'isTimestampAfter', '2026-07-13 12:01'), []],
      [field('createdAt', 'isTimestampBefore', '2026-07-13 11:59'), []],
      [tag('hasAnyOf', ['vip', 'x']), [bob]],
      [tag('hasAllOf', ['vip', 'x']), []],
      [tag('hasNoneOf', ['vip']), [ann.id]],
    ]
    for (const [condition, wanted] of cases)
      expect([condition, (await world.find([condition])).body.items.map(({ id }) => id)]).toEqual([condition, wanted])
    expect((await world.find([field('is_allowed_ai', 'isEqualTo', 'true')])).status).toBe(400)
    expect((await world.find([], { search: 'shop.TEST' })).body.items.map(({ id }) => id)).toEqual([ann.id])
    expect((await world.find([], { timezone: 'Mars/Olympus', filter: { $or: [cases[7]?.[0]] } })).status).toBe(400)
    expect((await world.find([field('lastMessageTime', 'isTimestampAfter', '2026-01-01 00:00')])).status).toBe(400)
  })

  it('can be asked for the last interaction when the knob says so', async () => {
    const { contactId } = world.newcomer('Old', Date.parse('2020-01-01T00:00:00Z'))
    const after = (value: string) =>
      world.find([{ category: 'contactField', field: 'lastInteractionTime', operator: 'isTimestampAfter', value }])
    const idsOf = async (value: string) => (await after(value)).body.items.map(({ id }) => id)
    expect((await after('2015-01-01 00:00')).status).toBe(400)
    world.respondio.setKnobs({ lastInteractionFilter: 'ignored' })
    expect([await idsOf('2015-01-01 00:00'), await idsOf('2099-01-01 00:00')]).toEqual([[contactId], [contactId]])
    world.respondio.setKnobs({ lastInteractionFilter: 'works' })
    expect([await idsOf('2015-01-01 00:00'), await idsOf('2099-01-01 00:00')]).toEqual([[contactId], []])
  })
})
