import { command, load, upload } from './api.js'
import { byId, fill, h, personButton } from './dom.js'
import { drawKnobs } from './knobs.js'
import { createShell, writtenAt } from './shell.js'
import { drawThread } from './thread.js'

let state = null
let businessId = null
let personId = null

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
  const rows = state.people.map(({ id, displayName, username, region, avatarUrl }) =>
    personButton({
      id,
      name: displayName,
      about: `@${username} · ${region}`,
      picture: avatarUrl,
      count: state.conversations.find((one) => one.businessId === businessId && one.personId === id)?.count,
      current: id === personId,
      onclick: () => {
        personId = id
        void shell.refresh()
      },
    }),
  )
  fill(byId('people'), rows)
}

async function drawConversation() {
  const conversation = current()
  const query = conversation && new URLSearchParams({ conversation_id: conversation.id })
  const messages = conversation ? await load(`messages?${query}`) : []
  const person = state.people.find(({ id }) => id === personId)
  byId('phone-title').textContent =
    person && business() ? `${person.displayName} → ${business().displayName}` : 'Conversation'
  drawThread({ conversation, messages, pair: pair(), run: shell.run, now: state.now })
  byId('block').setAttribute('aria-pressed', String(conversation?.blocked ?? false))
  byId('block').textContent = conversation?.blocked ? 'Unblock the business' : 'Block the business'
  if (conversation && conversation.typingUntil > state.now)
    setTimeout(shell.refresh, conversation.typingUntil - state.now + 50)
}

const shell = createShell(async () => {
  state = await load('state')
  drawBusinesses()
  drawPeople()
  drawKnobs(state, shell.run)
  await drawConversation()
})
const { onForm, onClick } = shell

const writes = (what) => command('customer-writes', { ...pair(), ...what, ...writtenAt(state.now) })
const picture = (name) => `${location.origin}/cdn/avatars/${name}.png`

onForm('compose', ({ text }) => writes({ text }))
onForm('in-app', ({ text }) => command('business-writes-in-app', { ...pair(), text }))
onForm('new-person', async (values) => {
  personId = (await command('people', values)).id
})
onForm('new-business', async (values) => {
  businessId = (await command('businesses', values)).openId
})
onClick('read', () => command('customer-reads', pair()))
onClick('voice', () => command('unknown-kind', { ...pair(), kind: 'voice', ...writtenAt(state.now) }))
onClick('post', () => writes({ content: { type: 'share_post', videoId: business().posts[0] } }))
onClick('sticker', () => writes({ content: { type: 'sticker', url: picture('sticker') } }))
onClick('emoji', () => writes({ content: { type: 'emoji', url: picture('emoji') } }))
onClick('ad', () => command('arrives', { ...pair(), ad: { name: 'Autumn Sale' } }))
onClick('link', () => command('arrives', { ...pair(), link: { ref: 'bio', message: 'Hello!' } }))
onClick('block', () => command('blocks', { ...pair(), blocked: !current()?.blocked }))
onClick('expire-access', () => command('expire-access-tokens', { business: businessId }))
onClick('expire-refresh', () => command('expire-refresh-tokens', { business: businessId }))
onClick('revoke', () => command('revoke', { business: businessId }))
shell.onFile('picture', async (file) => {
  const { mediaId } = await upload({ business: businessId }, file)
  await writes({ content: { type: file.type.startsWith('video/') ? 'video' : 'image', mediaId } })
})
byId('business').addEventListener('change', (event) => {
  businessId = event.target.value
  void shell.refresh()
})
shell.start()
