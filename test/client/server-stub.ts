import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, vi } from 'vitest'
import type { Conversation, Message } from '../../client/api/types.ts'
import { useAccounts } from '../../client/stores/accounts.ts'
import { aConversation } from './fixtures.ts'

export type Answer = { data?: unknown; errors?: { message: string; extensions: { code: string } }[] }
type Fetched = (query: string, variables: Record<string, Record<string, unknown>>) => Answer | Error | Promise<Answer>

export const refusal = (code: string): Answer => ({ errors: [{ message: code, extensions: { code } }] })
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

/** An answer that the test gives when it is time. */
export function pending() {
  let give: (answer: Answer | Error) => void = () => undefined
  const answer = new Promise<Answer>((resolve, reject) => {
    give = (value) => (value instanceof Error ? reject(value) : resolve(value))
  })
  answer.catch(() => undefined)
  return { answer, give }
}

/** A server of one function, and fresh stores for each test. It stays: stores ask a moment after a test has ended. */
export function useServer() {
  const fetched = vi.fn<Fetched>()
  beforeEach(() => {
    localStorage.clear()
    setActivePinia(createPinia())
    useAccounts().accountId = 'a1'
    fetched.mockReset()
    vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
      const { query, variables } = JSON.parse(String(init.body))
      const answer = await fetched(query, variables)
      if (answer instanceof Error) throw answer
      return new Response(JSON.stringify(answer))
    })
  })
  return fetched
}

const noPage = { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false }

export function threadAnswer(nodes: Message[], pageInfo: Partial<typeof noPage> | object = {}): Answer {
  const messages = { nodes, pageInfo: { ...noPage, ...pageInfo } }
  return { data: { conversation: { ...aConversation(), messages } } }
}

export function listAnswer(nodes: Conversation[], endCursor: string | null = null): Answer {
  return { data: { conversations: { nodes, pageInfo: { endCursor, hasNextPage: endCursor !== null } } } }
}
