import type { Entries, Ledger } from '../ledger.ts'
import type { Operation } from './knobs.ts'
import type { MessageSource } from './types.ts'

interface SendFacts {
  businessId: string
  /** Empty for SENDER_ACTION. */
  messageId: string
  messageType: string
  body: Record<string, unknown>
}

interface CallFacts {
  operation: Operation
  requestId: string
  /** null when a fault kept the envelope back. */
  code: number | null
  message: string
  businessId?: string
  conversationId?: string
}

export type WebhookFate = 'queued' | 'dropped' | 'not_subscribed' | 'no_grant'

interface WebhookFacts {
  businessId: string
  conversationId?: string
  messageId?: string
  fate: WebhookFate
}

interface ActionFacts {
  businessId?: string
  personId?: string
  conversationId?: string
  messageId?: string
  source?: MessageSource
}

export interface TikTokEntries {
  send: Entries['send'] & SendFacts
  call: Entries['call'] & CallFacts
  webhook: Entries['webhook'] & WebhookFacts
  action: Entries['action'] & ActionFacts
}

export type TikTokLedger = Ledger<TikTokEntries>
