import { hasText, t } from '../../locales/i18n.ts'

/** The steps of a guide in order; none of one that the server has learned after us. */
export function guideSteps(guide: string | null, channel: string): string[] {
  const steps: string[] = []
  for (;;) {
    const key = `guides.${guide}_${steps.length + 1}`
    if (!hasText(key)) return steps
    steps.push(t(key, { channel }))
  }
}

/** What a guide says of something else; undefined when it says nothing. */
export function guideText(guide: string | null, what: 'text' | 'none', channel: string): string | undefined {
  const key = `guides.${guide}_${what}`
  return hasText(key) ? t(key, { channel }) : undefined
}
