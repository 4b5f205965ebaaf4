import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from './until.ts'

export interface SentMail {
  to: string
  subject: string
  text: string
}

/** Every mail that was written so far, oldest first. */
export async function listMails(dataDir: string): Promise<SentMail[]> {
  const folder = path.join(dataDir, 'mail')
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.endsWith('.json')).sort()
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as SentMail))
}

/** The newest mail to an address, once there is one. */
export const readMail = (dataDir: string, to: string, subject = /./): Promise<SentMail> =>
  until(
    async () => (await listMails(dataDir)).findLast((mail) => mail.to.includes(to) && subject.test(mail.subject)),
    `a mail to ${to} arrives`,
  )
