import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { checkEncryptionKey, prepareConfig } from '../boot.ts'
import { gatewayValues } from '../config.ts'
import { createDeps, type Deps } from '../deps.ts'
import { AppError } from '../kit/errors.ts'
import { unsafeFindAccountIds } from '../modules/accounts/accounts.queries.ts'
import {
  parseEnvironment,
  type Complaint,
  type ComplaintCode,
  type Environment,
} from '../modules/gateway/environment.ts'
import type { ImportedBusiness } from '../modules/gateway/import-businesses.ts'
import { gatewayNames, importEnvironment } from '../modules/gateway/import-env.ts'
import { failWith, UsageError } from './fail.ts'

const USAGE = `Usage: npm run import:env -- --account <id or name> [--file path/.env] [--channel <id or name> …]
Without a file the variables are those of this process. It may be repeated: what works stays as it is.`

interface Options {
  account: string
  file: string | undefined
  channels: string[]
}

async function main(): Promise<void> {
  const { account, file, channels } = readOptions()
  const text = file === undefined ? undefined : await readFile(file, 'utf8')
  const { config, stopEmbedded } = await prepareConfig()
  const deps = createDeps(config)
  try {
    await checkEncryptionKey(deps)
    await deps.appCredentials.start()
    const accountId = await findAccount(deps, account)
    const { environment, complaints } = text === undefined ? ownEnvironment(deps) : parseEnvironment(text)
    const outcome = await importEnvironment(deps, deps.scopes.system(accountId), environment, channels)
    for (const complaint of [...complaints, ...outcome.complaints].sort(byLine)) console.error(wordsOf(complaint))
    for (const business of outcome.businesses) tell(business)
    if (!outcome.businesses.some(({ adoption }) => adoption)) process.exitCode = 1
  } finally {
    await deps.close()
    await stopEmbedded()
  }
}

function ownEnvironment(deps: Deps): { environment: Environment; complaints: Complaint[] } {
  const values = gatewayValues(gatewayNames(deps)).map(([name, value]) => [name, { value }] as const)
  return { environment: new Map(values), complaints: [] }
}

async function findAccount(deps: Deps, idOrName: string): Promise<string> {
  const [id, another] = await unsafeFindAccountIds(deps.system, idOrName)
  if (!id) throw new AppError('NOT_FOUND', 'There is no active account with that id or name')
  if (another) throw new AppError('CONFLICT', 'Several accounts have that name: give the id, as it stands in addresses')
  return id
}

const words: Record<ComplaintCode, string> = {
  NOT_A_VARIABLE: 'is not NAME=value.',
  REPEATED: 'is set again further down; the last one counts.',
  NOT_USED: 'is not used.',
  MISSING: 'is needed, and is not set.',
  UNKNOWN_PROVIDER: 'is none that Parley knows.',
  OTHER_ADDRESS: 'is another address than the one that this installation calls.',
  OTHER_APP: 'is another app than the one that this installation acts as.',
}

const byLine = (a: Complaint, b: Complaint) => (a.line ?? 0) - (b.line ?? 0)

/** Names and lines alone: a value may be a secret. */
const wordsOf = ({ line, name, code }: Complaint) =>
  [line === undefined ? '' : `line ${line}:`, name ?? 'This', words[code]].filter(Boolean).join(' ')

function tell({ name, adoption, code }: ImportedBusiness): void {
  if (adoption)
    return console.log(
      `${adoption.name}: ${adoption.known ? 'here already' : 'connected'} (inbox ${adoption.inboxId}).`,
    )
  console.error(`${name}: not connected, ${code}.`)
  process.exitCode = 1
}

function readOptions(): Options {
  const text = { type: 'string' } as const
  const options = { account: text, file: text, channel: { ...text, multiple: true } } as const
  const { account, file, channel = [] } = parse(() => parseArgs({ options }).values)
  if (!account) throw new UsageError('--account is needed')
  return { account, file, channels: channel }
}

function parse<Parsed>(read: () => Parsed): Parsed {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

await main().catch(failWith(USAGE))
