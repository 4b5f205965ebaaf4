import type { MailKind } from './mails.queries.ts'

export type MailLocale = 'en' | 'th'

/** What a mail says; `action` labels its one link. */
export interface MailText {
  subject: string
  paragraphs: string[]
  action: string
}

/** The facts of all kinds; each uses its own. */
export interface MailFacts {
  accountName: string
  inviterName: string
  inboxName: string
  /** The day as the reader writes it. */
  endsOn: string
}

type Texts = Record<MailKind, (facts: MailFacts) => MailText>

const english: Texts = {
  verify_email: () => ({
    subject: 'Confirm your e-mail address',
    paragraphs: [
      'Welcome to Parley. Please confirm that this is your address.',
      'If you did not sign up, do not use the link.',
    ],
    action: 'Confirm address',
  }),
  password_reset: () => ({
    subject: 'Choose a new password',
    paragraphs: [
      'Somebody asked for a new password for your Parley login. The link works once, for one hour.',
      'If it was not you, ignore this mail: your password stays as it is.',
    ],
    action: 'Choose a new password',
  }),
  sign_up_attempt: () => ({
    subject: 'Somebody tried to sign up with your address',
    paragraphs: [
      'Somebody tried to sign up for Parley with your e-mail address, but you already have a login.',
      'If it was you, log in with your password, or choose a new one. If not, nothing has changed.',
    ],
    action: 'Log in',
  }),
  invitation: ({ inviterName, accountName }) => ({
    subject: `${inviterName} invites you to ${accountName}`,
    paragraphs: [`${inviterName} invites you to the inbox of ${accountName} on Parley. The link works for seven days.`],
    action: 'Accept invitation',
  }),
  reauthorization: ({ inboxName, accountName }) => ({
    subject: `${inboxName} needs to be connected again`,
    paragraphs: [
      `The connection of ${inboxName} (${accountName}) has ended, so replies cannot be sent.`,
      'What customers write meanwhile is not lost. Please connect the inbox again.',
    ],
    action: 'Open Parley',
  }),
  consent_ending: ({ inboxName, accountName, endsOn }) => ({
    subject: `${inboxName}: the permission ends on ${endsOn}`,
    paragraphs: [
      `What was allowed when ${inboxName} (${accountName}) was connected ends on ${endsOn}. After that, replies cannot be sent.`,
      'Connect the inbox again before then: it takes a minute, and name, settings and conversations stay as they are.',
    ],
    action: 'Connect again',
  }),
}

const thai: Texts = {
  verify_email: () => ({
    subject: 'ยืนยันที่อยู่อีเมลของคุณ',
    paragraphs: ['ยินดีต้อนรับสู่ Parley โปรดยืนยันว่านี่คือที่อยู่อีเมลของคุณ', 'หากคุณไม่ได้เป็นผู้สมัคร โปรดอย่าใช้ลิงก์นี้'],
    action: 'ยืนยันอีเมล',
  }),
  password_reset: () => ({
    subject: 'ตั้งรหัสผ่านใหม่',
    paragraphs: [
      'มีผู้ขอตั้งรหัสผ่านใหม่สำหรับบัญชี Parley ของคุณ ลิงก์นี้ใช้ได้ครั้งเดียวภายในหนึ่งชั่วโมง',
      'หากไม่ใช่คุณ โปรดละเว้นอีเมลฉบับนี้ รหัสผ่านของคุณจะยังคงเดิม',
    ],
    action: 'ตั้งรหัสผ่านใหม่',
  }),
  sign_up_attempt: () => ({
    subject: 'มีผู้พยายามสมัครด้วยอีเมลของคุณ',
    paragraphs: [
      'มีผู้พยายามสมัครใช้ Parley ด้วยที่อยู่อีเมลของคุณ แต่คุณมีบัญชีอยู่แล้ว',
      'หากเป็นคุณ โปรดเข้าสู่ระบบด้วยรหัสผ่านของคุณหรือตั้งรหัสผ่านใหม่ หากไม่ใช่ ไม่มีสิ่งใดเปลี่ยนแปลง',
    ],
    action: 'เข้าสู่ระบบ',
  }),
  invitation: ({ inviterName, accountName }) => ({
    subject: `${inviterName} เชิญคุณเข้าร่วม ${accountName}`,
    paragraphs: [`${inviterName} เชิญคุณเข้าร่วมกล่องข้อความของ ${accountName} บน Parley ลิงก์นี้ใช้ได้เจ็ดวัน`],
    action: 'รับคำเชิญ',
  }),
  reauthorization: ({ inboxName, accountName }) => ({
    subject: `ต้องเชื่อมต่อ ${inboxName} อีกครั้ง`,
    paragraphs: [
      `การเชื่อมต่อของ ${inboxName} (${accountName}) สิ้นสุดลงแล้ว จึงยังส่งข้อความตอบกลับไม่ได้`,
      'ข้อความที่ลูกค้าเขียนในระหว่างนี้จะไม่หายไป โปรดเชื่อมต่อกล่องข้อความอีกครั้ง',
    ],
    action: 'เปิด Parley',
  }),
  consent_ending: ({ inboxName, accountName, endsOn }) => ({
    subject: `${inboxName}: สิทธิ์จะหมดอายุวันที่ ${endsOn}`,
    paragraphs: [
      `สิทธิ์ที่ให้ไว้เมื่อเชื่อมต่อ ${inboxName} (${accountName}) จะหมดอายุวันที่ ${endsOn} หลังจากนั้นจะส่งข้อความตอบกลับไม่ได้`,
      'โปรดเชื่อมต่อกล่องข้อความอีกครั้งก่อนถึงวันนั้น ใช้เวลาเพียงหนึ่งนาที ชื่อ การตั้งค่า และการสนทนายังคงเดิม',
    ],
    action: 'เชื่อมต่ออีกครั้ง',
  }),
}

const languages: Record<MailLocale, Texts> = { en: english, th: thai }

/** The text of a mail in a user's language; English for a language that there is no text for. */
export const mailText = (kind: MailKind, locale: string, facts: MailFacts): MailText =>
  (languages[locale as MailLocale] ?? english)[kind](facts)

/** 12 March 2026, or 12 มีนาคม 2569: the day in UTC, which is never later than the reader's own in Thailand. */
export const mailDate = (iso: string, locale: string): string =>
  new Date(iso).toLocaleDateString(locale === 'th' ? 'th-TH' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' })
