export type Point =
  | { at: 'before' | 'after' | 'before commit of' | 'after commit of'; sql: RegExp }
  /** The request is on its way to the provider · its answer has come, and nobody has looked at it. */
  | { at: 'request' | 'answer'; of: string }

const API = 'POST /open_api/v1.3'
const SEND = `${API}/business/message/send/`
const UPLOAD = `${API}/business/message/media/upload/`
const REFRESH = `${API}/tt_user/oauth2/refresh_token/`

const STORE = /insert into webhook_events/
const INGEST = /insert into messages[\s\S]*unnest/
const QUEUE = /insert into "messages"/
const CLAIM = /update messages set status = 'sending'/
const RESULT = /update messages set status = case when [\s\S]* then status else 'sent' end/
const UPLOADED = /update attachments set upload_ref/
const FETCHED = /update attachments set state = 'stored'/
const CREDENTIALS = /update "inboxes" set [\s\S]*"credentials_version" = /

/** Where a process can be killed, by what it says to Postgres or to the provider at that moment. */
export const POINTS = {
  'after-webhook-verified': { at: 'before', sql: STORE },
  'after-event-stored': { at: 'after', sql: STORE },
  'during-ingest': { at: 'before commit of', sql: INGEST },
  'after-ingest-commit': { at: 'after commit of', sql: INGEST },
  'before-queue-commit': { at: 'before commit of', sql: QUEUE },
  'after-queue-commit': { at: 'after commit of', sql: QUEUE },
  'before-claim-commit': { at: 'before commit of', sql: CLAIM },
  'after-claim-commit': { at: 'after commit of', sql: CLAIM },
  'during-send': { at: 'request', of: SEND },
  'after-send': { at: 'answer', of: SEND },
  'before-result-commit': { at: 'before commit of', sql: RESULT },
  'after-result-commit': { at: 'after commit of', sql: RESULT },
  'after-upload': { at: 'answer', of: UPLOAD },
  'after-upload-commit': { at: 'after commit of', sql: UPLOADED },
  'before-fetch-commit': { at: 'before commit of', sql: FETCHED },
  'after-refresh': { at: 'answer', of: REFRESH },
  'before-credentials-commit': { at: 'before commit of', sql: CREDENTIALS },
  'during-stamp': { at: 'before', sql: /feed_stamp\(\)/ },
} as const satisfies Record<string, Point>

export type PointName = keyof typeof POINTS
