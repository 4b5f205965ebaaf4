import { eq, sql } from 'drizzle-orm'
import type { AppCredentials, ChannelApps } from '../../channels/app-credentials.ts'
import { channelCredentials } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import type { Vault } from '../../kit/crypto.ts'
import type { Logger } from '../../kit/log.ts'
import { openAppSecret, sealAppSecret } from './credentials.ts'

const POLL_MS = 2_000

/** What an operator entered, as it may be shown. */
interface EnteredApp {
  channelType: string
  appId: string
  updatedBy: string
  /** Null: whoever it was is no user any more. */
  updatedByName: string | null
  updatedAt: Date
}

/**
 * Keeps the apps of this process as they stand in the database: what an operator enters works everywhere within seconds,
 * without a restart. Needs Postgres alone; while that is away the last known ones stay.
 */
export class AppCredentialsWatcher {
  readonly #deps: { system: System; vault: Vault; apps: ChannelApps; log: Logger }
  #known = ''
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closed = false

  constructor(deps: { system: System; vault: Vault; apps: ChannelApps; log: Logger }) {
    this.#deps = deps
  }

  /** Reads them, and again and again from then on. */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.refresh(), POLL_MS)
    await this.refresh()
  }

  /** What is being read meanwhile is nobody's any more: the pool ends it. */
  close(): Promise<void> {
    clearInterval(this.#timer)
    this.#closed = true
    return Promise.resolve()
  }

  /** Reads them now. Never throws. */
  async refresh(): Promise<void> {
    await this.#running
    if (this.#closed) return
    this.#running = this.#read()
      .catch((error: unknown) => {
        if (!this.#closed) this.#deps.log.warn({ err: error }, 'the apps of the channels could not be read')
      })
      .finally(() => (this.#running = undefined))
    await this.#running
  }

  async #read(): Promise<void> {
    const { system, apps, log } = this.#deps
    const rows = await system.orm.select().from(channelCredentials)
    const now = rows.map(({ channelType, version, secret }) => `${channelType} ${version} ${secret}`).join('\n')
    if (now === this.#known) return
    this.#known = now
    apps.enter(new Map(rows.flatMap((row) => this.#open(row))))
    log.info({ channelTypes: rows.map(({ channelType }) => channelType) }, 'the apps of the channels have changed')
  }

  /** One that does not open is none: the channel then counts as not set up. */
  #open(row: typeof channelCredentials.$inferSelect): [string, AppCredentials][] {
    const { channelType, appId, secret } = row
    try {
      return [[channelType, { appId, appSecret: openAppSecret(this.#deps, channelType, secret) }]]
    } catch (error) {
      this.#deps.log.error({ err: error, channelType }, 'the secret of a channel’s app does not open')
      return []
    }
  }
}

/** What was entered for the channels of this installation. */
export async function unsafeListEnteredApps({ sql }: System): Promise<EnteredApp[]> {
  return sql<EnteredApp[]>`
    select c.channel_type as "channelType", c.app_id as "appId", c.updated_by as "updatedBy",
      u.name as "updatedByName", c.updated_at as "updatedAt"
    from channel_credentials c left join users u on u.id = c.updated_by`
}

/** Writes an app down, its secret sealed, in place of the one before. */
export async function unsafeEnterApp(
  deps: { system: System; vault: Vault },
  entry: AppCredentials & { channelType: string; userId: string; now: Date },
): Promise<void> {
  const { channelType, appId, userId: updatedBy, now: updatedAt } = entry
  const values = { appId, secret: sealAppSecret(deps, channelType, entry.appSecret), updatedBy, updatedAt }
  await deps.system.orm
    .insert(channelCredentials)
    .values({ channelType, ...values })
    .onConflictDoUpdate({
      target: channelCredentials.channelType,
      set: { ...values, version: sql`${channelCredentials.version} + 1` },
    })
  await unsafeForgetRegistration(deps.system, channelType)
}

/** Takes an app away again; what was connected to it keeps its grant for the day it is entered anew. */
export async function unsafeRemoveApp(system: System, channelType: string): Promise<void> {
  await system.orm.delete(channelCredentials).where(eq(channelCredentials.channelType, channelType))
  await unsafeForgetRegistration(system, channelType)
}

/** Where one app delivered to says nothing of the next: whoever looks then looks at once. */
const unsafeForgetRegistration = ({ sql }: System, channelType: string) => sql`
  update channel_apps set callback_url = null, registered_at = null, checked_at = 'epoch'
  where channel_type = ${channelType}`

/** Seals the secrets that stand under an older key anew (I14). Answers how many. */
export async function unsafeResealApps(deps: { system: System; vault: Vault }): Promise<number> {
  let resealed = 0
  for (const { channelType, secret } of await unsafeListOutdatedApps(deps)) {
    const anew = sealAppSecret(deps, channelType, openAppSecret(deps, channelType, secret))
    const rows = await deps.system.orm
      .update(channelCredentials)
      .set({ secret: anew })
      .where(sql`${eq(channelCredentials.channelType, channelType)} and ${eq(channelCredentials.secret, secret)}`)
      .returning({ channelType: channelCredentials.channelType })
    resealed += rows.length
  }
  return resealed
}

export async function unsafeListOutdatedApps(deps: { system: System; vault: Vault }) {
  const rows = await deps.system.orm.select().from(channelCredentials)
  return rows.filter(({ secret }) => !deps.vault.isCurrent(secret))
}
