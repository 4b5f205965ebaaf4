import type { Actor } from './actor.ts'

export interface Answer {
  status: number
  data: unknown
  codes: (string | undefined)[]
  messages: string
  text: string
}

/** POSTs any body to /graphql as `actor` and reads whatever comes back. */
export async function postGraphql(actor: Actor, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${actor.world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...actor.headers(), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  const answer = JSON.parse(text) as {
    data?: unknown
    errors?: { message: string; extensions?: { code?: string } }[]
    error?: { code: string; message: string }
  }
  const codes = answer.errors?.map((error) => error.extensions?.code) ?? (answer.error ? [answer.error.code] : [])
  const messages = JSON.stringify(answer.errors?.map((error) => error.message) ?? answer.error?.message)
  return { status: response.status, data: answer.data ?? null, codes, messages, text }
}
