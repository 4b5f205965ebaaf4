import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import type { Logger } from '../kit/log.ts'
import { EmbeddedError } from './error.ts'

/**
 * The redis-server or valkey-server of the PATH. On Debian, as root, it is installed when there is none.
 * @throws when there is none; the message says what to install
 */
export function findRedis(log: Logger): string {
  const present = onPath()
  if (present) return present
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    log.info('installing redis-server from the packages of this system')
    installWithoutStarting()
  }
  const installed = onPath()
  if (installed) return installed
  throw new EmbeddedError(
    'found no redis-server or valkey-server: install one (apt-get install redis-server), or set REDIS_URL',
  )
}

function onPath(): string | undefined {
  const found = spawnSync('/bin/sh', ['-c', 'command -v redis-server || command -v valkey-server'], {
    encoding: 'utf8',
  })
  return found.stdout.trim() || undefined
}

/** Debian starts the service of a package it installs, on the default port, unless a policy forbids it. */
function installWithoutStarting() {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    if (!install()) {
      spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
      install()
    }
  } finally {
    if (ours) rmSync(policy, { force: true })
  }
}

const install = () =>
  spawnSync('/bin/sh', ['-c', 'DEBIAN_FRONTEND=noninteractive exec apt-get install -y -qq redis-server'], {
    stdio: 'ignore',
  }).status === 0
