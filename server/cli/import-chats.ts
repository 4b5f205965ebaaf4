import { open } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { prepareConfig } from '../boot.ts'
import { createDeps } from '../deps.ts'
import { isId } from '../kit/ids.ts'
import { readLines } from '../kit/lines.ts'
import { importChats, type ImportReport } from '../modules/gateway/import-chats.ts'
import { failWith, UsageError } from './fail.ts'

const USAGE = `Usage: npm run import:chats -- --account <id> --inbox <id> [chats.jsonl]
Without a file the lines are read from standard input. It may be repeated: nothing is doubled.`
const LONGEST_LINE = 256 * 1024

async function main(): Promise<void> {
  const { accountId, inboxId, file } = readOptions()
  const source = file ? (await open(file)).createReadStream() : process.stdin
  const { config, stopEmbedded } = await prepareConfig()
  const deps = createDeps(config)
  try {
    const lines = readLines(source, LONGEST_LINE)
    const report = await importChats(deps, { accountId, inboxId }, lines, {
      unusable: (line, code, field) => console.error(`line ${line}: ${code}${field ? ` (${field})` : ''}`),
      progress: (so) => process.stderr.isTTY && process.stderr.write(`\r${so.lines} lines`),
    })
    tell(report)
  } finally {
    await deps.close()
    await stopEmbedded()
  }
}

function tell({ lines, added, known, unusable }: ImportReport): void {
  console.log(`${lines} lines: ${added} added, ${known} here already, ${unusable} not usable.`)
  if (unusable) process.exitCode = 1
}

function readOptions(): { accountId: string; inboxId: string; file: string | undefined } {
  const text = { type: 'string' } as const
  const { values, positionals } = parse(() =>
    parseArgs({ options: { account: text, inbox: text }, allowPositionals: true }),
  )
  const { account, inbox } = values
  if (!account || !inbox) throw new UsageError('--account and --inbox are needed')
  if (!isId(account) || !isId(inbox)) throw new UsageError('--account and --inbox are ids, as they stand in addresses')
  if (positionals.length > 1) throw new UsageError('One file at a time')
  return { accountId: account.toLowerCase(), inboxId: inbox, file: positionals[0] }
}

function parse<Options>(read: () => Options): Options {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

await main().catch(failWith(USAGE))
