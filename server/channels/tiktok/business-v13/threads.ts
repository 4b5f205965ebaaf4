import type { Channel, PersonRef } from '../../contract.ts'
import { asId, asList, asRecord, asText, asUrl } from '../../../kit/json.ts'
import type { Api } from './api.ts'
import { readEvents } from './messages.ts'
import type { MessageEvent } from './messages.ts'
import { READ_SCOPE } from './oauth.ts'

/** The list is the only source of names and pictures (TikTok wire reference §4.3). */
function readPeople(participants: unknown): Map<string, PersonRef> {
  const people = new Map<string, PersonRef>()
  for (const participant of asList(participants).map(asRecord)) {
    const ref = asId(participant?.id)
    if (!ref || asText(participant?.role)?.toLowerCase() !== 'personal_account') continue
    const name = asText(participant?.display_name)
    const avatarUrl = asUrl(participant?.profile_image)
    people.set(ref, { ref, ...(name && { name }), ...(avatarUrl && { avatarUrl }) })
  }
  return people
}

/** TikTok does not say in which order the list comes; ties keep the order of arrival. */
function newestLast(events: MessageEvent[]): MessageEvent[] {
  const [first, last] = [events.at(0), events.at(-1)]
  const oldestFirst = first && last && first.at > last.at ? events.toReversed() : events
  return oldestFirst.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

/**
 * The newest 20 messages of a conversation, all that TikTok gives, and the people in it (TikTok wire reference §4.3);
 * the business itself is not among the participants. Messages that lack an id or a person are left out. A sign that was taken
 * back is not listed: nothing here says so.
 */
export function createReadThread(api: Api): Channel['readThread'] {
  return async (credentials, threadRef) => {
    const business = credentials.businessId ?? ''
    const data = await api({
      operation: 'read',
      method: 'GET',
      path: '/business/message/content/list/',
      query: { business_id: business, conversation_id: threadRef },
      credentials,
      scope: READ_SCOPE,
    })
    const people = readPeople(data.participants)
    const events = asList(data.messages).flatMap((message) =>
      readEvents(asRecord(message) ?? {}, { business, threadRef, people }),
    )
    for (const { person } of events) people.set(person.ref, { ...people.get(person.ref), ...person })
    const reactions = events.filter((event) => event.kind === 'reaction')
    const messages = events.filter((event) => event.kind !== 'reaction')
    return { participants: [...people.values()], messages: newestLast(messages), reactions }
  }
}
