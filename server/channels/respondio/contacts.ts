import { asText, asUrl } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import type { PersonRef } from '../contract.ts'

/** A contact as a person (respond.io wire reference §4.1): of TikTok's user name it says nothing. */
export function readPerson(ref: string, { firstName, lastName, profilePic }: Json): PersonRef {
  const name = [firstName, lastName].flatMap((part) => asText(part)?.trim() || []).join(' ')
  const avatarUrl = asUrl(profilePic)
  return { ref, ...(name && { name }), ...(avatarUrl && { avatarUrl }) }
}
