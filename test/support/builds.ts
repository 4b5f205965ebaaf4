import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../../server/kit/paths.ts'

/** A process of Parley that can be killed at a failpoint, in one file: it starts in a quarter of the time of its sources. */
export const FAULT_PROCESS = path.join(packageRoot, 'dist/faults/process.js')

/**
 * Builds the client when `dist/client` is missing or older than a source of it.
 * @throws with the build's last lines when it fails
 */
export function ensureClientBuilt(): void {
  if (isFresh('dist/client/index.html', ['client', 'package-lock.json'])) return
  build('the client', ['client'])
}

/**
 * Builds FAULT_PROCESS when it is missing or older than a source of it.
 * @throws with the build's last lines when it fails
 */
export function ensureFaultProcessBuilt(): void {
  if (isFresh(FAULT_PROCESS, ['server', 'jobs', 'test/faults', 'test/support', 'package-lock.json'])) return
  build('the process under test', ['--config', 'test/faults/vite.config.ts'])
}

function build(what: string, args: string[]): void {
  const vite = path.join(packageRoot, 'node_modules/vite/bin/vite.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', ...args, '--logLevel', 'warn'], {
    cwd: packageRoot,
    encoding: 'utf8',
    // vitest's would make it a build for development, twice as heavy and with Vue's warnings.
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status === 0) return
  const output = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`${what} does not build:\n${output}`)
}

function isFresh(built: string, sources: string[]): boolean {
  const at = statSync(path.resolve(packageRoot, built), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return at > Math.max(...sources.map((source) => newestIn(path.join(packageRoot, source))))
}

function newestIn(file: string): number {
  const stat = statSync(file)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newestIn(path.join(file, name))))
}
