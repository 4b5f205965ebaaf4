import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Orm, OrmTransaction } from '../../db/client.ts'
import { mailTokens } from '../../db/schema/index.ts'
import { hashToken } from '../../kit/ids.ts'

export interface PresentedToken {
  purpose: 'password_reset' | 'email_verification'
  token: string
  now: Date
}

const usable = ({ purpose, token, now }: PresentedToken) =>
  and(
    eq(mailTokens.tokenHash, hashToken(token)),
    eq(mailTokens.purpose, purpose),
    isNull(mailTokens.usedAt),
    gt(mailTokens.expiresAt, now),
  )

/** Whose token it is, while it works. */
export async function unsafeFindTokenUserId(orm: Orm, presented: PresentedToken): Promise<string | undefined> {
  const [row] = await orm.select({ userId: mailTokens.userId }).from(mailTokens).where(usable(presented))
  return row?.userId
}

/** Uses the token up: of two at once, one gets the user. The user's other tokens of the kind end with it. */
export async function unsafeUseToken(orm: OrmTransaction, presented: PresentedToken): Promise<string | undefined> {
  const { now, purpose } = presented
  const [used] = await orm
    .update(mailTokens)
    .set({ usedAt: now })
    .where(usable(presented))
    .returning({ userId: mailTokens.userId })
  if (!used) return undefined
  await orm
    .update(mailTokens)
    .set({ usedAt: now })
    .where(and(eq(mailTokens.userId, used.userId), eq(mailTokens.purpose, purpose), isNull(mailTokens.usedAt)))
  return used.userId
}
