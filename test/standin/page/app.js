import { command, load, upload, watch } from './api.js'
import { byId, fill, h } from './dom.js'
import { drawKnobs } from './knobs.js'
import { drawLog, forgetLog, refreshLog } from './log.js'
import { drawThread } from './thread.js'

const HOUR_MS = 3_600_000
let state = null
let businessId = null
let personId = null
let refreshing = false
let again = false

const say = (text, bad = false) => {
  byId('status').textContent = text
  byId('status').className = bad ? 'bad' : 'quiet'
}

/** Runs a command, says what went wrong, and shows what came of it. */
async function run(work) {
  try {
    await work
    say('')
  } catch (error) {
    say(error.message, true)
  }
  await refresh()
}

const pair = () => ({ business: businessId, person: personId })
const current = () => state.conversations.find((one) => one.businessId === businessId && one.personId === personId)
const business = () => state.businesses.find(({ openId }) => openId === businessId)

function drawBusinesses() {
  const known = state.businesses.some(({ openId }) => openId === businessId)
  if (!known) businessId = state.businesses[0]?.openId ?? null
  const options = state.businesses.map(({ openId, displayName, username }) =>
    h('option', { value: openId, selected: openId === businessId }, `${displayName} (@${username})`),
  )
  byId('business').replaceChildren(...options)
  const connected = business()?.connected
  byId('consent').textContent = !business()
    ? 'Add a business first.'
    : connected
      ? 'Connected to the app.'
      : 'Not connected: it gets no webhooks until it approves the app.'
  byId('consent').className = connected ? 'ok' : 'warn'
}

function drawPeople() {
  const known = state.people.some(({ id }) => id === personId)
  if (!known) personId = state.people[0]?.id ?? null
  const rows = state.people.map(({ id, displayName, username, region, avatarUrl }) => {
    const talk = state.conversations.find((one) => one.businessId === businessId && one.personId === id)
    return h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          'aria-current': String(id === personId),
          'data-key': id,
          onclick: () => {
            personId = id
            void refresh()
          },
        },
        h('img', { src: avatarUrl, alt: '', width: 32, height: 32 }),
        h(
          'span',
          { class: 'names' },
          h('strong', {}, displayName),
          h('br'),
          h('span', { class: 'quiet' }, `@${username} · ${region}`),
        ),
        talk && h('span', { class: 'quiet' }, talk.count),
      ),
    )
  })
  fill(byId('people'), rows)
}

async function drawConversation() {
  const conversation = current()
  const query = conversation && new URLSearchParams({ conversation_id: conversation.id })
  const messages = conversation ? await load(`messages?${query}`) : []
  const person = state.people.find(({ id }) => id === personId)
  byId('phone-title').textContent =
    person && business() ? `${person.displayName} → ${business().displayName}` : 'Conversation'
  drawThread({ conversation, messages, pair: pair(), run, now: state.now })
  byId('block').setAttribute('aria-pressed', String(conversation?.blocked ?? false))
  byId('block').textContent = conversation?.blocked ? 'Unblock the business' : 'Block the business'
  if (conversation && conversation.typingUntil > state.now)
    setTimeout(refresh, conversation.typingUntil - state.now + 50)
}

/** One refresh at a time; what happens meanwhile asks for one more. */
async function refresh() {
  if (refreshing) {
    again = true
    return
  }
  refreshing = true
  try {
    do {
      again = false
      state = await load('state')
      drawBusinesses()
      drawPeople()
      drawKnobs(state, run)
      await drawConversation()
      await refreshLog()
    } while (again)
  } catch (error) {
    say(error.message, true)
  } finally {
    refreshing = false
  }
}

function onForm(id, submit) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault()
    const values = Object.fromEntries(new FormData(event.target))
    void run(submit(values).then(() => event.target.reset()))
  })
}

const onClick = (id, act) => byId(id).addEventListener('click', () => void run(act()))

const at = () => {
  const hours = Number(byId('ago').value)
  return hours > 0 ? { at: state.now - hours * HOUR_MS } : {}
}

onForm('compose', ({ text }) => command('customer-writes', { ...pair(), text, ...at() }))
onForm('in-app', ({ text }) => command('business-writes-in-app', { ...pair(), text }))
onForm('new-person', async (values) => {
  personId = (await command('people', values)).id
})
onForm('new-business', async (values) => {
  businessId = (await command('businesses', values)).openId
})
onClick('read', () => command('customer-reads', pair()))
onClick('voice', () => command('unknown-kind', { ...pair(), kind: 'voice', ...at() }))
const writes = (content) => command('customer-writes', { ...pair(), content, ...at() })
const picture = (name) => `${location.origin}/cdn/avatars/${name}.png`
onClick('post', () => writes({ type: 'share_post', videoId: business().posts[0] }))
onClick('sticker', () => writes({ type: 'sticker', url: picture('sticker') }))
onClick('emoji', () => writes({ type: 'emoji', url: picture('emoji') }))
onClick('ad', () => command('arrives', { ...pair(), ad: { name: 'Autumn Sale' } }))
onClick('link', () => command('arrives', { ...pair(), link: { ref: 'bio', message: 'Hello!' } }))
onClick('block', () => command('blocks', { ...pair(), blocked: !current()?.blocked }))
onClick('expire-access', () => command('expire-access-tokens', { business: businessId }))
onClick('expire-refresh', () => command('expire-refresh-tokens', { business: businessId }))
onClick('revoke', () => command('revoke', { business: businessId }))

async function sendPicture(file) {
  const { mediaId } = await upload(businessId, file)
  const type = file.type.startsWith('video/') ? 'video' : 'image'
  await command('customer-writes', { ...pair(), content: { type, mediaId }, ...at() })
}

byId('picture').addEventListener('change', ({ target }) => {
  const [file] = target.files
  target.value = ''
  if (file) void run(sendPicture(file))
})
byId('business').addEventListener('change', (event) => {
  businessId = event.target.value
  void refresh()
})
byId('log-filter').addEventListener('change', drawLog)
byId('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  byId('compose').requestSubmit()
})

watch(refresh, (connected) => {
  if (connected) forgetLog()
  say(connected ? '' : 'The stand-in does not answer; trying again…', !connected)
})
