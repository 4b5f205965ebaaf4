import { loadConfig } from '../../server/config.ts'
import { freePort } from '../../server/embedded/ports.ts'
import { createLogger } from '../../server/kit/log.ts'
import { box } from './box.ts'
import { runSession } from './session.ts'
import type { Session } from './session.ts'
import { nodeService, startStack } from './stack.ts'

const config = loadConfig({ ...process.env, NODE_ENV: 'development' })
const log = createLogger(config)

/** `npm run dev`: the server restarts and the client reloads as their files change. The data is the demo's. */
async function dev(session: Session) {
  const clientPort = await freePort(5173)
  const clientUrl = `http://localhost:${clientPort}`
  const platformAdminEmail = 'operator@parley.example'
  // OAuth and mails lead back to the client's own server, which hands our paths on.
  const stack = await startStack({ config, log, platformAdminEmail, publicUrl: clientUrl, closers: session.closers })
  const shared = { environment: stack.environment, log, onEnded: () => session.end(1) }
  const tsx = ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'server/main.ts']
  const vite = ['node_modules/vite/bin/vite.js', 'client', '--port', String(clientPort), '--strictPort']
  const server = nodeService({ ...shared, name: 'Server', args: tsx, port: stack.serverPort, readyPath: '/health' })
  const client = nodeService({ ...shared, name: 'Client', args: vite, port: clientPort, readyPath: '/' })
  session.closers.push(server.stop, client.stop)
  await Promise.all([server.start(), client.start()])
  const standinUrl = stack.standin.url.replace('127.0.0.1', 'localhost')
  const addresses = [
    `Client  ${clientUrl}`,
    `Server  ${server.url}`,
    `TikTok  ${standinUrl}`,
    `respond.io  ${standinUrl}/respondio`,
    `Mails   ${stack.mailsUrl}`,
  ]
  console.log(box(addresses))
}

await runSession(log, dev)
