import type { ThreadMessage } from '../api/types.ts'
import type { UploadedPicture } from '../api/uploads.ts'
import { localId } from './messages.ts'
import type { Quoted } from './quoting.ts'
import { useSession } from './session.ts'

/** As it is stored until it is acknowledged, each under a key of its own: other tabs have their own. */
export interface Outgoing {
  clientMessageId: string
  userId: string
  accountId: string
  conversationId: string
  content: string
  private: boolean
  pictures?: UploadedPicture[]
  /** What its text answers. */
  quoted?: Quoted
  createdAt: string
}

type Part = Pick<ThreadMessage, 'content' | 'contentType' | 'attachments' | 'inReplyTo'>

const pictureOf = ({
  id,
  url,
  thumbnailUrl,
  width,
  height,
}: UploadedPicture): ThreadMessage['attachments'][number] => ({
  ...{ id, url, thumbnailUrl, width, height, fileType: 'image', state: 'STORED' },
  ...{ mimeType: 'image/jpeg', externalUrl: null, failure: null },
})

/** A text with pictures becomes several messages: the text first, if there is one. */
function partsOf({ content, pictures = [], quoted }: Outgoing): Part[] {
  const inReplyTo = quoted ?? null
  const text: Part[] = content ? [{ content, contentType: 'text', attachments: [], inReplyTo }] : []
  return [
    ...text,
    ...pictures.map((picture) => ({
      content: null,
      contentType: 'image',
      attachments: [pictureOf(picture)],
      inReplyTo: null,
    })),
  ]
}

const partId = ({ clientMessageId }: Outgoing, place: number) =>
  place ? `${clientMessageId}#${place}` : clientMessageId

/** The ids that the server gives its messages. */
export const partIds = (outgoing: Outgoing): string[] => partsOf(outgoing).map((_, place) => partId(outgoing, place))

/** The bubbles of what is not acknowledged. */
export function localMessages(outgoing: Outgoing, local: 'sending' | 'unsent'): ThreadMessage[] {
  const { me } = useSession()
  return partsOf(outgoing).map((part, place) => ({
    ...part,
    id: localId(partId(outgoing, place)),
    conversationId: outgoing.conversationId,
    type: 'OUTGOING',
    status: outgoing.private ? null : 'QUEUED',
    private: outgoing.private,
    source: 'AGENT',
    clientMessageId: partId(outgoing, place),
    details: null,
    createdAt: outgoing.createdAt,
    sender: me ? { id: me.id, name: me.name } : null,
    failure: null,
    reactions: [],
    local,
  }))
}
