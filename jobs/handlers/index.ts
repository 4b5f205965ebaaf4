import type { Deps } from '../../server/deps.ts'
import { fetchMedia } from '../../server/modules/attachments/attachments.jobs.ts'
import { readHistory } from '../../server/modules/history/history.jobs.ts'
import { renewCredentials } from '../../server/modules/inboxes/inboxes.jobs.ts'
import { checkRegistration, ingestThread, resolveUnnamed } from '../../server/modules/intake/intake.jobs.ts'
import { sendMail } from '../../server/modules/mails/mails.jobs.ts'
import {
  drainThread,
  mergeMatched,
  settleThread,
  signalRead,
  signalTyping,
  syncContact,
} from '../../server/modules/messages/messages.jobs.ts'
import { pollInbox } from '../../server/modules/polling/polling.jobs.ts'
import type { JobDefinition } from '../../server/queue/job.ts'
import type { HandlerResult, Later } from '../worker.ts'
import { handleCheckRegistration } from './check-registration.ts'
import { handleDrainThread } from './drain-thread.ts'
import { handleFetchMedia } from './fetch-media.ts'
import { handleIngestThread } from './ingest-thread.ts'
import { handleMergeMatched } from './merge-matched.ts'
import { handlePollInbox } from './poll-inbox.ts'
import { handleReadHistory } from './read-history.ts'
import { handleRenewCredentials } from './renew-credentials.ts'
import { handleResolveUnnamed } from './resolve-unnamed.ts'
import { sendMail as handleSendMail } from './send-mail.ts'
import { handleSettleThread } from './settle-thread.ts'
import { handleSignalRead } from './signal-read.ts'
import { handleSignalTyping } from './signal-typing.ts'
import { handleSyncContact } from './sync-contact.ts'

/** `isClosing`: the process is about to end, so what would take long is handed back. */
type Handler<Payload> = (
  deps: Deps,
  payload: Payload,
  isClosing: () => boolean,
) => Promise<HandlerResult | Later<Payload>>

/** A definition and its handler, with the payload checked once more as it comes out of Redis. */
function handle<Payload>(job: JobDefinition<Payload>, handler: Handler<Payload>) {
  return {
    job,
    run: async (deps: Deps, data: unknown, isClosing: () => boolean): Promise<Later | undefined> => {
      const answer = await handler(deps, job.payload.parse(data), isClosing)
      return typeof answer === 'number' ? { waitMs: answer } : answer
    },
    again: (deps: Deps, data: unknown, delayMs: number) =>
      deps.producer.hint(job, job.payload.parse(data), { delayMs }),
  }
}

export const handlers = [
  handle(ingestThread, handleIngestThread),
  handle(drainThread, handleDrainThread),
  handle(mergeMatched, handleMergeMatched),
  handle(settleThread, handleSettleThread),
  handle(syncContact, handleSyncContact),
  handle(signalTyping, handleSignalTyping),
  handle(signalRead, handleSignalRead),
  handle(resolveUnnamed, handleResolveUnnamed),
  handle(readHistory, handleReadHistory),
  handle(pollInbox, handlePollInbox),
  handle(fetchMedia, handleFetchMedia),
  handle(renewCredentials, handleRenewCredentials),
  handle(sendMail, handleSendMail),
  handle(checkRegistration, handleCheckRegistration),
]
