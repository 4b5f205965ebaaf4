import { spawn } from 'node:child_process'
import { packageRoot } from '../../server/kit/paths.ts'

export interface Outcome {
  code: number | null
  out: string
  err: string
}

/** Runs a command as its npm script does, with nothing but this environment and `input` on standard input. */
export function runCli(
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
  input = '',
): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', 'tsx', `server/cli/${command}.ts`, ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, ...environment } as NodeJS.ProcessEnv,
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (said.out += String(chunk)))
  child.stderr.on('data', (chunk) => (said.err += String(chunk)))
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })))
}
