import { systemClock, type Clock } from '../../../kit/clock.ts'
import { ChannelError } from '../../contract.ts'
import type { ChannelMedia, MediaPlace } from '../../contract.ts'
import { answerFailure } from '../errors.ts'
import type { TikTokSettings } from '../settings.ts'
import { asId, asList, asRecord, asUrl } from '../../../kit/json.ts'
import type { Api } from './api.ts'
import { READ_SCOPE, SEND_SCOPE } from './oauth.ts'

const DAY_MS = 24 * 3_600_000
/** An uploaded picture is good for 30 days (TikTok wire reference §4.4); the last one is not risked. */
const UPLOAD_LIVES_MS = 29 * DAY_MS
const CAPABILITY = 'IMAGE_SEND'

const createUpload =
  (api: Api, clock: Clock): ChannelMedia['upload'] =>
  async (credentials, accountRef, { bytes, mime, fileName }) => {
    const data = await api({
      operation: 'upload',
      method: 'POST',
      path: '/business/message/media/upload/',
      credentials,
      scope: SEND_SCOPE,
      form: {
        fields: { business_id: accountRef, media_type: 'IMAGE' },
        file: { name: 'file', fileName, mime, bytes },
      },
    })
    const ref = asId(data.media_id)
    if (!ref) throw answerFailure('upload', 'media_id')
    return { ref, expiresAt: new Date(clock.now().getTime() + UPLOAD_LIVES_MS) }
  }

const createAllowed =
  (api: Api): ChannelMedia['allowed'] =>
  async (credentials, { accountRef, threadRef }) => {
    const data = await api({
      operation: 'read',
      method: 'GET',
      path: '/business/message/capabilities/get/',
      query: {
        business_id: accountRef,
        conversation_id: threadRef,
        conversation_type: 'SINGLE',
        capability_types: JSON.stringify([CAPABILITY]),
      },
      credentials,
      scope: READ_SCOPE,
    })
    const infos = asList(data.capability_infos).map(asRecord)
    const result = infos.find((info) => info?.capability_type === CAPABILITY)?.capability_result
    if (typeof result !== 'boolean') throw answerFailure('read', 'the capability')
    return result
  }

const createLocate =
  (api: Api): ChannelMedia['locate'] =>
  async (credentials, { accountRef, threadRef, externalId, kind, ref, url }): Promise<MediaPlace> => {
    if (url) return { url, headers: {} }
    if (!ref) throw new ChannelError('rejected', 'INVALID_MESSAGE')
    const data = await api({
      operation: 'read',
      method: 'POST',
      path: '/business/message/media/download/',
      credentials,
      scope: READ_SCOPE,
      body: {
        business_id: accountRef,
        conversation_id: threadRef,
        message_id: externalId,
        media_id: ref,
        media_type: kind === 'video' ? 'VIDEO' : 'IMAGE',
      },
    })
    const address = asUrl(data.download_url)
    if (!address) throw answerFailure('read', 'download_url')
    return { url: address, headers: { 'x-user': credentials.accessToken ?? '' } }
  }

/**
 * Pictures and films (TikTok wire reference §4.4). What was received is downloaded from an address that lives for a day and
 * answers 403 without the token in `x-user`; stickers and emoji come with an address that needs neither.
 */
export const createMedia = (settings: TikTokSettings, api: Api): ChannelMedia => ({
  upload: createUpload(api, settings.clock ?? systemClock),
  allowed: createAllowed(api),
  locate: createLocate(api),
})
