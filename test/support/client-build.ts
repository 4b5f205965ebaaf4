import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../../server/kit/paths.ts'

/**
 * Builds the client when `dist/client` is missing or older than a source of it.
 * @throws with the build's last lines when it fails
 */
export function ensureClientBuilt(): void {
  const built = modifiedAt(path.join(packageRoot, 'dist/client/index.html'))
  const sources = ['client', 'package-lock.json'].map((source) => newestIn(path.join(packageRoot, source)))
  if (built > Math.max(...sources)) return
  const vite = path.join(packageRoot, 'node_modules/vite/bin/vite.js')
  const build = spawnSync(process.execPath, [vite, 'build', 'client', '--logLevel', 'warn'], {
    cwd: packageRoot,
    encoding: 'utf8',
    // vitest's would make it a build for development, twice as heavy and with Vue's warnings.
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (build.status === 0) return
  const output = `${build.stdout}${build.stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`the client does not build:\n${output}`)
}

const modifiedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

function newestIn(file: string): number {
  const stat = statSync(file)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newestIn(path.join(file, name))))
}
