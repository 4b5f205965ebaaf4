import { loadConfig } from '../../server/config.ts'
import { createLogger } from '../../server/kit/log.ts'
import { ensureClientBuilt } from '../support/builds.ts'
import { box } from './box.ts'
import { seedDemo } from './seed.ts'
import type { Login } from './seed.ts'
import { runSession } from './session.ts'
import type { Session } from './session.ts'
import { nodeService, startStack } from './stack.ts'
import type { Stack } from './stack.ts'

const config = loadConfig({ ...process.env, NODE_ENV: 'development' })
const log = createLogger({ nodeEnv: 'development', logLevel: process.env.LOG_LEVEL ? config.logLevel : 'warn' })

/** `npm run demo`: everything on this machine, with people in it, until Ctrl-C. */
async function demo(session: Session) {
  console.log('Starting Parley with a private Postgres and Redis …')
  ensureClientBuilt()
  const platformAdminEmail = 'operator@parley.example'
  const stack = await startStack({ config, log, platformAdminEmail, closers: session.closers })
  const server = nodeService({
    name: 'Parley',
    args: ['--import', 'tsx', 'server/main.ts'],
    environment: { ...stack.environment, LOG_LEVEL: log.level },
    port: stack.serverPort,
    readyPath: '/ready',
    log,
    onEnded: () => session.end(1),
  })
  session.closers.push(server.stop)
  await server.start()
  const { standin, mailFolder } = stack
  const logins = await seedDemo({ url: server.url, standin, mailFolder, dataDir: config.dataDir, platformAdminEmail })
  console.log(box(lines(server.url, stack, logins)))
}

function lines(appUrl: string, stack: Stack, logins: Login[]): string[] {
  const width = Math.max(...logins.map((login) => login.email.length))
  const customers = stack.standin.url.replace('127.0.0.1', 'localhost')
  return [
    `Parley               ${appUrl}`,
    `Write as a customer  ${customers}`,
    `  by respond.io      ${customers}/respondio`,
    `Mails                ${stack.mailsUrl}`,
    '',
    `Logins, all with the password ${logins[0]?.password ?? ''}`,
    ...logins.map((login) => `  ${login.email.padEnd(width)}  ${login.role}`),
    '',
    'Ctrl-C stops everything; the data stays for the next start.',
  ]
}

await runSession(log, demo)
