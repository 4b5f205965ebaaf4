import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { prepareConfig } from '../boot.ts'
import { createDeps } from '../deps.ts'
import { createVerifiedUser, type NewVerifiedUser } from '../modules/users/create-user.ts'
import { failWith, UsageError } from './fail.ts'

const USAGE = `Usage: npm run user:create -- --email a@b.c --name "A" [--account "Business"] [--password …]
Without --password it is read from standard input.`

async function main(): Promise<void> {
  const input = await readInput()
  const { config, stopEmbedded } = await prepareConfig()
  const deps = createDeps(config)
  try {
    const { userId, accountId } = await createVerifiedUser(deps, input)
    console.log(`Created ${input.email} (user ${userId}${accountId ? `, account ${accountId}` : ''}).`)
    if (!accountId && input.email.trim().toLowerCase() !== config.platformAdminEmail)
      console.log('The login opens once the user is invited to a business; --account makes one.')
  } finally {
    await deps.close()
    await stopEmbedded()
  }
}

async function readInput(): Promise<NewVerifiedUser> {
  const { email, name, account, password } = readOptions()
  if (!email || !name) throw new UsageError('--email and --name are needed')
  return { email, name, accountName: account, password: password ?? (await readPassword()) }
}

function readOptions() {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ options: { email: text, name: text, account: text, password: text } }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** One line of standard input, not echoed on a terminal. */
async function readPassword(): Promise<string> {
  const terminal = process.stdin.isTTY
  if (terminal) process.stderr.write('Password: ')
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silence, terminal })
  for await (const line of lines) {
    lines.close()
    if (terminal) process.stderr.write('\n')
    return line
  }
  throw new UsageError('No password was given')
}

await main().catch(failWith(USAGE))
