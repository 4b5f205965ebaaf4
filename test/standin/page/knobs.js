import { command } from './api.js'
import { byId, h } from './dom.js'

const FIELDS = [
  { name: 'echo', label: 'Echo of API sends', options: ['after', 'before', 'random', 'late', 'never'] },
  { name: 'echoDelayMs', label: 'Echo delay (ms)' },
  { name: 'lateEchoDelayMs', label: 'Late echo delay (ms)' },
  { name: 'echoUniqueIdentifier', label: 'unique_identifier on echoes', options: ['business', 'person'] },
  { name: 'duplicateWebhooks', label: 'Duplicate webhooks (0–1)', step: '0.05' },
  { name: 'reorderWebhooks', label: 'Reordered webhooks (0–1)', step: '0.05' },
  { name: 'reorderDelayMs', label: 'Reordering within (ms)' },
  { name: 'dropWebhooks', label: 'Lost webhooks (0–1)', step: '0.05' },
  { name: 'dropNextWebhooks', label: 'Lose the next … webhooks' },
  { name: 'webhookDelayMs', label: 'Webhook delay (ms)' },
  { name: 'webhookTimeoutMs', label: 'Webhook time-out (ms)' },
  { name: 'webhooksNeedGrant', label: 'Webhooks need a live consent', flag: true },
  { name: 'retryScheduleMs', label: 'Waits between attempts (ms)', list: Number },
  { name: 'resignRetries', label: 'Sign retries anew', flag: true },
  { name: 'timeoutHoldMs', label: 'Time-out faults hang for (ms)' },
  { name: 'windowPolicy', label: 'Reply window', options: ['strict10', 'guide10_inf_3', 'off'] },
  { name: 'dailyCap', label: 'Conversations a day (empty: no cap)' },
  { name: 'qps', label: 'Calls a second (empty: no limit)' },
  { name: 'qpsPenaltyS', label: 'Penalty after breaking it (s)' },
  { name: 'refreshRotates', label: 'Refresh token rotates', flag: true },
  { name: 'accessTokenTtlS', label: 'Access token lives (s)' },
  { name: 'refreshTokenTtlS', label: 'Refresh token lives (s)' },
  { name: 'authCodeTtlS', label: 'Code lives (s)' },
  { name: 'expiredTokenCode', label: 'Expired token answers', options: ['40105', '40102'], number: true },
  { name: 'eu', label: 'EU rules', options: ['by_region', 'everyone', 'nobody'] },
  { name: 'euListed', label: 'Lists show what Europeans write', flag: true },
  { name: 'unauthorizedScopes', label: 'Scopes not approved', list: String },
  { name: 'reactionsFirst', label: 'Reactions come before their message', flag: true },
  {
    name: 'cdn',
    label: 'Media are served',
    options: ['fine', 'down', 'gone', 'truncated', 'silent', 'endless', 'loop', 'to_private'],
  },
  { name: 'contentListOrder', label: 'Message list', options: ['newest_first', 'oldest_first'] },
]
const STYLE = [
  { name: 'header', label: 'Signature header', options: ['Tiktok-Signature', 'tiktok-signature', 'TIKTOK-SIGNATURE'] },
  { name: 'spaceAfterComma', label: 'Space after its comma', flag: true },
  { name: 'signatureFirst', label: 's before t', flag: true },
]
const FAULTS = [
  'timeout_after_commit',
  'timeout_before_commit',
  'reset',
  '502',
  'truncated_json',
  'html',
  '51065',
  '40100',
  '40064',
  '40064_too_fast',
  '40105',
  '40102',
]
const OPERATIONS = [
  'send',
  'token',
  'refresh',
  'business_get',
  'content_list',
  'conversation_list',
  'capabilities',
  'media_upload',
  'media_download',
  'any',
]

const options = (values, chosen) =>
  values.map((value) => h('option', { value, selected: value === String(chosen) }, value))

function read(field, input) {
  if (field.flag) return input.checked
  if (field.list)
    return input.value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
      .map(field.list)
  if (field.options) return field.number ? Number(input.value) : input.value
  return input.value === '' ? null : Number(input.value)
}

function control(field, value, save) {
  const changed = (event) => save(read(field, event.target))
  const key = { 'data-key': `knob ${field.name}`, onchange: changed }
  if (field.flag) {
    return h('label', { class: 'choice' }, h('input', { type: 'checkbox', checked: value, ...key }), field.label)
  }
  if (field.options) return h('label', {}, field.label, h('select', key, ...options(field.options, value)))
  const shown = field.list ? value.join(', ') : (value ?? '')
  const type = field.list ? 'text' : 'number'
  return h('label', {}, field.label, h('input', { type, min: 0, step: field.step, value: shown, ...key }))
}

function faultForm(knobs, run) {
  const submit = (event) => {
    event.preventDefault()
    const form = new FormData(event.target)
    const operation = form.get('operation')
    const count = form.get('count') === '' ? null : Number(form.get('count'))
    run(command('faults', { kind: form.get('kind'), operations: operation === 'any' ? 'any' : [operation], count }))
  }
  const waiting = knobs.sendFault.map((fault) =>
    typeof fault === 'string' ? fault : `${fault.kind} × ${fault.count === null ? '∞' : (fault.count ?? 1)}`,
  )
  return h(
    'form',
    { onsubmit: submit },
    h('h3', {}, 'Faults'),
    h('label', {}, 'Kind', h('select', { name: 'kind', 'data-key': 'fault kind' }, ...options(FAULTS))),
    h('label', {}, 'On', h('select', { name: 'operation', 'data-key': 'fault op' }, ...options(OPERATIONS))),
    h(
      'label',
      {},
      'How many calls (empty: until cleared)',
      h('input', { name: 'count', type: 'number', min: 1, value: 1, 'data-key': 'fault count' }),
    ),
    h('p', { class: 'quiet' }, waiting.length > 0 ? `Waiting: ${waiting.join(', ')}` : 'None waiting.'),
    h(
      'div',
      { class: 'actions' },
      h('button', { 'data-key': 'fault add' }, 'Add fault'),
      h('button', { type: 'button', 'data-key': 'fault clear', onclick: () => run(command('faults/clear')) }, 'Clear'),
    ),
  )
}

function deliveryForm(state, run) {
  const submit = (event) => {
    event.preventDefault()
    run(command('webhooks/url', { url: new FormData(event.target).get('url') || null }))
  }
  const toggle = () => run(command(state.webhooksPaused ? 'webhooks/resume' : 'webhooks/pause'))
  return h(
    'form',
    { onsubmit: submit },
    h(
      'label',
      {},
      'Webhooks go to',
      h('input', { name: 'url', type: 'url', value: state.webhookUrl ?? '', 'data-key': 'webhook url' }),
    ),
    h(
      'div',
      { class: 'actions' },
      h('button', { 'data-key': 'webhook save' }, 'Save address'),
      h(
        'button',
        { type: 'button', 'aria-pressed': String(state.webhooksPaused), 'data-key': 'webhook pause', onclick: toggle },
        state.webhooksPaused ? 'Webhooks are paused: resume' : 'Pause webhooks',
      ),
    ),
  )
}

let drawn = ''

/** Draws the panel when something in it changed, so that nobody loses what they are typing. */
export function drawKnobs(state, run) {
  const { knobs } = state
  const now = JSON.stringify([knobs, state.webhookUrl, state.webhooksPaused])
  if (now === drawn) return
  drawn = now
  const key = document.activeElement?.dataset.key
  const style = knobs.signatureStyle
  byId('knobs').replaceChildren(
    deliveryForm(state, run),
    faultForm(knobs, run),
    h('h3', {}, 'Knobs'),
    ...FIELDS.map((field) =>
      control(field, knobs[field.name], (value) => run(command('knobs', { [field.name]: value }))),
    ),
    ...STYLE.map((field) =>
      control(field, style[field.name], (value) =>
        run(command('knobs', { signatureStyle: { ...style, [field.name]: value } })),
      ),
    ),
    h('button', { type: 'button', 'data-key': 'knobs reset', onclick: () => run(command('knobs/reset')) }, 'Reset all'),
  )
  if (key) document.querySelector(`#knobs [data-key="${CSS.escape(key)}"]`)?.focus()
}
