import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRespondIo } from '../../server/channels/respondio/index.ts'
import { asWritten, withoutVariables } from '../../server/channels/respondio/variables.ts'

const { webhook } = createRespondIo({ apiUrl: 'https://api.respond.io/v2' })
if (!webhook) throw new Error('no webhook')
const { route, parse } = webhook

type Json = Record<string, unknown>

const CONTACT = { id: 90210, firstName: 'Jamie', lastName: 'Rivera', profilePic: 'https://cdn.chatapi.net/a.jpg' }
const MESSAGE_ID = 1771831909270000
const AT = new Date(1771831909270)

const message = (more: Json = {}): Json => ({
  ...{ messageId: MESSAGE_ID, channelMessageId: 'u5Bmp8==', contactId: 90210, channelId: 551174 },
  ...{ traffic: 'incoming', timestamp: AT.getTime(), message: { type: 'text', text: 'LAZY RIVER' }, replyTo: {} },
  ...more,
})

const delivery = (more: Json = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...{ event_type: 'message.received', event_id: 'afdf9e3e-0000-4000-8000-000000000000', contact: CONTACT },
      ...{ message: message(), sender: { source: 'contact', userId: null } },
      channel: { id: 551174, name: 'TikTok Business messaging', source: 'tiktok_business', meta: '{}' },
      ...more,
    }),
  )

const outgoing = (source: string | undefined, more: Json = {}): Buffer =>
  delivery({
    event_type: 'message.sent',
    message: message({ traffic: 'outgoing', ...more }),
    sender: source && { source },
  })

const saying = (content: Json) => {
  const [event] = parse(delivery({ message: message({ message: content }) }))
  return event?.kind === 'message' ? event.content : event
}

const RECEIVED = {
  kind: 'message',
  externalId: `90210:${MESSAGE_ID}`,
  alsoKnownAs: 'u5Bmp8==',
  threadRef: '90210',
  at: AT,
  person: { ref: '90210', name: 'Jamie Rivera', avatarUrl: 'https://cdn.chatapi.net/a.jpg' },
  content: { contentType: 'text', text: 'LAZY RIVER' },
}

describe('a delivery', () => {
  it('shows a picture at an address as the standard writes it, whatever signs it came with', () => {
    const contact = { ...CONTACT, profilePic: 'https://cdn.chatapi.net/a\0\ud800 b.jpg' }
    const avatarUrl = 'https://cdn.chatapi.net/a%00%EF%BF%BD%20b.jpg'
    expect(parse(delivery({ contact }))).toMatchObject([{ person: { avatarUrl } }])
  })

  it('says the same flat and wrapped, with its sender beside the message or in it, and with numbers as texts', () => {
    const sender = { source: 'contact' }
    const { message: inner, ...facts } = message()
    const data = { contact: CONTACT, message: { ...facts, ...(inner as Json) }, channel: { id: 551174 }, sender }
    const asTexts = (body: Buffer) => Buffer.from(body.toString().replace(/:(\d+)(?=[,}])/g, ':"$1"'))
    const forms = [
      delivery(),
      delivery({ sender: undefined, message: message({ sender }) }),
      delivery({ sender: undefined, message: message({ traffic: undefined, timestamp: undefined }) }),
      Buffer.from(JSON.stringify({ event: 'message.created', event_id: 'e', data })),
      asTexts(delivery()),
    ]
    for (const body of forms) {
      expect(parse(body), body.toString()).toEqual([RECEIVED])
      expect(route(body)).toEqual(route(delivery()))
    }
  })

  it('names its channel as the business, and two channels of one contact are two threads', () => {
    expect(route(delivery())).toEqual({
      eventKey: `message 551174 90210 ${MESSAGE_ID} new`,
      accountRef: '551174',
      threadKey: 'respondio:551174:90210',
    })
    const other = route(delivery({ channel: { id: 470953, source: 'whatsapp_cloud' } }))
    expect(other).toMatchObject({ accountRef: '470953', threadKey: 'respondio:470953:90210' })
  })

  it('has one key however often and under whichever event id it comes, until something has become of it', () => {
    const key = (body: Buffer) => route(body).eventKey
    expect(key(delivery({ event_id: 'another', contact: { ...CONTACT, firstName: 'Jay' } }))).toBe(key(delivery()))
    const sent = outgoing('api', { status: [{ value: 'sent' }] })
    expect(key(outgoing('api', { status: [{ value: 'failed' }] }))).not.toBe(key(sent))
    expect(key(delivery({ contact: { ...CONTACT, id: 1 } }))).not.toBe(key(delivery()))
    const updated = (event_id: string) => key(delivery({ event_type: 'contact.updated', event_id, message: undefined }))
    expect(updated('a')).toBe(updated('a'))
    expect(updated('b')).not.toBe(updated('a'))
  })

  it('has ids that two contacts do not share, whoever wrote in the same millisecond', () => {
    const [one] = parse(delivery({ message: message({ replyTo: { messageId: 1771831909000000 } }) }))
    const [two] = parse(delivery({ contact: { id: 7 } }))
    expect(one).toMatchObject({ externalId: `90210:${MESSAGE_ID}`, content: { quotes: '90210:1771831909000000' } })
    expect(two).toMatchObject({ externalId: `7:${MESSAGE_ID}`, person: { ref: '7' } })
  })

  it.each([1771831909, 1771831909270, 1771831909270123, '1771831909270'])(
    'takes a time of any unit where the id is none: %s',
    (timestamp) => {
      const [event] = parse(delivery({ message: message({ messageId: 77, timestamp }) }))
      const at = event?.kind === 'message' ? event.at.getTime() : NaN
      expect(Math.floor(at / 1000)).toBe(1771831909)
    },
  )

  it.each([
    ['conversation.opened', 'CONVERSATION_EVENT'],
    ['conversation.closed', 'CONVERSATION_EVENT'],
    ['contact.created', 'CONTACT_EVENT'],
    ['contact.assignee.updated', 'CONTACT_EVENT'],
    ['contact.tag.updated', 'CONTACT_EVENT'],
    ['contact.lifecycle.updated', 'CONTACT_EVENT'],
    ['comment.created', 'COMMENT'],
    ['call.ended', 'UNKNOWN_EVENT'],
    ['constructor.called', 'UNKNOWN_EVENT'],
  ])('is not for us: %s', (event_type, code) => {
    const body = delivery({ event_type, message: undefined, channel: undefined })
    expect(parse(body)).toEqual([{ kind: 'ignored', code }])
    expect(route(body)).toMatchObject({ accountRef: '', threadKey: 'respondio::90210' })
  })

  it.each([
    ['WRONG_SHAPE', { message: 'Hi' }],
    ['UNKNOWN_DIRECTION', { message: message({ traffic: 'internal' }) }],
    ['UNKNOWN_DIRECTION', { sender: { source: 'workflow' } }],
  ])('is ignored as %s when it does not say enough', (code, more) => {
    expect(parse(delivery(more))).toEqual([{ kind: 'ignored', code }])
  })

  it.each([
    ['WRONG_SHAPE', { message: message({ messageId: 'soon' }) }],
    ['WRONG_SHAPE', { message: message({ messageId: 77, timestamp: undefined }) }],
    ['NO_CHANNEL', { message: message({ channelId: undefined }), channel: undefined }],
  ])('has the contact read when it does not say enough of a message: %s', (code, more) => {
    expect(parse(delivery(more))).toEqual([{ kind: 'hint', of: '90210', code }])
  })

  it('has the contact read when it comes as the message-gateway has it, without event and ids', () => {
    const data = { contact: { id: 90210 }, message: { type: 'text', text: 'Hi' }, conversationId: 7 }
    expect(parse(Buffer.from(JSON.stringify({ data })))).toEqual([{ kind: 'hint', of: '90210', code: 'WRONG_SHAPE' }])
  })
})

it('nothing in a delivery makes reading it throw', () => {
  const member = fc.constantFrom('message', 'contact', 'channel', 'sender', 'event_type', 'event_id', 'data')
  const inner = fc.constantFrom(...Object.keys(message()), 'status', 'sender', 'attachment')
  fc.assert(
    fc.property(member, inner, fc.jsonValue(), (outer, name, value) => {
      for (const more of [{ [outer]: value }, { message: message({ [name]: value }) }]) {
        const body = delivery(more)
        expect(parse(body)).toHaveLength(1)
        expect(route(body).eventKey).not.toBe('')
      }
    }),
  )
})

describe('what the business wrote', () => {
  it.each([
    ['app', ['user', 'echo']],
    ['automation', ['workflow', 'bot', 'broadcast', 'ai_agent', 'zapier', 'make', 'n8n']],
    // It may be the echo of a call of ours.
    ['api', ['api', 'something_new', undefined]],
  ] as const)('came by %s from %s', (via, sources) => {
    for (const source of sources) {
      const [event] = parse(outgoing(source))
      expect(event, source).toEqual({ ...RECEIVED, kind: 'echo', via })
    }
  })

  it.each([
    [[{ value: 'pending', timestamp: 1771832009571 }], undefined],
    [[{ value: 'queued_by_provider', timestamp: 1 }], undefined],
    ['sent', undefined],
    [[{ value: 'sent', timestamp: 1771832009571 }], { state: 'sent', at: new Date(1771832009571) }],
    [
      [{ value: 'read', timestamp: '1771832013450' }, { value: 'delivered' }],
      { state: 'read', at: new Date(1771832013450) },
    ],
    [[{ value: 'sent' }, { value: 'delivered' }, { value: 'hibernating' }, null], { state: 'delivered' }],
    [[{ value: 'failed', message: 'no' }, { value: 'sent' }], { state: 'sent' }],
    [
      [{ value: 'sent' }, { value: 'failed', message: '[40064] You are sending messages too fast.' }],
      { state: 'failed', code: 'SENDING_TOO_FAST' },
    ],
    [[{ value: 'failed', message: 'Only images can be sent' }], { state: 'failed', code: 'BLOCKED_BY_PROVIDER' }],
  ])('has come so far by its status: %j', (status, delivery) => {
    const [event] = parse(outgoing('api', { status }))
    expect(event?.kind === 'echo' && event.delivery).toEqual(delivery)
  })
})

describe('a kind of message (respond.io wire reference §5.1)', () => {
  const url = 'https://cdn.chatapi.net/m/photo.jpg'

  it.each([
    [
      { attachment: { type: 'image', url, fileName: 'photo.jpg', isPending: false } },
      'image',
      { fileName: 'photo.jpg' },
    ],
    [{ attachment: { type: 'video', url } }, 'video', {}],
    [{ attachment: { url, mimeType: 'image/jpeg', isPending: true } }, 'image', { pending: true }],
    [{ url, mime_type: 'video/mp4' }, 'video', {}],
    [{ type: 'image', url }, 'image', {}],
  ])('is a file that is fetched: %j', (content, kind, facts) => {
    const raw = { type: 'attachment', ...content }
    const details = { kind, url, ...facts }
    const media = [{ kind, url, ...facts, fileName: undefined }]
    expect(saying(raw)).toEqual({ contentType: kind, media, details, raw })
  })

  it('may be a file that has no address yet', () => {
    const file = { type: 'image', fileName: 'photo.jpg', isPending: 'true' }
    const raw = { type: 'attachment', attachment: file }
    const details = { kind: 'image', fileName: 'photo.jpg', pending: true }
    const media = [{ kind: 'image', pending: true }]
    expect(saying(raw)).toEqual({ contentType: 'image', media, details, raw })
    const without = { ...raw, attachment: { ...file, isPending: false } }
    expect(saying(without)).toMatchObject({ contentType: 'unsupported' })
  })

  it.each(['audio', 'file'])('is a file that cannot be shown: %s', (type) => {
    const content = { type: 'attachment', attachment: { type, url } }
    expect(saying(content)).toEqual({ contentType: 'unsupported', details: { kind: type, url }, raw: content })
  })

  it('is a post of TikTok, or a question with buttons', () => {
    const address = 'https://www.tiktok.com/@acme/video/7301'
    const details = { kind: 'post', url: address, postRef: '7301' }
    for (const raw of [
      { type: 'post', post: { url: address } },
      { type: 'post', url: address },
    ])
      expect(saying(raw)).toEqual({ contentType: 'share_post', details, raw })
    const raw = { type: 'quick_reply', title: 'Which?', replies: ['Red', 7, 'Blue'] }
    const asked = { kind: 'quick_reply', buttons: ['Red', 'Blue'] }
    expect(saying(raw)).toEqual({ contentType: 'template', text: 'Which?', details: asked, raw })
  })

  const others =
    'custom_payload whatsapp_template facebook_template location card rating whatsapp_interactive story_reply unsupported whatsapp_order voice'
  it.each([...others.split(' ').map((type) => ({ type })), { type: 'post' }, { type: 'attachment', attachment: {} }])(
    'is kept as it came: %j',
    (raw) => expect(saying(raw)).toEqual({ contentType: 'unsupported', details: { kind: raw.type }, raw }),
  )

  it('has words although it is nothing that can be shown, under either name', () => {
    for (const raw of [
      { type: 'email', text: 'Dear' },
      { type: 'email', message: 'Dear' },
    ])
      expect(saying(raw)).toMatchObject({ contentType: 'unsupported', text: 'Dear', details: { kind: 'email' } })
    expect(saying({ type: 7 })).toMatchObject({ contentType: 'unsupported', details: { kind: 'unknown' } })
    expect(saying({ type: 'text' })).toMatchObject({ contentType: 'unsupported', details: { kind: 'text' } })
  })

  it('never makes a link of what is no address', () => {
    expect(saying({ type: 'attachment', attachment: { type: 'image', url: 'javascript:alert(1)' } })).toMatchObject({
      contentType: 'unsupported',
    })
  })
})

describe('what looks like a variable in an agent’s text', () => {
  it('is one no more, and reads as it was written when it comes back', () => {
    const parts = fc.array(fc.constantFrom('{', '{{', '}}', '$', ' ', '\n', '\u2060', 'contact.name', 'ก'), {
      maxLength: 12,
    })
    const check = (written: string) => {
      const out = withoutVariables(written)
      expect(out).not.toMatch(/\{\{\s*\$/)
      expect(asWritten(out)).toBe(written)
    }
    for (const written of ['{{$contact.name}}', '{{{ $contact.name}}}', '{\u2060{$x}}']) check(written)
    fc.assert(fc.property(parts, (given) => check(given.join(''))))
    for (const length of [5_990, 5_999, 6_000]) {
      const long = (start: string) => start + '🙏'.repeat(length - [...start].length)
      for (const start of ['{{$contact.name}}', '{{ $a}}{{{$b}}', '{\u2060{$x}}{{$x}}{{$y}}']) {
        check(long(start))
        expect([...withoutVariables(long(start))].length).toBeLessThanOrEqual(6_000)
      }
    }
    expect(withoutVariables('{{name}} costs $5 {x}')).toBe('{{name}} costs $5 {x}')
  })
})
