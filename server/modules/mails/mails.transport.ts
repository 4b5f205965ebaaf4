import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createTransport } from 'nodemailer'
import type { Config } from '../../config.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
}

export interface MailTransport {
  /** Resolves once the mail is handed over. `id` names it, `at` is its time. */
  send(mail: Mail, id: string, at: Date): Promise<void>
}

type MailConfig = Pick<Config, 'smtpUrl' | 'publicUrl' | 'dataDir'>

const transports = new WeakMap<MailConfig, MailTransport>()

/** SMTP where SMTP_URL is set; otherwise one JSON file per mail in DATA_DIR/mail, named so that they sort by time. */
export function mailTransportOf(config: MailConfig): MailTransport {
  const known = transports.get(config)
  if (known) return known
  const transport = config.smtpUrl ? smtpTransport(config.smtpUrl, config.publicUrl) : fileTransport(config.dataDir)
  transports.set(config, transport)
  return transport
}

function smtpTransport(url: string, publicUrl: string): MailTransport {
  const smtp = createTransport(
    { url, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, disableFileAccess: true },
    { from: { name: 'Parley', address: `no-reply@${new URL(publicUrl).hostname}` } },
  )
  return {
    async send(mail, id) {
      await smtp.sendMail({ ...mail, messageId: `<${id}@${new URL(publicUrl).hostname}>`, disableUrlAccess: true })
    },
  }
}

function fileTransport(dataDir: string): MailTransport {
  const folder = path.join(dataDir, 'mail')
  return {
    async send({ to, subject, text, html }, id, at) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const name = `${at.toISOString().replaceAll(':', '-')}-${id}.json`
      const temporary = path.join(folder, `.${name}`)
      await writeFile(temporary, JSON.stringify({ to, subject, text, html, at: at.toISOString() }, null, 2), {
        mode: 0o600,
      })
      await rename(temporary, path.join(folder, name))
    },
  }
}
