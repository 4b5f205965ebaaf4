import { spawn, spawnSync } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '../kit/log.ts'
import { EmbeddedError } from './error.ts'
import { endOrphan } from './lock.ts'
import { freePort } from './ports.ts'
import { findPostgres, serverEnvironment } from './postgres-binaries.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { createService } from './service.ts'
import type { EmbeddedService } from './service.ts'

const USER = 'parley'
const DATABASE = 'parley'

interface PostgresOptions {
  dataDir: string
  log: Logger
  /** false: fsync off, for throw-away clusters. A killed process loses nothing even so, a killed machine does. */
  durable: boolean
}

/** A private Postgres with its cluster in `dataDir/postgres`, not started yet. */
export async function createPostgres({ dataDir, log, durable }: PostgresOptions): Promise<EmbeddedService> {
  const folder = path.join(dataDir, 'postgres')
  const logFile = path.join(dataDir, 'postgres.log')
  const binaries = findPostgres()
  await endOrphan(folder, path.join(folder, 'postmaster.pid'), 'postgres', 'SIGINT')
  if (!existsSync(folder)) createCluster(dataDir, folder, binaries)
  checkCluster(folder, binaries)
  const password = readFileSync(path.join(dataDir, 'postgres.password'), 'utf8').trim()
  const port = await freePort()
  return createService({
    name: 'Postgres',
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    port,
    log,
    logFile,
    stopSignal: 'SIGINT',
    // After SIGKILL the backends need a moment to notice that their parent is gone.
    passing: /shared memory block|lock file "postmaster.pid" already exists|unexpected postmaster exit/,
    isReady: async (pid) => isReady(await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch(() => ''), pid),
    launch() {
      const output = openSync(logFile, 'w', 0o600)
      const args = ['-D', dataArgument(folder, binaries), '-p', String(port), ...settings(durable)]
      const stdio: SpawnOptions['stdio'] = ['ignore', output, output]
      const child = spawn(binaries.postgres, args, { ...inFolder(folder, binaries), stdio, detached: true })
      closeSync(output)
      return child
    },
  })
}

function settings(durable: boolean): string[] {
  const values = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC']
  values.push('max_connections=200', 'log_checkpoints=off')
  if (!durable) values.push('fsync=off', 'full_page_writes=off', 'max_wal_size=4GB')
  return values.flatMap((value) => ['-c', value])
}

const isReady = (pidFile: string, pid: number) => {
  const lines = pidFile.split('\n')
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}

const inFolder = (folder: string, { user }: PostgresBinaries): SpawnOptions => ({
  ...user,
  cwd: folder,
  env: serverEnvironment,
})

/**
 * Under root the other user may have no way into the folders above (a home of mode 0700). It starts inside, since
 * the working directory is set before the user is, and this name leads there without a walk from the root.
 */
const dataArgument = (folder: string, { user }: PostgresBinaries) =>
  user.uid !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : folder

function createCluster(dataDir: string, folder: string, binaries: PostgresBinaries) {
  const unfinished = `${folder}.new`
  const passwordFile = path.join(dataDir, 'postgres.password')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  giveTo(unfinished, binaries)
  giveTo(passwordFile, binaries)
  const password = openSync(passwordFile, 'r')
  const data = dataArgument(unfinished, binaries)
  const encoding = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const access = ['--auth=scram-sha-256', `--username=${USER}`, '--pwfile=/dev/stdin']
  run(binaries.initdb, ['-D', data, ...access, ...encoding, '--no-sync', '--no-instructions'], {
    ...inFolder(unfinished, binaries),
    stdio: [password, 'pipe', 'pipe'],
  })
  closeSync(password)
  const createDatabase = { ...inFolder(unfinished, binaries), input: `CREATE DATABASE ${DATABASE}\n` }
  run(binaries.postgres, ['--single', '-D', data, 'postgres'], createDatabase)
  // A first start that is interrupted leaves no half-made cluster under the final name.
  renameSync(unfinished, folder)
}

function giveTo(file: string, { user }: PostgresBinaries) {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(file, user.uid, user.gid)
}

function run(file: string, args: string[], options: SpawnOptions & { input?: string }) {
  const result = spawnSync(file, args, { ...options, encoding: 'utf8' })
  if (result.status === 0) return
  const output = `${result.error?.message ?? ''} ${result.stderr}`.trim().split('\n').slice(-4).join(' | ')
  throw new EmbeddedError(`${path.basename(file)} failed: ${output}`)
}

function checkCluster(folder: string, binaries: PostgresBinaries) {
  const made = readFileSync(path.join(folder, 'PG_VERSION'), 'utf8').trim()
  const { stdout } = spawnSync(binaries.postgres, ['--version'], { ...inFolder('/', binaries), encoding: 'utf8' })
  if (!stdout.includes(` ${made}.`))
    throw new EmbeddedError(
      `${folder} was made by Postgres ${made}, but this is ${stdout.trim()}: set another DATA_DIR`,
    )
  // The folder may have been used by another user of this machine, or come from another machine.
  if (binaries.user.uid !== undefined && statSync(folder).uid !== binaries.user.uid)
    run('chown', ['-R', `${binaries.user.uid}:${binaries.user.gid}`, folder], {})
}
