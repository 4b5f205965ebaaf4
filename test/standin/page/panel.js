import { command } from './api.js'
import { byId, h } from './dom.js'

/** What both sides have: how their webhooks travel. */
export const DELIVERY_FIELDS = [
  { name: 'echo', label: 'Webhook of API sends', options: ['after', 'before', 'random', 'late', 'never'] },
  { name: 'echoDelayMs', label: 'Its delay (ms)' },
  { name: 'lateEchoDelayMs', label: 'Its delay when late (ms)' },
  { name: 'duplicateWebhooks', label: 'Duplicate webhooks (0–1)', step: '0.05' },
  { name: 'reorderWebhooks', label: 'Reordered webhooks (0–1)', step: '0.05' },
  { name: 'reorderDelayMs', label: 'Reordering within (ms)' },
  { name: 'dropWebhooks', label: 'Lost webhooks (0–1)', step: '0.05' },
  { name: 'dropNextWebhooks', label: 'Lose the next … webhooks' },
  { name: 'webhookDelayMs', label: 'Webhook delay (ms)' },
  { name: 'webhookTimeoutMs', label: 'Webhook time-out (ms)' },
  { name: 'retryScheduleMs', label: 'Waits between attempts (ms)', list: Number },
  { name: 'timeoutHoldMs', label: 'Time-out faults hang for (ms)' },
  {
    name: 'cdn',
    label: 'Media are served',
    options: ['fine', 'down', 'gone', 'truncated', 'silent', 'endless', 'loop', 'to_private'],
  },
]

export const options = (values, chosen) =>
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

export function control(field, value, save) {
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

export const knobControls = (fields, knobs, run) =>
  fields.map((field) => control(field, knobs[field.name], (value) => run(command('knobs', { [field.name]: value }))))

export const resetButton = (run) =>
  h('button', { type: 'button', 'data-key': 'knobs reset', onclick: () => run(command('knobs/reset')) }, 'Reset all')

export function faultForm(knobs, { kinds, operations }, run) {
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
    h('label', {}, 'Kind', h('select', { name: 'kind', 'data-key': 'fault kind' }, ...options(kinds))),
    h(
      'label',
      {},
      'On',
      h('select', { name: 'operation', 'data-key': 'fault op' }, ...options([...operations, 'any'])),
    ),
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

export function pauseButton({ webhooksPaused }, run) {
  const toggle = () => run(command(webhooksPaused ? 'webhooks/resume' : 'webhooks/pause'))
  return h(
    'button',
    { type: 'button', 'aria-pressed': String(webhooksPaused), 'data-key': 'webhook pause', onclick: toggle },
    webhooksPaused ? 'Webhooks are paused: resume' : 'Pause webhooks',
  )
}

let drawn = ''

/** Draws the panel when something in it changed, so that nobody loses what they are typing. */
export function drawPanel(shown, children) {
  const now = JSON.stringify(shown)
  if (now === drawn) return
  drawn = now
  const key = document.activeElement?.dataset.key
  byId('knobs').replaceChildren(...children())
  if (key) document.querySelector(`#knobs [data-key="${CSS.escape(key)}"]`)?.focus()
}
