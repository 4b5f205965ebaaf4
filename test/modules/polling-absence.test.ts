import { describe, expect, it } from 'vitest'
import type { FaultKind } from '../standin/respondio/knobs.ts'
import { InboxPollingDocument } from '../support/generated.ts'
import { usePolling } from './polling-stage.ts'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
const stage = usePolling()

const presencesOf = (contact: number) => stage.world.standin.respondio.world.contact(contact).presences

/** In how many ms somebody is looked at. */
async function nextLook(contact: number): Promise<number> {
  const { check_due_at: due } = await stage.polling.row(contact)
  return (due as Date).getTime() - Date.now() - stage.offset
}

async function lookAgain(contact: number): Promise<void> {
  await stage.polling.hurry('check', contact)
  await stage.polling.all('check')
}

describe('who is not in the channel', () => {
  it('when they are listed, since they are on their way into it, is seen a minute later', async () => {
    const contact = await stage.somebody()
    const other = stage.polling.writes({ firstName: 'Nok' }, 'Hello?')
    const [presence] = presencesOf(other.contactId).splice(0)
    await stage.polling.hurry('list')
    await stage.polling.all()
    expect(await stage.polling.row(other.contactId)).toMatchObject({ present: false })
    presencesOf(other.contactId).push(presence ?? expect.unreachable('they wrote'))
    stage.advance(70 * SECOND)
    await stage.polling.all('check', 'read')
    expect(await stage.texts(other.contactId)).toEqual(['Hello?'])
    expect(await stage.polling.row(contact)).toMatchObject({ present: true })
  })

  it.each<FaultKind>(['404', '404_html'])(
    'since they are not there at all is asked about less and less: %s',
    async (kind) => {
      const contact = await stage.somebody()
      stage.fault(kind, 'message_list', contact)
      await stage.polling.hurry('read', contact)
      await stage.polling.all('read')
      expect(await stage.polling.row(contact)).toMatchObject({ present: false, read_due_at: null })
      expect(await nextLook(contact)).toBeLessThan(2 * MINUTE)
      stage.fault(kind, 'contact_channels', contact, 2)
      stage.advance(70 * SECOND)
      await stage.polling.all('check')
      expect(await nextLook(contact)).toBeGreaterThan(8 * MINUTE)
      stage.advance(11 * MINUTE)
      await stage.polling.all('check')
      expect(await nextLook(contact)).toBeGreaterThan(9 * HOUR)
      expect((await stage.polling.poll())['failure_code'], 'nobody else is concerned').toBeNull()
    },
  )

  it('and of whom the list tells is asked about ten minutes after the last time', async () => {
    stage.world.standin.respondio.setKnobs({ lastInteractionFilter: 'works' })
    const contact = await stage.somebody()
    const [presence] = presencesOf(contact).splice(0)
    await lookAgain(contact)
    await lookAgain(contact)
    stage.advance(6 * MINUTE)
    await lookAgain(contact)
    expect(await nextLook(contact)).toBeGreaterThan(9 * HOUR)
    presencesOf(contact).push(presence ?? expect.unreachable('they wrote'))
    stage.advance(2 * MINUTE)
    stage.polling.writes(contact, 'again')
    await stage.polling.hurry('list')
    await stage.polling.all('list')
    expect((await stage.polling.poll())['list_since'], 'it lists those with whom something happened').not.toBeNull()
    expect(await nextLook(contact)).toBeLessThan(9 * MINUTE)
    stage.advance(9 * MINUTE)
    await stage.polling.all('check', 'read')
    expect(await stage.texts(contact)).toEqual(['Hello', 'again'])
  })

  it('since they were merged is no longer asked about, and the one who remains goes on', async () => {
    const { respondio } = stage.world.standin
    const [one, other] = [await stage.somebody('one'), await stage.somebody('other')]
    const headers = {
      authorization: `Bearer ${stage.polling.shop.space.tokens[0]}`,
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ contactIds: [one, other] })
    expect((await fetch(`${respondio.apiUrl}/contact/merge`, { method: 'POST', headers, body })).status).toBe(200)
    stage.polling.writes(one, 'still here')
    for (const lane of ['list', 'check', 'read'] as const) await stage.polling.hurry(lane)
    await stage.polling.all()
    expect(await stage.texts(one)).toContain('still here')
    expect(await stage.polling.row(other)).toMatchObject({ present: false, read_due_at: null })
    expect(await stage.texts(other), 'what was said stays').toEqual(['other'])
  })
})

describe('a channel of which the provider tells only half', () => {
  it('is read when what it tells is that a customer wrote', async () => {
    const contact = await stage.somebody()
    stage.advance(10 * MINUTE)
    await stage.polling.all('check', 'read')
    stage.polling.writes(contact, 'again')
    const [presence] = presencesOf(contact)
    Object.assign(presence ?? {}, { lastMessageAt: Date.now() + stage.offset - HOUR })
    await lookAgain(contact)
    await stage.polling.all('read')
    expect(await stage.texts(contact)).toEqual(['Hello', 'again'])
  })
})

describe('how long the one waits who waits longest', () => {
  it('is said of whoever was never looked at, too', async () => {
    const { contactId } = stage.polling.writes({ firstName: 'Ploy' }, 'Hello')
    await stage.polling.hurry('list')
    await stage.polling.all('list')
    expect(await stage.polling.row(contactId)).toMatchObject({ checked_at: null })
    stage.advance(3 * MINUTE)
    const { accountId, inboxId: id } = stage.polling.shop
    const { inbox } = await stage.admin.gql(InboxPollingDocument, { accountId, id })
    expect(inbox.health?.polling).toMatchObject({ contacts: 0 })
    expect(inbox.health?.polling?.oldestSeconds).toBeGreaterThanOrEqual(180)
  })
})
