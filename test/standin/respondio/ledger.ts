import type { Entries, Ledger } from '../ledger.ts'
import type { Operation } from './knobs.ts'
import type { SenderSource } from './types.ts'

interface SendFacts {
  spaceId: number
  contactId: number
  channelId: number
  messageId: number
  messageType: string
  body: Record<string, unknown>
}

interface CallFacts {
  operation: Operation
  spaceId?: number
  contactId?: number
  message: string
}

export type WebhookFate = 'queued' | 'dropped' | 'disabled'

interface WebhookFacts {
  subscriptionId: number
  spaceId: number
  eventId: string
  contactId: number
  messageId?: number
  fate: WebhookFate
}

interface ActionFacts {
  spaceId?: number
  contactId?: number
  messageId?: number
  source?: SenderSource
}

export interface RespondIoEntries {
  send: Entries['send'] & SendFacts
  call: Entries['call'] & CallFacts
  webhook: Entries['webhook'] & WebhookFacts
  action: Entries['action'] & ActionFacts
}

export type RespondIoLedger = Ledger<RespondIoEntries>
