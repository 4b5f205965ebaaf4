import { defineStore } from 'pinia'
import { AccountDocument } from '../api/generated.ts'
import { request } from '../api/graphql.ts'
import type { Account } from '../api/types.ts'

/** The account that is open: its name, people and flags. */
export const useAccounts = defineStore('accounts', {
  state: () => ({ accountId: '', current: undefined as Account | undefined }),
  getters: {
    members: (state) => state.current?.members ?? [],
  },
  actions: {
    async load(): Promise<void> {
      const { accountId } = this
      const { account } = await request(AccountDocument, { id: accountId })
      if (this.accountId === accountId) this.current = account
    },
    /** Administrators see every inbox, agents those that list them. */
    membersOfInbox(inboxId: string) {
      return this.members.filter((member) => member.role === 'ADMINISTRATOR' || member.inboxIds.includes(inboxId))
    },
    nameOf(userId: string): string | undefined {
      return this.members.find((member) => member.user.id === userId)?.user.name
    },
  },
})
