import { defineStore } from 'pinia'
import { forgetAccessToken, refreshAccessToken, sessionMayExist, setAccessToken } from '../api/access-token.ts'
import { LogOutDocument, MeDocument, UpdateProfileDocument, type SessionFieldsFragment } from '../api/generated.ts'
import { ApiError, request } from '../api/graphql.ts'
import type { Me } from '../api/types.ts'

type Phase = 'starting' | 'anonymous' | 'active' | 'unreachable'

let starting: Promise<void> | undefined

export const useSession = defineStore('session', {
  state: () => ({ phase: 'starting' as Phase, me: undefined as Me | undefined }),
  getters: {
    userId: (state) => state.me?.id ?? '',
    memberships: (state) => state.me?.memberships ?? [],
  },
  actions: {
    membershipOf(accountId: string) {
      return this.memberships.find((membership) => membership.account.id === accountId)
    },
    /**
     * Asks for a session once; later calls wait for the same answer. A page that needs none does not ask where none can
     * exist; one that needs it always does, as a browser may have dropped the mark and kept the cookie.
     */
    async start({ needed = true } = {}): Promise<void> {
      if (!starting && !needed && !sessionMayExist()) this.phase = 'anonymous'
      else await (starting ??= this.resume())
    },
    async resume(): Promise<void> {
      if (this.phase === 'anonymous') this.phase = 'starting'
      const outcome = await refreshAccessToken()
      if (outcome === 'ended') this.phase = 'anonymous'
      else if (outcome === 'unreachable') this.phase = 'unreachable'
      else await this.refetchMe()
      if (this.phase === 'unreachable') starting = undefined
    },
    async refetchMe(): Promise<void> {
      try {
        this.me = (await request(MeDocument, {})).me
        this.phase = 'active'
      } catch (error) {
        const ended = error instanceof ApiError && error.code === 'UNAUTHENTICATED'
        if (this.phase === 'starting' || ended) this.phase = ended ? 'anonymous' : 'unreachable'
      }
    },
    open(session: SessionFieldsFragment): void {
      setAccessToken(session.accessToken, session.expiresAt)
      this.me = session.user
      starting = Promise.resolve()
      this.phase = 'active'
    },
    async logOut(): Promise<void> {
      // Without a connection the cookie cannot be forgotten; saying so is better than pretending.
      await request(LogOutDocument, {})
      this.end()
    },
    end(): void {
      forgetAccessToken()
      this.me = undefined
      this.phase = 'anonymous'
    },
    async updateProfile(input: { name?: string; locale?: string }): Promise<void> {
      const { updateProfile } = await request(UpdateProfileDocument, { input })
      if (this.me) this.me = { ...this.me, ...updateProfile }
    },
  },
})
