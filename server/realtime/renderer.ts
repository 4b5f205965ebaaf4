import { execute, type GraphQLSchema } from 'graphql'
import type { Logger } from '../kit/log.ts'
import { codedError, type Prepared } from './documents.ts'
import type { FeedEvent, Hydrated, LogEntry } from './types.ts'

/** Subscribers who get the same text for the same event. */
export interface Group {
  readonly key: string
  readonly prepared: Prepared
  readonly variables: Record<string, unknown>
  members: number
  /** The newest frame that stood in no log; heartbeats go out to many at the same place. */
  notice?: { key: string; tail: Promise<string> }
}

/** One event as this process holds it: loaded once, executed once per group. */
export interface Item {
  readonly entry: LogEntry
  readonly hydrated: Hydrated | undefined
  readonly at: number
  readonly tails: Map<Group, string | Promise<string>>
  /** An execution failed for reasons of ours: do not serve it again from memory. */
  failed: boolean
}

/**
 * What groups subscribers: the text and the variables apart from `after`. Who looks is no part of it, since the context
 * below an event knows no viewer.
 */
export function groupKey(prepared: Prepared, variables: Record<string, unknown>): string {
  const relevant = Object.keys(variables)
    .filter((name) => name !== prepared.resumeVariable)
    .sort()
    .map((name) => [name, variables[name]])
  return JSON.stringify([prepared.text, relevant])
}

/** Executes documents over events; a frame is a subscriber's head and the group's tail. */
export class Renderer {
  readonly #schema: () => GraphQLSchema
  readonly #log: Logger
  executions = 0

  constructor(schema: () => GraphQLSchema, log: Logger) {
    this.#schema = schema
    this.#log = log
  }

  /** The rest of the group's frame for this item; executed at the first call. */
  tail(item: Item, group: Group): string | Promise<string> {
    const known = item.tails.get(group)
    if (known !== undefined || !item.hydrated) return known ?? ''
    const { event, shared } = item.hydrated
    const pending = this.#execute(group, event, shared, () => (item.failed = true)).then((tail) => {
      item.tails.set(group, tail)
      return tail
    })
    item.tails.set(group, pending)
    return pending
  }

  /** A frame's rest for an event that stands in no log. */
  synthetic(group: Group, event: FeedEvent): Promise<string> {
    const key = JSON.stringify(event)
    if (group.notice?.key === key) return group.notice.tail
    const empty = { message: null, conversation: null, inbox: null, data: null }
    const tail = this.#execute(group, { ...empty, ...event }, {}, () => (group.notice = undefined))
    group.notice = { key, tail }
    return tail
  }

  /** Never rejects: a failure of one group's document must not hold up the others. */
  async #execute(group: Group, event: FeedEvent, contextValue: unknown, onFailure: () => void): Promise<string> {
    this.executions += 1
    let payload: object
    try {
      const { document } = group.prepared
      const rootValue = { accountEvents: event }
      const variableValues = group.variables
      const result = await execute({ schema: this.#schema(), document, rootValue, variableValues, contextValue })
      const errors = result.errors?.map(codedError)
      if (errors?.some((error) => error.extensions.code === 'INTERNAL')) {
        onFailure()
        this.#log.warn({ err: result.errors?.[0]?.originalError, type: event.type }, 'a feed event was not rendered')
      }
      payload = errors ? { data: result.data, errors } : { data: result.data }
    } catch (error) {
      onFailure()
      this.#log.warn({ err: error, type: event.type }, 'a feed event was not rendered')
      payload = { errors: [codedError(error)] }
    }
    return `${JSON.stringify(payload)}}`
  }
}
