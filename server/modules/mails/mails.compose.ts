import type { Deps } from '../../deps.ts'
import {
  unsafeCreateMailToken,
  unsafeFindAccountName,
  unsafeFindInvitationToSend,
  unsafeFindRecipient,
  unsafeIsConnectedSince,
  unsafeRenewInvitationToken,
  type MailKind,
  type MailRow,
  type Recipient,
} from './mails.queries.ts'
import { mailDate, mailText, type MailFacts, type MailText } from './mails.texts.ts'
import type { Mail } from './mails.transport.ts'

const HOUR_MS = 3_600_000

const noFacts: MailFacts = { accountName: '', inviterName: '', inboxName: '', endsOn: '' }

/**
 * Writes a mail, with its link and the link's token made on the spot. Undefined when it has become pointless: the
 * recipient is gone or verified by now, the invitation was accepted, revoked or replaced, the inbox connected again.
 */
export async function composeMail(deps: Deps, mail: MailRow): Promise<Mail | undefined> {
  if (mail.kind === 'invitation') return composeInvitation(deps, mail)
  const recipient = mail.userId ? await unsafeFindRecipient(deps.system, mail.userId) : undefined
  if (!mail.userId || !recipient) return undefined
  const kind = mail.kind as Exclude<MailKind, 'invitation'>
  if (kind === 'verify_email' && recipient.emailVerifiedAt) return undefined
  if (kind === 'consent_ending' && !(await isStillEnding(deps, mail))) return undefined
  const accountName = mail.accountId ? await unsafeFindAccountName(deps.system, mail.accountId) : undefined
  const { inboxName = '', endsAt } = mail.data
  const endsOn = endsAt ? mailDate(endsAt, recipient.locale) : ''
  const facts = { ...noFacts, accountName: accountName ?? '', inboxName, endsOn }
  const link = `${deps.config.publicUrl}${await pathOf(deps, kind, mail.userId, mail)}`
  return render(recipient, mailText(kind, recipient.locale, facts), link)
}

async function isStillEnding({ system, clock }: Deps, { accountId, data }: MailRow): Promise<boolean> {
  const { inboxId, connectedAt, endsAt } = data
  if (!accountId || !inboxId || !connectedAt || !endsAt || new Date(endsAt) <= clock.now()) return false
  return unsafeIsConnectedSince(system, accountId, inboxId, new Date(connectedAt))
}

async function pathOf(
  deps: Deps,
  kind: Exclude<MailKind, 'invitation'>,
  userId: string,
  mail: MailRow,
): Promise<string> {
  const after = (ms: number) => new Date(deps.clock.now().getTime() + ms)
  switch (kind) {
    case 'verify_email': {
      const token = { purpose: 'email_verification', userId, expiresAt: after(7 * 24 * HOUR_MS) } as const
      return `/verify-email?token=${await unsafeCreateMailToken(deps.system, token)}`
    }
    case 'password_reset': {
      const token = { purpose: 'password_reset', userId, expiresAt: after(HOUR_MS) } as const
      return `/reset-password?token=${await unsafeCreateMailToken(deps.system, token)}`
    }
    case 'sign_up_attempt':
      return '/log-in'
    case 'reauthorization':
    case 'consent_ending':
      return `/a/${mail.accountId}/settings/inboxes/${mail.data.inboxId}`
  }
}

async function composeInvitation(deps: Deps, mail: MailRow): Promise<Mail | undefined> {
  const { accountId } = mail
  const { invitationId } = mail.data
  if (!accountId || !invitationId) return undefined
  const invitation = await unsafeFindInvitationToSend(deps.system, accountId, invitationId, deps.clock.now())
  if (!invitation) return undefined
  const token = await unsafeRenewInvitationToken(deps.system, accountId, invitationId)
  const text = mailText('invitation', invitation.locale, { ...noFacts, ...invitation })
  return render(invitation, text, `${deps.config.publicUrl}/invitation?token=${token}`)
}

function render(recipient: Pick<Recipient, 'email' | 'locale'>, text: MailText, link: string): Mail {
  const lang = recipient.locale === 'th' ? 'th' : 'en'
  const paragraphs = text.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')
  return {
    to: recipient.email,
    subject: text.subject,
    text: [...text.paragraphs, `${text.action}: ${link}`, 'Parley'].join('\n\n') + '\n',
    html: `<!doctype html>
<html lang="${lang}">
<head><meta charset="utf-8"><title>${escapeHtml(text.subject)}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 34em; margin: 2em auto; padding: 0 1em">
${paragraphs}
<p><a href="${escapeHtml(link)}">${escapeHtml(text.action)}</a></p>
<p>Parley</p>
</body>
</html>
`,
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (character) => entities[character] ?? character)
