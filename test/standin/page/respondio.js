import { command, load, upload } from './api.js'
import { byId, fill, h, personButton } from './dom.js'
import { drawKnobs } from './respondio-knobs.js'
import { drawThread } from './respondio-thread.js'
import { createShell, writtenAt } from './shell.js'

let state = null
let spaceId = null
let channelId = null
let contactId = null

const pair = () => ({ channel: channelId, contact: contactId })
const contact = () => state.contacts.find(({ id }) => id === contactId)
const channel = () => state.channels.find(({ id }) => id === channelId)

const chosen = (list, id) => (list.some((one) => one.id === id) ? id : (list[0]?.id ?? null))
const optionsOf = (list, id, label) =>
  list.map((one) => h('option', { value: one.id, selected: one.id === id }, label(one)))

function drawPlaces() {
  spaceId = chosen(state.spaces, spaceId)
  const channels = state.channels.filter((one) => one.spaceId === spaceId)
  channelId = chosen(channels, channelId)
  byId('space').replaceChildren(...optionsOf(state.spaces, spaceId, ({ name }) => name))
  byId('channel').replaceChildren(
    ...optionsOf(channels, channelId, ({ name, source, business }) => `${name} (${source}${business ? ', tied' : ''})`),
  )
  const none = h('option', { value: '' }, 'none')
  byId('tie').replaceChildren(
    none,
    ...state.businesses.map(({ openId, displayName }) => h('option', { value: openId }, displayName)),
  )
  const space = state.spaces.find(({ id }) => id === spaceId)
  byId('token').textContent = space?.tokens.at(-1) ?? 'No token: every call is answered 401.'
  byId('api').textContent = state.apiUrl
}

function drawContacts() {
  const contacts = state.contacts.filter((one) => one.spaceId === spaceId)
  contactId = chosen(contacts, contactId)
  const rows = contacts.map(({ id, firstName, lastName, open, profilePic, count }) =>
    personButton({
      id,
      name: [firstName, lastName].filter(Boolean).join(' '),
      about: `id:${id} · ${open ? 'open' : 'closed'}`,
      picture: profilePic,
      count,
      current: id === contactId,
      onclick: () => {
        contactId = id
        void shell.refresh()
      },
    }),
  )
  fill(byId('people'), rows)
}

async function drawConversation() {
  const messages = contact() ? await load(`messages?contact=${contactId}`) : []
  byId('phone-title').textContent =
    contact() && channel() ? `${contact().firstName} → ${channel().name}` : 'Conversation'
  drawThread({ messages, channels: state.channels })
  byId('block').setAttribute('aria-pressed', String(contact()?.blocked ?? false))
  byId('block').textContent = contact()?.blocked ? 'Unblock the business' : 'Block the business'
}

const shell = createShell(async () => {
  state = await load('state')
  drawPlaces()
  drawContacts()
  drawKnobs(state, spaceId, shell.run)
  await drawConversation()
})
const { onForm, onClick } = shell

const writes = (what) => command('customer-writes', { ...pair(), ...what, ...writtenAt(state.now) })

onForm('compose', ({ text }) => writes({ text }))
onForm('new-contact', async ({ text, ...fields }) => {
  contactId = (await writes({ text, contact: fields })).contactId
})
onForm('new-space', async (values) => {
  spaceId = (await command('spaces', values)).id
})
onForm('new-channel', async ({ business, ...values }) => {
  channelId = (await command('channels', { space: spaceId, ...values, ...(business && { business }) })).id
})
onForm('in-app', ({ text, source }) => command('business-writes', { ...pair(), text, source }))
onClick('read', () => command('customer-reads', pair()))
onClick('post', () => writes({ content: { type: 'post', post: { url: 'https://www.tiktok.com/player/v1/1' } } }))
onClick('unsupported', () => writes({ content: { type: 'unsupported' } }))
onClick('block', () => command('blocks', { contact: contactId, blocked: !contact()?.blocked }))
onClick('close', () => command('closes', { contact: contactId }))
onClick('new-token', () => command('tokens', { space: spaceId }))
onClick('revoke', () => command('tokens/revoke', { space: spaceId }))
shell.onFile('picture', async (file) => {
  const { mediaId } = await upload({ name: file.name }, file)
  const type = file.type.startsWith('video/') ? 'video' : 'image'
  await writes({ content: { type: 'stored', attachment: { type, mediaId } } })
})
for (const [id, choose] of [
  ['space', (value) => (spaceId = value)],
  ['channel', (value) => (channelId = value)],
]) {
  byId(id).addEventListener('change', (event) => {
    choose(Number(event.target.value))
    void shell.refresh()
  })
}
shell.start()
