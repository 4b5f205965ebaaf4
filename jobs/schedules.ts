import type { Scope } from '../server/db/scope.ts'
import type { Deps } from '../server/deps.ts'
import { fetchMedia } from '../server/modules/attachments/attachments.jobs.ts'
import { unsafeListAbandonedUploads, unsafeListDueMedia } from '../server/modules/attachments/attachments.queries.ts'
import { discardUpload } from '../server/modules/attachments/attachments.service.ts'
import { unsafeListUnsyncedContacts } from '../server/modules/contacts/contact-sweep.queries.ts'
import { unsafeListDueSnoozes, wakeConversation } from '../server/modules/conversations/conversations.service.ts'
import { followGrant, unsafeListOddGrants } from '../server/modules/inboxes/changed-grants.ts'
import { unsafeListConsentsToWarn, warnOfConsentEnd } from '../server/modules/inboxes/consent.ts'
import { readHistory } from '../server/modules/history/history.jobs.ts'
import { unsafeListDueRuns, unsafeListGaps } from '../server/modules/history/history.queries.ts'
import { repairGap } from '../server/modules/history/history.service.ts'
import { renewCredentials } from '../server/modules/inboxes/inboxes.jobs.ts'
import { unsafeListInboxesToRenew, unsafePruneStates } from '../server/modules/inboxes/inboxes.queries.ts'
import { dropExpiredConnection, unsafeListExpiredConnections } from '../server/modules/inboxes/pending-connections.ts'
import { endSwap } from '../server/modules/inboxes/swap.ts'
import { unsafeListSwapsToEnd } from '../server/modules/inboxes/swap.queries.ts'
import { checkRegistration, ingestThread } from '../server/modules/intake/intake.jobs.ts'
import { unsafeListStaleThreadKeys } from '../server/modules/intake/intake.queries.ts'
import { listRegistrationsDue } from '../server/modules/intake/registration.ts'
import { unsafePruneEvents } from '../server/modules/intake/retention.ts'
import { rearmWaiting } from '../server/modules/intake/waiting.ts'
import { sendMail } from '../server/modules/mails/mails.jobs.ts'
import { unsafeListUnsentMails } from '../server/modules/mails/mails.queries.ts'
import {
  expireMessage,
  unsafeListOverdueMessages,
  unsafeListStaleThreads,
  unsafeListUnconfirmedThreads,
} from '../server/modules/messages/expiry.ts'
import { drainThread, mergeMatched, settleThread, syncContact } from '../server/modules/messages/messages.jobs.ts'
import { unsafeListCertain } from '../server/modules/messages/swap-matches.ts'
import { pollInbox } from '../server/modules/polling/polling.jobs.ts'
import { unsafeListDuePolls } from '../server/modules/polling/polling.queries.ts'
import { unsafePruneIdentity } from '../server/modules/users/retention.ts'
import { pruneAccountEvents } from '../server/realtime/retention.ts'

interface Schedule {
  name: string
  everyMs: number
  /** Takes its time: goes by a lock of its own, so that nothing with a deadline waits for it. */
  slow?: true
  run: (deps: Deps, now: Date) => Promise<void>
}

const LIMIT = 500
/** Of what is worked on in the round itself, and not only told to the queue. */
const FEW = 50

/** Everything that must happen by the clock. What it finds stands in rows; the queue is only told again. */
export const schedules: readonly Schedule[] = [
  { name: 'deadlines', everyMs: 2_000, run: expireOverdueMessages },
  { name: 'stale-work', everyMs: 5_000, run: hintStaleWork },
  { name: 'snoozes', everyMs: 5_000, run: wakeSnoozed },
  { name: 'history', everyMs: 5_000, run: sweepHistory },
  { name: 'polls', everyMs: 5_000, run: hintPolls },
  { name: 'renewals', everyMs: 15_000, run: hintRenewals },
  { name: 'waiting-events', everyMs: 30_000, run: rearmWaiting },
  { name: 'profiles', everyMs: 60_000, run: hintProfiles },
  { name: 'grants', everyMs: 60_000, run: followGrants },
  { name: 'consents', everyMs: 60_000, run: warnOfConsents },
  { name: 'registrations', everyMs: 15_000, run: hintRegistrations },
  { name: 'pending-connections', everyMs: 30_000, run: dropExpiredConnections, slow: true },
  { name: 'media', everyMs: 5_000, run: hintMedia },
  { name: 'swaps', everyMs: 60_000, run: endSwaps, slow: true },
  { name: 'abandoned-uploads', everyMs: 10 * 60_000, run: discardUploads, slow: true },
  { name: 'retention', everyMs: 10 * 60_000, run: prune, slow: true },
]

async function expireOverdueMessages(deps: Deps, now: Date): Promise<void> {
  await eachRow(deps, await unsafeListOverdueMessages(deps.system, now, LIMIT), expireMessage)
}

/** One that fails must not keep the others from their time. */
async function eachRow(
  deps: Deps,
  rows: readonly { accountId: string; id: string }[],
  work: (scope: Scope, id: string) => Promise<void>,
): Promise<void> {
  for (const { accountId, id } of rows) {
    try {
      await work(deps.scopes.system(accountId), id)
    } catch (error) {
      deps.log.warn({ err: error, accountId, id, task: work.name }, 'a scheduled task failed for one row')
    }
  }
}

async function hintStaleWork(deps: Deps, now: Date): Promise<void> {
  for (const thread of await unsafeListStaleThreadKeys(deps.system, now, LIMIT))
    deps.producer.hint(ingestThread, thread)
  for (const thread of await unsafeListStaleThreads(deps.system, now, LIMIT)) deps.producer.hint(drainThread, thread)
  for (const thread of await unsafeListUnconfirmedThreads(deps.system, now, LIMIT)) {
    deps.producer.hint(settleThread, thread)
  }
  for (const thread of await unsafeListCertain(deps.system, now, LIMIT)) deps.producer.hint(mergeMatched, thread)
  for (const mailId of await unsafeListUnsentMails(deps.system, now, LIMIT)) deps.producer.hint(sendMail, { mailId })
}

async function wakeSnoozed(deps: Deps, now: Date): Promise<void> {
  await eachRow(deps, await unsafeListDueSnoozes(deps.system, now, LIMIT), wakeConversation)
}

async function hintProfiles(deps: Deps, now: Date): Promise<void> {
  for (const thread of await unsafeListUnsyncedContacts(deps.system, now, LIMIT))
    deps.producer.hint(syncContact, thread)
}

async function sweepHistory(deps: Deps, now: Date): Promise<void> {
  const gaps = (await unsafeListGaps(deps.system, now, FEW)).map(({ accountId, inboxId: id }) => ({ accountId, id }))
  await eachRow(deps, gaps, (scope, id) => scope.tx((tx) => repairGap(tx, deps.channels, id)))
  for (const run of await unsafeListDueRuns(deps.system, now, LIMIT)) deps.producer.hint(readHistory, run)
}

async function hintPolls(deps: Deps, now: Date): Promise<void> {
  for (const poll of await unsafeListDuePolls(deps.system, now, LIMIT)) deps.producer.hint(pollInbox, poll)
}

async function hintMedia(deps: Deps, now: Date): Promise<void> {
  for (const medium of await unsafeListDueMedia(deps.system, now, LIMIT)) deps.producer.hint(fetchMedia, medium)
}

async function discardUploads(deps: Deps, now: Date): Promise<void> {
  const discard = (scope: Scope, id: string) => discardUpload(deps, scope, id)
  await eachRow(deps, await unsafeListAbandonedUploads(deps.system, now, LIMIT), discard)
}

async function hintRenewals(deps: Deps, now: Date): Promise<void> {
  for (const inbox of await unsafeListInboxesToRenew(deps.system, now, LIMIT))
    deps.producer.hint(renewCredentials, inbox)
}

async function warnOfConsents(deps: Deps, now: Date): Promise<void> {
  await eachRow(deps, await unsafeListConsentsToWarn(deps.system, now, FEW), warnOfConsentEnd)
}

async function dropExpiredConnections(deps: Deps, now: Date): Promise<void> {
  const expired = await unsafeListExpiredConnections(deps.system, now, FEW)
  await eachRow(deps, expired, (scope, id) => dropExpiredConnection(deps, scope, id))
}

async function endSwaps(deps: Deps, now: Date): Promise<void> {
  const over = await unsafeListSwapsToEnd(deps.system, now, FEW)
  await eachRow(deps, over, (scope, id) => endSwap(deps, scope, id))
}

async function followGrants(deps: Deps): Promise<void> {
  const odd = await unsafeListOddGrants(deps.system, deps.channels, FEW)
  await eachRow(deps, odd, (scope, id) => scope.tx((tx) => followGrant(tx, deps.channels, id)))
}

async function hintRegistrations(deps: Deps, now: Date): Promise<void> {
  for (const channelType of await listRegistrationsDue(deps, now))
    deps.producer.hint(checkRegistration, { channelType })
}

async function prune(deps: Deps, now: Date): Promise<void> {
  await pruneAccountEvents(deps.system, 7)
  await unsafePruneEvents(deps.system, now)
  await unsafePruneIdentity(deps.system, now, 10_000)
  await unsafePruneStates(deps.system, now)
}

const TICK_MS = 1_000

/**
 * A timer of this process; an advisory lock in Postgres lets one process at a time do a round. It depends on no memory of
 * Redis: after a FLUSHALL the next round puts everything back.
 */
export function startSchedules(deps: Deps): { close: () => Promise<void> } {
  const due = new Map(schedules.map((schedule) => [schedule.name, 0]))
  const lanes: Lane[] = [
    { lock: 3, of: schedules.filter(({ slow }) => !slow), round: undefined },
    { lock: 4, of: schedules.filter(({ slow }) => slow), round: undefined },
  ]
  let stopping = false
  const timer = setInterval(() => {
    for (const lane of lanes)
      lane.round ??= runDue(deps, lane, due, () => stopping).finally(() => (lane.round = undefined))
  }, TICK_MS)
  return {
    close: async () => {
      stopping = true
      clearInterval(timer)
      await Promise.all(lanes.flatMap(({ round }) => round ?? []))
    },
  }
}

/** Schedules that follow each other under one advisory lock. */
interface Lane {
  readonly lock: number
  readonly of: readonly Schedule[]
  round: Promise<void> | undefined
}

/** One after the other on one lock, so that a round holds one connection however many schedules there are. */
async function runDue(deps: Deps, lane: Lane, due: Map<string, number>, isClosing: () => boolean): Promise<void> {
  const wanted = lane.of.filter((schedule) => (due.get(schedule.name) ?? 0) <= Date.now())
  if (!wanted.length) return
  try {
    await deps.system.sql.begin(async (sql) => {
      const [row] = await sql<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(4711, ${lane.lock}) as mine`
      if (!row?.mine) return
      for (const schedule of wanted) {
        if (isClosing()) return
        due.set(schedule.name, Date.now() + schedule.everyMs)
        await runOne(deps, schedule)
      }
    })
  } catch (error) {
    deps.log.warn({ err: error }, 'a round of schedules failed; the next one follows')
  }
}

async function runOne(deps: Deps, schedule: Schedule): Promise<void> {
  try {
    await schedule.run(deps, deps.clock.now())
  } catch (error) {
    deps.log.warn({ err: error, schedule: schedule.name }, 'a scheduled task failed; its next turn follows')
  }
}
