import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const packages = ['chromium', 'fonts-noto-color-emoji', 'fonts-noto-core']

/** The path of a Chromium of this system, for playwright-core's `executablePath`. */
export function findChromium(): string | undefined {
  const script = names.map((name) => `command -v ${name}`).join(' || ')
  return spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).stdout.trim() || undefined
}

/**
 * The same, installed from Debian's packages when there is none and this is root.
 * @throws one line that says what to install
 */
export function ensureChromium(): string {
  const present = findChromium()
  if (present) return present
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`installing ${packages.join(', ')} from the packages of this system`)
    if (!aptGet('install', '-y', '-qq', ...packages)) {
      aptGet('update', '-qq')
      aptGet('install', '-y', '-qq', ...packages)
    }
  }
  const installed = findChromium()
  if (installed) return installed
  throw new Error(`found no Chromium, which the browser tests need: apt-get install ${packages.join(' ')}`)
}

const aptGet = (...args: string[]) =>
  spawnSync('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args], { stdio: 'ignore' }).status === 0
