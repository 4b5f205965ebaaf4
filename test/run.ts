import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { packageRoot } from '../server/kit/paths.ts'
import { ensureChromium } from './support/chromium.ts'
import { ensureClientBuilt } from './support/builds.ts'

interface Counts {
  passed: number
  failed: number
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** Runs node in the package's folder and resolves to its exit code. */
async function node(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function step(name: string, action: () => unknown): Promise<Counts> {
  try {
    await action()
    return { passed: 1, failed: 0 }
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`)
    return { passed: 0, failed: 1 }
  }
}

async function checkGeneratedFiles() {
  if (await node('--import', 'tsx', 'server/graphql/codegen.ts', '--check'))
    throw new Error('generated files are stale, run npm run codegen')
}

async function runVitest(args: string[]): Promise<Counts> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-report-'))
  const file = path.join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await node(
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config=test/vitest.config.ts',
      ...reporters,
      ...args,
    )
    return countsOf(file, code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countsOf(file: string, code: number): Counts {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport
    const broken = report.testResults.filter((result) => result.status === 'failed' && !result.assertionResults.length)
    const failed = report.numFailedTests + broken.length
    // An error outside of any test fails the run too.
    return { passed: report.numPassedTests, failed: failed || (code === 0 ? 0 : 1) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

/** `npm test`: gets what the tests need, runs them all, and ends with the line `N passed, N failed`. */
async function main(args: string[]) {
  // Ctrl-C reaches vitest as well, which stops its services; this process waits for it.
  process.on('SIGINT', () => undefined)
  const results = [
    await step('browser', ensureChromium),
    await step('codegen', checkGeneratedFiles),
    await step('client', ensureClientBuilt),
    await runVitest(args),
  ]
  const passed = results.reduce((sum, counts) => sum + counts.passed, 0)
  const failed = results.reduce((sum, counts) => sum + counts.failed, 0)
  console.log(`${passed} passed, ${failed} failed`)
  if (failed) process.exitCode = 1
}

await main(process.argv.slice(2))
