import { load } from './api.js'
import { byId, fill, h, timeText } from './dom.js'

const SHOWN = 200
let entries = []
let open = new Set()

const tone = (good) => (good ? 'ok' : 'bad')

function webhookOutcome(entry) {
  if (entry.fate !== 'queued') return ['warn', entry.fate.replaceAll('_', ' ')]
  const attempts = entries.filter((one) => one.kind === 'attempt' && one.webhookId === entry.webhookId)
  const last = attempts.at(-1)
  if (!last) return ['quiet', 'waiting']
  const statuses = attempts.map(({ status }) => status ?? 'no answer').join(', ')
  return [tone(last.result === 'delivered'), last.result === 'given_up' ? `${statuses}, given up` : statuses]
}

function summary(entry) {
  if (entry.kind === 'webhook') {
    const repeated = entry.duplicateOf === undefined ? '' : ' (again)'
    return ['webhook', entry.event + repeated, ...webhookOutcome(entry)]
  }
  if (entry.kind === 'call') {
    // TikTok answers 200 and a code, respond.io with a status.
    const { code = entry.httpStatus } = entry
    const verdict = entry.fault ? `fault ${entry.fault}` : `${code} ${entry.message}`
    return ['call', entry.operation, tone([0, 200].includes(code) && !entry.fault), verdict]
  }
  if (entry.kind === 'send') return ['sent', entry.messageType, 'quiet', entry.messageId]
  return ['action', entry.action.replaceAll('_', ' '), 'quiet', '']
}

function details(entry) {
  if (entry.kind !== 'webhook') return JSON.stringify(entry, null, 2)
  const { rawBody, ...rest } = entry
  const envelope = JSON.parse(rawBody)
  const attempts = entries.filter((one) => one.kind === 'attempt' && one.webhookId === entry.webhookId)
  const inner = envelope.content === undefined ? {} : { content: JSON.parse(envelope.content) }
  return JSON.stringify({ ...rest, envelope: { ...envelope, ...inner }, attempts }, null, 2)
}

function row(entry) {
  const [kind, title, color, outcome] = summary(entry)
  const body = h('pre')
  const toggled = (event) => {
    if (event.target.open) open.add(entry.seq)
    else open.delete(entry.seq)
    body.textContent = event.target.open ? details(entry) : ''
  }
  return h(
    'li',
    {},
    h(
      'details',
      { open: open.has(entry.seq), ontoggle: toggled },
      h(
        'summary',
        { 'data-key': `log ${entry.seq}` },
        h('span', { class: 'quiet' }, timeText(entry.at)),
        h('span', {}, `${kind}: ${title}`),
        h('span', { class: color }, outcome),
      ),
      body,
    ),
  )
}

export function drawLog() {
  const wanted = byId('log-filter').value
  const shown = entries.filter(({ kind }) => kind !== 'attempt' && (wanted === 'all' || kind === wanted))
  fill(byId('log'), shown.slice(-SHOWN).reverse().map(row))
}

/** Fetches what is new and draws it. A restarted stand-in counts from the beginning again. */
export async function refreshLog() {
  const since = entries.at(-1)?.seq ?? 0
  const fresh = await load(`ledger?since=${since}`)
  entries = [...entries, ...fresh].slice(-2000)
  drawLog()
}

export function forgetLog() {
  entries = []
  open = new Set()
}
