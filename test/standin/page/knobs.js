import { command } from './api.js'
import { h } from './dom.js'
import { DELIVERY_FIELDS, control, drawPanel, faultForm, knobControls, pauseButton, resetButton } from './panel.js'

const FIELDS = [
  ...DELIVERY_FIELDS,
  { name: 'echoUniqueIdentifier', label: 'unique_identifier on echoes', options: ['business', 'person'] },
  { name: 'webhooksNeedGrant', label: 'Webhooks need a live consent', flag: true },
  { name: 'resignRetries', label: 'Sign retries anew', flag: true },
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
  { name: 'contentListOrder', label: 'Message list', options: ['newest_first', 'oldest_first'] },
]
const STYLE = [
  { name: 'header', label: 'Signature header', options: ['Tiktok-Signature', 'tiktok-signature', 'TIKTOK-SIGNATURE'] },
  { name: 'spaceAfterComma', label: 'Space after its comma', flag: true },
  { name: 'signatureFirst', label: 's before t', flag: true },
]
const FAULTS = {
  kinds: [
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
  ],
  operations: [
    'send',
    'token',
    'refresh',
    'business_get',
    'content_list',
    'conversation_list',
    'capabilities',
    'media_upload',
    'media_download',
  ],
}

function deliveryForm(state, run) {
  const submit = (event) => {
    event.preventDefault()
    run(command('webhooks/url', { url: new FormData(event.target).get('url') || null }))
  }
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
      pauseButton(state, run),
    ),
  )
}

export function drawKnobs(state, run) {
  const { knobs } = state
  const style = knobs.signatureStyle
  const restyle = (field) => (value) => run(command('knobs', { signatureStyle: { ...style, [field.name]: value } }))
  drawPanel([knobs, state.webhookUrl, state.webhooksPaused], () => [
    deliveryForm(state, run),
    faultForm(knobs, FAULTS, run),
    h('h3', {}, 'Knobs'),
    ...knobControls(FIELDS, knobs, run),
    ...STYLE.map((field) => control(field, style[field.name], restyle(field))),
    resetButton(run),
  ])
}
