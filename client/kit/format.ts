import { currentLocale, t } from '../locales/i18n.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formatters = new Map<string, Intl.DateTimeFormat>()

function format(time: number, options: Intl.DateTimeFormatOptions): string {
  // Thai readers expect Western years beside English dates and the Buddhist era beside Thai ones: that is Intl's default.
  const locale = currentLocale() === 'th' ? 'th-TH' : 'en-GB'
  const key = locale + JSON.stringify(options)
  let formatter = formatters.get(key)
  if (!formatter) formatters.set(key, (formatter = new Intl.DateTimeFormat(locale, options)))
  return formatter.format(time)
}

export function dayStart(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}

/** 20:14 */
export function formatClock(iso: string): string {
  return format(Date.parse(iso), { hour: '2-digit', minute: '2-digit', hour12: false })
}

/** 12 March 2026 */
export function formatDate(iso: string): string {
  return format(Date.parse(iso), { day: 'numeric', month: 'long', year: 'numeric' })
}

/** Thursday 12 March 2026, 20:14 */
export function formatFull(iso: string): string {
  return `${format(Date.parse(iso), { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })}, ${formatClock(iso)}`
}

/** Today, Yesterday, else the date */
export function formatDay(iso: string, now: number): string {
  const days = Math.round((dayStart(now) - dayStart(Date.parse(iso))) / DAY)
  if (days === 0) return t('time.today')
  if (days === 1) return t('time.yesterday')
  const year = new Date(iso).getFullYear() === new Date(now).getFullYear() ? {} : ({ year: 'numeric' } as const)
  return format(Date.parse(iso), { weekday: 'short', day: 'numeric', month: 'long', ...year })
}

/** now, 4 m, 2 h, Fri, 12 Mar: as short as a list row needs */
export function formatAge(iso: string, now: number): string {
  const age = now - Date.parse(iso)
  if (age < MINUTE) return t('time.now')
  if (age < HOUR) return t('time.minutes', { n: Math.floor(age / MINUTE) })
  if (age < DAY) return t('time.hours', { n: Math.floor(age / HOUR) })
  if (age < 6 * DAY) return format(Date.parse(iso), { weekday: 'short' })
  if (age < 300 * DAY) return format(Date.parse(iso), { day: 'numeric', month: 'short' })
  return format(Date.parse(iso), { month: 'short', year: 'numeric' })
}

/** 47 h 59 m, 12 m, 40 s: downwards, so that what is left is never overstated */
export function formatLeft(ms: number): string {
  if (ms < MINUTE) return t('time.seconds', { n: Math.max(0, Math.floor(ms / 1000)) })
  const hours = Math.floor(ms / HOUR)
  const minutes = Math.floor((ms % HOUR) / MINUTE)
  if (!hours) return t('time.minutes', { n: minutes })
  return t('time.hoursMinutes', { hours, minutes })
}

/** 2 h, 40 m: for a badge */
export function formatRoughly(ms: number): string {
  return ms < HOUR ? t('time.minutes', { n: Math.floor(ms / MINUTE) }) : t('time.hours', { n: Math.floor(ms / HOUR) })
}

/** Tue, 12 Mar, 08:00 */
export function formatMoment(time: number): string {
  return format(time, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  })
}
