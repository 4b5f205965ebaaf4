import { checkEncryptionKey, prepareConfig, renewCanary } from '../boot.ts'
import { createDeps } from '../deps.ts'
import { describeError } from '../kit/redact.ts'
import { rotateKeys } from '../modules/inboxes/rotate-keys.ts'

async function main(): Promise<void> {
  const { config, stopEmbedded } = await prepareConfig()
  const deps = createDeps(config)
  try {
    await checkEncryptionKey(deps)
    const { rotated, left } = await rotateKeys(deps)
    if (left === 0) await renewCanary(deps)
    console.log(`${rotated} sealed anew, ${left} left on an older key.`)
    if (left > 0) process.exitCode = 1
  } finally {
    await deps.close()
    await stopEmbedded()
  }
}

await main().catch((error: unknown) => {
  console.error(describeError(error).message)
  process.exitCode = 1
})
