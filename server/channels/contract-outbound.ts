/** What a channel is given to say, and what it answers: our words in one shape. */

export interface OutboundMessage {
  /** The business that writes. */
  accountRef: string
  threadRef: string
  content: OutboundContent
}

export type OutboundContent =
  | {
      type: 'text'
      text: string
      /** External id of the quoted message. */
      quotes?: string
    }
  /** `ref`: what `media.upload` answered, or the picture's address, by `manifest.images`. */
  | { type: 'image'; ref: string }
  /** One of the business's own posts. */
  | { type: 'share_post'; postRef: string }
  /** A question whose answers are buttons. */
  | { type: 'card'; title: string; buttons: readonly { id: string; title: string }[]; asLinks: boolean }

/** A thread of a business at the provider. */
export interface ThreadPlaceRef {
  accountRef: string
  threadRef: string
}

export interface OutboundImage {
  bytes: Buffer
  /** One of `manifest.images.types`. */
  mime: string
  fileName: string
}

export interface UploadReceipt {
  ref: string
  expiresAt: Date
}

export interface MediaPlace {
  url: string
  /** Sent to the host of `url` alone, not on to where it redirects. */
  headers: Readonly<Record<string, string>>
}

export interface SendReceipt {
  externalId: string
}
