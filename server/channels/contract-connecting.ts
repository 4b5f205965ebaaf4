/** How a business is connected, and what that yields. */

/** What the channel keeps to act for a business: opaque to the core, sealed in the inbox row. */
export type Credentials = Readonly<Record<string, string>>

/** What connecting or renewing yields. Times are absolute. */
export interface Connection {
  credentials: Credentials
  /** The provider's id of the business: routes deliveries to the inbox. */
  externalId: string
  /** Undefined: the access does not end by itself, so nothing renews it. */
  accessExpiresAt?: Date
  /** When the customer's consent itself ends, if the provider says so. */
  consentExpiresAt?: Date
  grantedScopes: readonly string[]
  /** By which dialect, and to which app: no other may act with it. */
  dialect?: string
  appId?: string
}

export interface BusinessProfile {
  name: string
  handle?: string
  avatarUrl?: string
}

export interface ChannelOAuth {
  /** Paths below PUBLIC_URL on which the provider redirects back; the first one is sent. */
  readonly callbackPaths: readonly [string, ...string[]]
  /** For @fastify/oauth2: where and how the authorize page is addressed. */
  readonly authorize: {
    readonly url: string
    /** May change while the process runs. */
    readonly clientId: string
    readonly clientIdParameter: string
    readonly scopeSeparator: string
    readonly extra: Readonly<Record<string, string>>
  }
  /** All that is asked for, and no more than the channel needs. */
  readonly scopes: readonly OAuthScope[]
  /** Translates the provider's redirect error into a code that the client has words for. */
  redirectError(query: Readonly<Record<string, string>>): 'OAUTH_DENIED' | 'OAUTH_INVALID_SCOPE'
  /** Throws ChannelError; `rejected` when the code is used, expired or forged. */
  exchange(code: string, redirectUri: string): Promise<Connection>
  /** Throws ChannelError; `rejected` with NOT_A_BUSINESS when it is somebody's personal account. */
  profile(credentials: Credentials, externalId: string): Promise<BusinessProfile>
}

export interface OAuthScope {
  /** In the provider's words. */
  readonly scope: string
  /** Without it the inbox could not work: a grant that lacks it is refused with SCOPE_MISSING. */
  readonly required: boolean
  /** What goes without it, as a code that the client has words for. */
  readonly costs: string
}

/** The form as data. The client has the words, in each language, by code. */
export interface FormManifest {
  readonly fields: readonly FormField[]
  /** The name under which the `ref` of what was chosen comes with the fields. */
  readonly choice: string
  /** Whose steps the client shows: where at the provider the fields' values come from. */
  readonly guide?: string
}

/** What the client asks for so that deliveries come to an inbox's own address. */
export interface InboxWebhookManifest {
  /** How many signing keys an inbox takes. */
  readonly keys: number
  /** Whose steps the client shows: how the address is entered at the provider, and what works without it. */
  readonly guide?: string
}

export interface FormField {
  readonly name: string
  /** Whose label and hint the client shows: API_TOKEN … */
  readonly code: string
  /** Not shown while it is typed, and never given out again: printable ASCII without spaces. */
  readonly secret: boolean
  readonly required: boolean
  /** Characters. */
  readonly maxLength: number
}

/** How the message-gateway's environment names what a channel is connected with; `import:env` reads it, once. */
export interface GatewayEnvironment {
  /** What PROVIDER says for this channel. */
  readonly provider: string
  /** Where the gateway calls the provider, and where this installation does. */
  readonly address?: { readonly name: string; readonly url: string }
  /** The form's fields, by the gateway's names. */
  readonly fields?: Readonly<Record<string, string>>
  /** The app that the credentials were granted to. */
  readonly app?: { readonly id: string; readonly secret: string }
  /** Credentials that `renew` makes a connection of, by the gateway's names. */
  readonly credentials?: Readonly<Record<string, string>>
}

/** What was entered, by the names of the fields; checked against the manifest. */
export type FormValues = Readonly<Record<string, string>>

export interface ChannelForm {
  /** What can be connected with these values. Throws ChannelError; `rejected` when the provider says no to them. */
  inspect(values: FormValues): Promise<Inspection>
  /** Connects what `inspect` called `ref`. Throws ChannelError; `rejected` with NOT_OFFERED when there is no such. */
  connect(values: FormValues, ref: string): Promise<{ connection: Connection; profile: BusinessProfile }>
}

export interface Inspection {
  choices: readonly ConnectionChoice[]
  /** What to know before connecting, for instance what the plan does not allow, as codes that the client has words for. */
  notes: readonly string[]
}

export interface ConnectionChoice {
  /** The `externalId` that connecting it will yield. */
  ref: string
  name: string
  handle?: string
}
