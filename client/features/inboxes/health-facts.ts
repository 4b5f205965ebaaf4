import type { InboxHealthQuery, WebhookState } from '../../api/generated.ts'
import { hasText, t } from '../../locales/i18n.ts'
import type { Fact } from '../../ui/UiFacts.vue'
import { formatAge, formatDate, formatLeft } from '../../kit/format.ts'

type Health = NonNullable<InboxHealthQuery['inbox']['health']>

const DAY = 86_400_000

const webhookTones: Record<WebhookState, Fact['tone']> = {
  REGISTERED: 'ok',
  OTHER_URL: 'bad',
  UNREGISTERED: 'bad',
  REMOVED: 'bad',
  LOCAL_URL: 'bad',
  FAILED: 'warn',
  BY_HAND: 'plain',
  NO_KEY: 'warn',
  KEY_MISSING: 'bad',
  UNKNOWN: 'plain',
}

/** Where the provider delivers to, and when somebody looked. */
export function webhookFact(state: WebhookState, checkedAt: string | null, channel: string, now: number): Fact {
  const checked = checkedAt ? t('health.checked', { time: formatAge(checkedAt, now) }) : ''
  const text = [t(`health.webhook_${state}`, { channel }), checked].filter(Boolean).join(' · ')
  return { label: t('health.webhook'), text, tone: webhookTones[state] }
}

type Counted = 'rejected' | 'waiting' | 'dead' | 'queued' | 'sent' | 'unnamed' | 'usedUp'

export function countFact(what: Counted, count: number, tone: Fact['tone'], channel = ''): Fact {
  const text = count ? t(`health.${what}Some`, { channel }, count) : t('health.none')
  return { label: t(`health.${what}`), text, tone: count ? tone : 'ok' }
}

function consentFact(consentExpiresAt: string | null, now: number): Fact {
  const label = t('health.consent')
  if (!consentExpiresAt) return { label, text: t('health.unknownTime'), tone: 'plain' }
  const left = Date.parse(consentExpiresAt) - now
  const tone = left < 3 * DAY ? 'bad' : left <= 30 * DAY ? 'warn' : 'ok'
  return { label, text: t('health.consentUntil', { date: formatDate(consentExpiresAt) }), tone }
}

function accessFact(accessExpiresAt: string, now: number): Fact {
  const text = t('health.accessUntil', { date: formatDate(accessExpiresAt) })
  return { label: t('health.access'), text, tone: Date.parse(accessExpiresAt) > now ? 'ok' : 'bad' }
}

/** In a day; at an address of the inbox's own since one came that none of its keys signed. */
function rejectedFact({ rejectedSignatures, refusedSince, refusedAt }: Health, channel: string, now: number): Fact[] {
  if (rejectedSignatures === null) return []
  if (!refusedSince || !refusedAt) return [countFact('rejected', rejectedSignatures, 'warn', channel)]
  const times = { since: formatDate(refusedSince), last: formatAge(refusedAt, now) }
  const text = t('health.refusedSome', { channel, ...times }, rejectedSignatures)
  return [{ label: t('health.rejected'), text, tone: 'bad' }]
}

/** Whoever rests is looked at every half hour, so that nobody waits longer while all is well. */
const WAITS_TOO_LONG_S = 3_600

/** How a provider is read that has to be asked. */
function pollingFact(polling: NonNullable<Health['polling']>, channel: string, now: number): Fact {
  const label = t('health.polling')
  const { failureCode, byWebhook, contacts, active, oldestSeconds, listedAt } = polling
  if (failureCode) {
    const why = `connectError.${failureCode}`
    const text = [t('health.pollingFailed', { channel }), hasText(why) ? t(why) : ''].filter(Boolean).join(' ')
    return { label, text, tone: 'bad' }
  }
  const people = contacts ? t('health.pollingPeople', { active }, contacts) : t('health.pollingNobody')
  const oldest = oldestSeconds === null ? '' : t('health.pollingOldest', { time: formatLeft(oldestSeconds * 1_000) })
  const listed = listedAt ? t('health.checked', { time: formatAge(listedAt, now) }) : ''
  const text = [
    byWebhook ? t('health.pollingSecures', { channel }) : '',
    [people, oldest, listed].filter(Boolean).join(' · '),
  ]
  const waits = oldestSeconds !== null && oldestSeconds > WAITS_TOO_LONG_S
  return { label, text: text.filter(Boolean).join(' '), tone: waits ? 'warn' : 'ok' }
}

/** Everything that an administrator may want to know of an inbox, in words. */
export function healthFacts(health: Health, channel: string, now: number): Fact[] {
  const { lastEventAt, accessExpiresAt, polling } = health
  return [
    polling && health.webhookState === 'NO_KEY'
      ? { label: t('health.webhook'), text: t('health.webhook_NO_KEY_polling', { channel }), tone: 'plain' }
      : webhookFact(health.webhookState, health.webhookCheckedAt, channel, now),
    ...(polling ? [pollingFact(polling, channel, now)] : []),
    lastEventAt
      ? { label: t('health.incoming'), text: formatAge(lastEventAt, now), tone: 'ok' }
      : { label: t('health.incoming'), text: t('health.never'), tone: 'plain' },
    ...rejectedFact(health, channel, now),
    countFact('waiting', health.waitingEvents, 'plain'),
    countFact('dead', health.deadEvents, 'bad'),
    countFact('queued', health.queuedMessages, 'plain'),
    ...(health.unnamedMessages ? [countFact('unnamed', health.unnamedMessages, 'warn', channel)] : []),
    ...(health.usedUpThreads === null ? [] : [countFact('usedUp', health.usedUpThreads, 'warn')]),
    ...(accessExpiresAt
      ? [accessFact(accessExpiresAt, now), consentFact(health.consentExpiresAt, now)]
      : [{ label: t('health.access'), text: t('health.accessEndless'), tone: 'ok' } as const]),
  ]
}
