import { ChannelApps, withLiveApp } from './app-credentials.ts'
import type { Channel, RateSeen } from './contract.ts'
import { createRespondIo } from './respondio/index.ts'
import { createTikTok } from './tiktok/index.ts'
import type { Config } from '../config.ts'

interface Surroundings {
  apps?: ChannelApps
  /** Hears what providers say of their limits. */
  onRateLimit?: (seen: RateSeen) => void
  /** They come along in tests. */
  others?: readonly Channel[]
}

/** The channels of this installation: a third one is one folder and one line here. */
export function createChannels(
  config: Config,
  { apps = new ChannelApps(), onRateLimit, others = [] }: Surroundings = {},
): Channels {
  apps.fix('tiktok', config.tiktok)
  const tiktok = createTikTok(withLiveApp(config.tiktok, apps, 'tiktok'))
  return new Channels([tiktok, createRespondIo({ ...config.respondio, onRateLimit }), ...others])
}

export class Channels {
  readonly #byId: Map<string, Channel>

  constructor(channels: readonly Channel[]) {
    this.#byId = new Map(channels.map((channel) => [channel.manifest.id, channel]))
  }

  find(channelType: string): Channel | undefined {
    return this.#byId.get(channelType)
  }

  get(channelType: string): Channel {
    const channel = this.find(channelType)
    if (!channel) throw new Error(`no channel ${channelType}`)
    return channel
  }

  all(): Channel[] {
    return [...this.#byId.values()]
  }
}
