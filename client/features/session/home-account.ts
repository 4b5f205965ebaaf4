import { remembered } from '../../kit/storage.ts'
import { useSession } from '../../stores/session.ts'

const lastAccount = remembered('parley:account')

export function rememberAccount(accountId: string): void {
  lastAccount.write(accountId)
}

/** The account that was open last on this computer, if one still belongs to it, else the first. */
export function homeAccountId(): string | undefined {
  const ids = useSession().memberships.map((membership) => membership.account.id)
  return ids.find((id) => id === lastAccount.read()) ?? ids[0]
}
