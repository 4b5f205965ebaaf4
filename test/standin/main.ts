import { parseArgs } from 'node:util'
import { startStandin } from './standin.ts'
import { lifelikeKnobs as lifelikeRespondIo } from './respondio/knobs.ts'
import { seedSamples, seedWorkspaces } from './samples.ts'
import { lifelikeKnobs } from './tiktok/knobs.ts'

const HELP = `Stand-in for TikTok and respond.io.
  --port <n>         default 0: any free port
  --host <address>   default 127.0.0.1
  --seed <n>         same seed, same ids and noise
  --webhook-url <u>  where DIRECT_MESSAGE webhooks go
  --app-id, --app-secret
  --dialect <name>   business_v13 (default) or gateway_v2
  --state <file>     keep people, conversations and consents over restarts
  --quiet            no noise: no duplicates, no reordering, echoes right after the answer
  --empty            without the sample businesses and people
  --log              one line per request`

function readArgs() {
  return parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string', default: '1' },
      'webhook-url': { type: 'string' },
      'app-id': { type: 'string' },
      'app-secret': { type: 'string' },
      dialect: { type: 'string', default: 'business_v13' },
      state: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      empty: { type: 'boolean', default: false },
      log: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, not "${text}"`)
  return value
}

function dialectOf(text: string): 'business_v13' | 'gateway_v2' {
  if (text === 'business_v13' || text === 'gateway_v2') return text
  throw new Error(`--dialect must be business_v13 or gateway_v2, not "${text}"`)
}

async function main(): Promise<void> {
  const values = readArgs()
  if (values.help) return console.log(HELP)
  const standin = await startStandin({
    port: wholeNumber('port', values.port),
    host: values.host,
    seed: wholeNumber('seed', values.seed),
    log: values.log,
    ...(values.state !== undefined && { stateFile: values.state }),
    tiktok: {
      dialect: dialectOf(values.dialect),
      ...(values['app-id'] !== undefined && { appId: values['app-id'] }),
      ...(values['app-secret'] !== undefined && { appSecret: values['app-secret'] }),
      ...(values['webhook-url'] !== undefined && { webhookUrl: values['webhook-url'] }),
      ...(!values.quiet && { knobs: lifelikeKnobs }),
    },
    ...(!values.quiet && { respondio: { knobs: lifelikeRespondIo } }),
  })
  if (!values.empty) {
    seedSamples(standin.tiktok)
    seedWorkspaces(standin.respondio)
  }
  console.log(standin.url)
  const stop = (): void => void standin.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

main().catch((error: Error) => {
  console.error(`stand-in: ${error.message}`)
  process.exitCode = 1
})
