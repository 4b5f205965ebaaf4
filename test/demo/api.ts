import { setTimeout as delay } from 'node:timers/promises'

export type Variables = Record<string, unknown>

/** A person who talks to the server as the client does. */
export interface Caller {
  /** The answer's one root field. Throws with the first error's code and message. */
  call<T>(document: string, variables: Variables): Promise<T>
  /** From now on with this access token. */
  authorize(accessToken: string): void
  /** The cookies that the server has set, for requests outside GraphQL. */
  cookies(): string
}

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** A browser of its own, with nobody logged in yet. */
export function createCaller(url: string): Caller {
  const jar = new Map<string, string>()
  const authorization: Record<string, string> = {}
  return {
    async call<T>(query: string, variables: Variables) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify({ query, variables }),
      })
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        if (name) jar.set(name, value ?? '')
      }
      const { data, errors } = (await response.json()) as Answer
      const [error] = errors ?? []
      if (error) throw new ApiError(error.extensions?.code ?? 'INTERNAL', error.message)
      return Object.values(data ?? {})[0] as T
    },
    authorize: (accessToken) => {
      authorization.authorization = `Bearer ${accessToken}`
    },
    cookies: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
  }
}

/** The first value that `probe` finds; asks again until then, for a minute. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`the demo waited in vain for ${what}`)
    await delay(100)
  }
}
