import { command } from './api.js'
import { byId, fillToEnd, h, timeText } from './dom.js'

const LABELS = { image: 'Image', video: 'Video', sticker: 'Sticker', emoji: 'Emoji' }

function describe(content) {
  if (content.type === 'text') return content.body
  if (content.type === 'share_post') return `Post https://www.tiktok.com/player/v1/${content.videoId}`
  if (content.type === 'template') return content.template.title
  if (content.type === 'unknown') return `[${content.kind}]`
  return `[${LABELS[content.type] ?? content.type}]`
}

function shownContent(content) {
  if (content.type !== 'image' && content.type !== 'sticker' && content.type !== 'emoji') return describe(content)
  const src = content.url ?? `/standin/api/media?${new URLSearchParams({ id: content.mediaId })}`
  return h('img', { src, alt: LABELS[content.type], class: 'medium' })
}

function buttonsOf(message, pair, run) {
  if (message.content.type !== 'template') return []
  return message.content.template.buttons.map((button) =>
    h(
      'button',
      {
        type: 'button',
        class: 'small',
        'data-key': `tap ${message.id} ${button.title}`,
        onclick: () =>
          run(
            command('taps', {
              ...pair,
              messageId: message.id,
              buttonId: button.id ?? button.title,
              text: button.title,
            }),
          ),
      },
      button.title,
    ),
  )
}

function tick(message, conversation) {
  const mark = message.from === 'person' ? conversation.businessReadUpTo : conversation.personReadUpTo
  return mark >= message.at ? ' · seen' : ''
}

const EMOJI = ['👍', '❤️', '😂']

function reactButtons(message, pair, run) {
  return EMOJI.map((emoji) => {
    const has = message.reactions.some((one) => one.emoji === emoji && one.authorId === pair.person)
    return h(
      'button',
      {
        type: 'button',
        class: 'small',
        'data-key': `react ${message.id} ${emoji}`,
        'aria-label': has ? `Take ${emoji} back` : `React with ${emoji}`,
        onclick: () =>
          run(command('reacts', { ...pair, messageId: message.id, emoji, operation: has ? 'REMOVE' : 'ADD' })),
      },
      has ? `${emoji} ✓` : emoji,
    )
  })
}

const signsOn = (message) => message.reactions.map(({ emoji }) => ` ${emoji ?? '[AI emoji]'}`).join('')

function row(message, { conversation, byMessageId, pair, run }) {
  const mine = message.from === 'person'
  const quoted = message.quoteOf && byMessageId.get(message.quoteOf)
  const via = mine ? '' : ` · ${message.source}`
  const buttons = [...buttonsOf(message, pair, run), ...(mine ? [] : reactButtons(message, pair, run))]
  return h(
    'li',
    { class: mine ? 'mine' : '' },
    h(
      'div',
      { class: 'bubble' },
      quoted && h('blockquote', {}, describe(quoted.content)),
      shownContent(message.content),
    ),
    h('div', { class: 'meta' }, timeText(message.at) + via + tick(message, conversation) + signsOn(message)),
    buttons.length > 0 && h('div', { class: 'actions' }, ...buttons),
  )
}

export function drawThread({ conversation, messages, pair, run, now }) {
  const byMessageId = new Map(messages.map((message) => [message.id, message]))
  fillToEnd(
    byId('thread'),
    messages.map((message) => row(message, { conversation, byMessageId, pair, run })),
  )
  byId('typing').textContent = conversation && conversation.typingUntil > now ? 'The business is typing…' : ''
}
