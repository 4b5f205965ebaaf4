import { byId, fillToEnd, h, timeText } from './dom.js'

function describe(content) {
  if (content.type === 'text') return content.text
  if (content.type === 'quick_reply') return [content.title, ...content.replies.map((one) => `[${one}]`)].join('\n')
  if (content.type === 'attachment') return `[${content.attachment.type}] ${content.attachment.url}`
  return `[${content.type}]`
}

function shownContent(content) {
  if (content.type !== 'stored') return describe(content)
  const { type, mediaId } = content.attachment
  if (type !== 'image') return `[${type}]`
  return h('img', { src: `/respondio/cdn/${encodeURIComponent(mediaId)}/picture`, alt: 'Image', class: 'medium' })
}

function fateOf({ status }) {
  const last = status.at(-1)
  return last ? ` · ${last.value}${last.message ? `: ${last.message}` : ''}` : ''
}

function row(message, channels, byMessageId) {
  const mine = message.traffic === 'incoming'
  const quoted = message.replyTo && byMessageId.get(message.replyTo)
  const via = channels.find(({ id }) => id === message.channelId)?.name ?? message.channelId
  const by = mine ? '' : ` · ${message.sender.source}`
  const late = message.hidden ? ' · has not surfaced yet' : ''
  return h(
    'li',
    { class: mine ? 'mine' : '' },
    h(
      'div',
      { class: 'bubble' },
      quoted && h('blockquote', {}, describe(quoted.content)),
      shownContent(message.content),
    ),
    h('div', { class: 'meta' }, `${timeText(message.at)} · ${via}${by}${fateOf(message)}${late}`),
  )
}

export function drawThread({ messages, channels }) {
  const byMessageId = new Map(messages.map((message) => [message.messageId, message]))
  fillToEnd(
    byId('thread'),
    messages.map((message) => row(message, channels, byMessageId)),
  )
}
