import { createHmac } from 'node:crypto'

export const APP_ID = '7000000000000000001'
export const APP_SECRET = 'bench-app-secret'

/** A thread that customers' messages are sent to. */
export interface Target {
  business: string
  threadRef: string
  personRef: string
}

const FILLER = 'Hello, is the blue one still available, and could it be here before the weekend? '

/** A customer's message as TikTok posts it, about 0.8 kB; `id` makes it unique. */
export function bodyOf({ business, threadRef, personRef }: Target, id: string, text = `${FILLER}${id}`): Buffer {
  const at = Date.now()
  const content = {
    from: 'alice.demo',
    to: 'acme.shop',
    unique_identifier: personRef,
    from_user: { id: personRef, role: 'personal_account' },
    to_user: { id: business, role: 'business_account' },
    conversation_id: threadRef,
    message_id: `message-${id}==`,
    timestamp: at,
    type: 'text',
    text: { body: text },
    scene_type: 0,
    is_follower: false,
    message_tag: { source: 'APP' },
  }
  return Buffer.from(
    JSON.stringify({
      client_key: APP_ID,
      event: 'im_receive_msg',
      create_time: Math.floor(at / 1_000),
      user_openid: business,
      content: JSON.stringify(content),
    }),
  )
}

/** The whole request, signed now. */
export function requestOf(body: Buffer): Buffer {
  const t = Math.floor(Date.now() / 1_000)
  const s = createHmac('sha256', APP_SECRET).update(`${t}.`).update(body).digest('hex')
  const head = `POST /webhooks/tiktok HTTP/1.1\r\nhost: parley\r\ncontent-type: application/json\r\ntiktok-signature: t=${t},s=${s}\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
