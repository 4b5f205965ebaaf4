import type postgres from 'postgres'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { MessageAttachmentsDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

export interface Media {
  world: World
  sql: postgres.Sql
  admin: Actor
  /** The business at TikTok, and its inbox here. */
  business: Business
  inboxId: string
  tiktok: World['standin']['tiktok']
  /** The messages of a conversation with their attachments, oldest first. */
  messagesOf(conversationId: string): ReturnType<typeof readMessages>
  /** Asks for a file as a browser does. */
  get(path: string, headers: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

const readMessages = async (admin: Actor, id: string) =>
  (await admin.gql(MessageAttachmentsDocument, { accountId: admin.accountId, id })).conversation.messages.nodes

/** A business with an inbox, in a world with workers, whose customers and agents send each other pictures. */
export async function openMedia(): Promise<Media> {
  const world = await startWorld()
  const sql = openSql(world)
  const admin = await world.business()
  const { business, inboxId } = await admin.connect()
  return {
    ...{ world, sql, admin, business, inboxId, tiktok: world.standin.tiktok },
    messagesOf: (conversationId) => readMessages(admin, conversationId),
    get: (path, headers) => fetch(world.url + path, { headers }),
    close: async () => {
      await sql.end()
      await world.close()
    },
  }
}
