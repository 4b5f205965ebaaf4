type Json = Record<string, unknown>

/** The body of the second test vector, byte for byte (TikTok wire reference §6.4). */
export const DOCUMENTED_BODY = Buffer.from(
  String.raw`{"client_key":"7000000000000000001","event":"im_receive_msg","create_time":1700000000,"user_openid":"biz-open-id-1","content":"{\"from\":\"alice.demo\",\"to\":\"acme.shop\",\"unique_identifier\":\"Zm9vYmFyYmF6cXV4\",\"from_user\":{\"id\":\"Zm9vYmFyYmF6cXV4\",\"role\":\"personal_account\"},\"to_user\":{\"id\":\"biz-open-id-1\",\"role\":\"business_account\"},\"conversation_id\":\"u5JhpselBAhoPOlnH0tZ9y07kg==\",\"message_id\":\"u5Buqc6lAghuOelnHUZV88DK2A==\",\"timestamp\":1700000000123,\"type\":\"text\",\"text\":{\"body\":\"Hello\"},\"scene_type\":0,\"is_follower\":false,\"message_tag\":{\"source\":\"APP\"}}"}`,
)

export const BUSINESS = 'biz-open-id-1'
export const PERSON = 'Zm9vYmFyYmF6cXV4'
export const THREAD = 'a1AbcBdeCfghDijkEF2b3+lm/n=='
export const MESSAGE = 'u5Buqc6lAghuOelnHUZV88DK2A=='
export const AT = 1_700_000_000_123

const person = { id: PERSON, role: 'personal_account' }
const business = { id: BUSINESS, role: 'business_account' }

/** A body as TikTok posts it; `content` becomes JSON text. */
export const delivery = (event: string, content: unknown, fields: Json = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      client_key: '7000000000000000001',
      event,
      create_time: 1_700_000_000,
      user_openid: BUSINESS,
      content: JSON.stringify(content),
      ...fields,
    }),
  )

const written = { conversation_id: THREAD, message_id: MESSAGE, timestamp: AT, scene_type: 0, is_follower: false }

export const fromPerson = (fields: Json = {}): Json => ({
  from: 'alice.demo',
  to: 'acme.shop',
  unique_identifier: PERSON,
  from_user: person,
  to_user: business,
  ...written,
  message_tag: { source: 'APP' },
  ...fields,
})

export const fromBusiness = (fields: Json = {}): Json => ({
  from: 'acme.shop',
  to: 'alice.demo',
  unique_identifier: BUSINESS,
  from_user: business,
  to_user: person,
  ...written,
  ...fields,
})

export const text = (body = 'Hello'): Json => ({ type: 'text', text: { body } })
