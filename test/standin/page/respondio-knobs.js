import { command } from './api.js'
import { h } from './dom.js'
import { DELIVERY_FIELDS, drawPanel, faultForm, knobControls, options, pauseButton, resetButton } from './panel.js'

const POWER = ['works', 'ignored', '400']
const FIELDS = [
  ...DELIVERY_FIELDS,
  { name: 'disableAfterErrors', label: 'Errors in 30 min before a webhook is switched off' },
  { name: 'webhookForm', label: 'Form of webhook bodies', options: ['flat', 'data', 'bare'] },
  { name: 'webhookSender', label: 'Where the sender stands', options: ['top', 'message', 'both'] },
  { name: 'webhookTimestamp', label: 'Unit of message.timestamp', options: ['s', 'ms', 'us'] },
  { name: 'escapeUnicode', label: 'Escape what is not ASCII', flag: true },
  { name: 'signatureOver', label: 'Signed are', options: ['bytes', 'restringified'] },
  { name: 'signatureHeader', label: 'Signature header', options: ['X-Webhook-Signature', 'X-Respond-Signature'] },
  { name: 'signatureEncoding', label: 'Signature encoding', options: ['base64', 'hex'] },
  { name: 'tellFailedSends', label: 'message.sent for failed sends', flag: true },
  { name: 'rateLimit', label: 'Calls in a window, by route (empty: no limit)' },
  { name: 'rateWindowMs', label: 'The window (ms)' },
  { name: 'rateLimitHeaders', label: 'Rate limit headers', flag: true },
  { name: 'retryAfterS', label: 'Retry-After (s; empty: none)' },
  { name: 'latencyMs', label: 'Calls wait for (ms)' },
  { name: 'createdAfterMs', label: 'Created contacts answer 449 for (ms)' },
  { name: 'duplicateCreate', label: 'Creating somebody twice answers', options: ['409', '403'], number: true },
  { name: 'contactOrder', label: 'Contact list by id', options: ['asc', 'desc'] },
  { name: 'lastInteractionFilter', label: 'Filter by last interaction', options: POWER },
  { name: 'statusFilter', label: 'Filter by status', options: POWER },
  { name: 'cursorStyle', label: 'Cursors are', options: ['url', 'relative', 'number', 'string'] },
  { name: 'cursorEnd', label: 'The last cursor is', options: ['null', 'empty', 'absent'] },
  { name: 'unknownCursor', label: 'Cursors that are no message', options: ['accept', 'reject'] },
  { name: 'messagePageCap', label: 'Most messages in a page' },
  { name: 'listedChannelId', label: 'Listed with their channel', options: ['all', 'outgoing', 'none'] },
  { name: 'unassigned', label: 'Nobody assigned is', options: ['object_in_webhooks', 'null', 'object'] },
  { name: 'closedWord', label: 'Closed conversations are', options: ['close', 'closed'] },
  { name: 'channelTimes', label: 'Unit of lastMessageTime', options: ['s', 'ms'] },
  { name: 'senderNulls', label: 'Senders with null members', flag: true },
  { name: 'incomingIdUnit', label: 'Unit of incoming ids', options: ['by_source', 's', 'ms'] },
  { name: 'lateArrivals', label: 'Messages that surface late (0–1)', step: '0.05' },
  { name: 'lateArrivalMs', label: 'How late (ms)' },
  { name: 'attachmentPendingMs', label: 'Files pend for (ms; empty: for ever)' },
  { name: 'pendingAttachmentUrl', label: 'Address of a pending file', options: ['told', 'missing'] },
  { name: 'sentDelayMs', label: 'Until sent (ms)' },
  { name: 'deliveredDelayMs', label: 'Until delivered (ms)' },
  { name: 'readDelayMs', label: 'Until read (ms; empty: by hand)' },
  { name: 'pendingStatus', label: 'Pending comes first', flag: true },
  { name: 'windowPolicy', label: 'Reply window', options: ['strict10', 'guide10_inf_3', 'off'] },
  { name: 'channelMessageIds', label: "TikTok's ids of messages", options: ['told', 'even_contacts', 'withheld'] },
  { name: 'closedWindow', label: 'A closed window is told by', options: ['failed_status', '400'] },
  { name: 'fetchAttachments', label: 'Fetch attachments of sends', flag: true },
  { name: 'unknownVariables', label: 'Unknown variables', options: ['empty', 'keep'] },
]
const FAULTS = {
  kinds: [
    'timeout_after_commit',
    'timeout_before_commit',
    'reset',
    '502',
    'truncated_json',
    'html',
    '403_html',
    '404_html',
    '401',
    '429',
    '449',
    '500',
    '200_error',
    'repeat_cursor',
    'unknown_status',
    'numbers_as_strings',
    'missing_members',
  ],
  operations: [
    'send',
    'message_list',
    'message_get',
    'contact_list',
    'contact_get',
    'contact_channels',
    'channel_list',
    'user_list',
    'conversation_status',
    'assignee',
  ],
}

const EVENTS = [
  'message.received',
  'message.sent',
  'conversation.opened',
  'conversation.closed',
  'contact.created',
  'contact.updated',
  'contact.assignee.updated',
  'contact.tag.updated',
  'contact.lifecycle.updated',
  'comment.created',
]

function subscriptionRow({ id, event, url, key, enabled }, run) {
  const button = (label, path) =>
    h(
      'button',
      { type: 'button', class: 'small', 'data-key': `${path} ${id}`, onclick: () => run(command(path, { id })) },
      label,
    )
  return h(
    'li',
    {},
    h('strong', {}, event),
    h('br'),
    `${url} · key `,
    h('code', {}, key),
    h(
      'div',
      { class: 'actions' },
      !enabled && h('span', { class: 'bad' }, 'switched off after too many errors'),
      !enabled && button('Switch on', 'subscriptions/enable'),
      button('Remove', 'subscriptions/remove'),
    ),
  )
}

function webhookForm(state, spaceId, run) {
  const submit = (event) => {
    event.preventDefault()
    const values = Object.fromEntries(new FormData(event.target))
    run(command('subscriptions', { space: spaceId, ...values }))
  }
  const own = state.subscriptions.filter((one) => one.spaceId === spaceId)
  return h(
    'form',
    { onsubmit: submit },
    h('h3', {}, 'Webhooks of the workspace'),
    h('ul', {}, ...own.map((one) => subscriptionRow(one, run))),
    h('label', {}, 'Event', h('select', { name: 'event', 'data-key': 'webhook event' }, ...options(EVENTS))),
    h('label', {}, 'Address', h('input', { name: 'url', type: 'url', required: true, 'data-key': 'webhook url' })),
    h('div', { class: 'actions' }, h('button', { 'data-key': 'webhook add' }, 'Add webhook'), pauseButton(state, run)),
  )
}

export function drawKnobs(state, spaceId, run) {
  const { knobs, subscriptions, webhooksPaused } = state
  const shown = subscriptions.map(({ id, enabled }) => [id, enabled])
  drawPanel([knobs, shown, webhooksPaused, spaceId], () => [
    webhookForm(state, spaceId, run),
    faultForm(knobs, FAULTS, run),
    h('h3', {}, 'Knobs'),
    ...knobControls(FIELDS, knobs, run),
    resetButton(run),
  ])
}
