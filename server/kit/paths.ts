import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

function findPackageRoot(from: string): string {
  if (existsSync(path.join(from, 'package.json'))) return from
  const parent = path.dirname(from)
  if (parent === from) throw new Error('package.json not found above the server')
  return findPackageRoot(parent)
}

/** The folder that holds package.json, for sources run by tsx and for dist/ alike. */
export const packageRoot = findPackageRoot(path.dirname(fileURLToPath(import.meta.url)))
