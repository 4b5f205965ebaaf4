import { readFile, readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { html, Html } from '../standin/html.ts'

interface KeptMail {
  to: string
  subject: string
  text: string
  at: string
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
const SHOWN = 200

/** A page that lists the mails which the server wrote to `folder`, newest first. */
export async function startMailsPage(options: {
  folder: string
  port: number
  host: string
}): Promise<{ close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }
    readMails(options.folder).then(
      (mails) => response.writeHead(200, headers).end(page(mails)),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The newest mails first; what cannot be read is left out. */
export async function readMails(folder: string): Promise<KeptMail[]> {
  const names = await readdir(folder).catch(() => [])
  const newest = names
    .filter((name) => /^[^.].*\.json$/.test(name))
    .sort()
    .reverse()
    .slice(0, SHOWN)
  const mails = await Promise.all(newest.map((name) => readMail(path.join(folder, name))))
  return mails.filter((mail) => mail !== undefined)
}

async function readMail(file: string): Promise<KeptMail | undefined> {
  try {
    const { to, subject, text, at } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    return { to: String(to), subject: String(subject), text: String(text), at: String(at) }
  } catch {
    return undefined
  }
}

/** The text with its addresses as links. */
function withLinks(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 ? html`<a href="${part}" rel="noreferrer">${part}</a>` : html`${part}`))
}

const listed = (mail: KeptMail) =>
  html`<article>
    <h2>${mail.subject}</h2>
    <p class="quiet">
      To ${mail.to} · <time datetime="${mail.at}">${mail.at.slice(0, 19).replace('T', ' ')} UTC</time>
    </p>
    <pre>${withLinks(mail.text)}</pre>
  </article>`

const STYLE = new Html(`
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  article { border: 1px solid color-mix(in srgb, currentcolor 20%, transparent); border-radius: 12px; padding: 1rem 1.25rem; margin: 1rem 0; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 0; }
  pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 0; }
  .quiet { opacity: .7; margin: 0; }`)

const page = (mails: KeptMail[]): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="5" />
        <title>Mails · Parley demo</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>Mails</h1>
        <p class="quiet">What Parley would have sent. Nothing leaves this machine.</p>
        ${mails.length ? mails.map(listed) : html`<p>None yet.</p>`}
      </body>
    </html>`.text
