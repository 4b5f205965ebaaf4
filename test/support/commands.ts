import type { World } from './world.ts'
import { runCli } from './cli.ts'

export type RunCommand = (
  command: string,
  args?: string[],
  env?: Record<string, string>,
  input?: string,
) => ReturnType<typeof runCli>

const KEY = `test:${Buffer.alloc(32, 7).toString('base64')}`

/** Runs commands as their npm scripts do, for the world's installation, with `input` on standard input. */
export function commandsOf(
  { config }: World,
  encryptionKeys = KEY,
): { run: RunCommand; environment: Record<string, string> } {
  const { databaseUrl = '', redisUrl = '', dataDir, publicUrl, jwtSecret } = config
  const environment = {
    NODE_ENV: 'production',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    PUBLIC_URL: publicUrl,
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEYS: encryptionKeys,
    PLATFORM_ADMIN_EMAIL: 'root@parley.test',
  }
  const run: RunCommand = (command, args = [], env = {}, input = '') =>
    runCli(command, args, { ...environment, ...env }, input)
  return { run, environment }
}
