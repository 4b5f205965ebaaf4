import type { ChannelPosts } from '../../contract.ts'

const ID = /^\d{1,32}$/
const PATH = /^\/(?:@[^/]+\/(?:video|photo)|player\/v1|v|video)\/(\d{1,32})(?:\.html)?\/?$/
const HOST = /^(?:www\.|m\.)?tiktok\.com$/

function idOf(given: string): string | undefined {
  if (ID.test(given)) return given
  if (!URL.canParse(given)) return undefined
  const { protocol, host, pathname } = new URL(given)
  return protocol === 'https:' && HOST.test(host) ? PATH.exec(pathname)?.[1] : undefined
}

/** A post by its id or by its address on tiktok.com; the player takes any post's id (TikTok wire reference §6.4). */
export const readPost: ChannelPosts['read'] = (given) => {
  const postRef = idOf(given.trim())
  return postRef === undefined ? undefined : { postRef, url: `https://www.tiktok.com/player/v1/${postRef}` }
}
