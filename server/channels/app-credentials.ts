/** An app as its provider knows it. */
export interface AppCredentials {
  readonly appId: string
  readonly appSecret: string
}

/**
 * The apps of this installation, by channel type. What the environment names goes before what an operator entered, which
 * may change at any moment: ask each time.
 */
export class ChannelApps {
  readonly #fixed = new Map<string, AppCredentials>()
  #entered: ReadonlyMap<string, AppCredentials> = new Map()

  /** Takes what the environment names, if it does. */
  fix(channelType: string, { appId, appSecret }: Partial<AppCredentials>): void {
    if (appId && appSecret) this.#fixed.set(channelType, { appId, appSecret })
  }

  /** Instead of everything that was entered before. */
  enter(entered: ReadonlyMap<string, AppCredentials>): void {
    this.#entered = entered
  }

  current(channelType: string): AppCredentials | undefined {
    return this.#fixed.get(channelType) ?? this.#entered.get(channelType)
  }

  isFixed(channelType: string): boolean {
    return this.#fixed.has(channelType)
  }
}

/** `settings` whose `appId` and `appSecret` are those of the moment in which they are read; a copy of it would not be. */
export function withLiveApp<Settings extends object>(settings: Settings, apps: ChannelApps, channelType: string) {
  return Object.defineProperties({ ...settings } as Settings & Partial<AppCredentials>, {
    appId: { get: () => apps.current(channelType)?.appId, enumerable: true },
    appSecret: { get: () => apps.current(channelType)?.appSecret, enumerable: true },
  })
}
