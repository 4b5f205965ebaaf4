import type { Channel, OAuthScope } from '../../channels/contract.ts'

/** What a grant lacks; nothing where nobody has noted what was granted. */
function missingOf({ oauth }: Channel, granted: readonly string[] | null): readonly OAuthScope[] {
  return granted ? (oauth?.scopes ?? []).filter(({ scope }) => !granted.includes(scope)) : []
}

/** What goes without the scopes that a grant lacks, as the channel's codes. */
export const missingCosts = (channel: Channel, granted: readonly string[] | null): string[] =>
  missingOf(channel, granted).map(({ costs }) => costs)

/** The same for those without which the inbox cannot work. */
export const missingRequired = (channel: Channel, granted: readonly string[]): string[] =>
  missingOf(channel, granted).flatMap(({ costs, required }) => (required ? [costs] : []))
