import type { Tx } from './scope.ts'

/** What happened, in the past tense → its facts. Each module adds its own names by declaration merging. */
export interface DomainEventMap {}

export type DomainEventName = keyof DomainEventMap
export type DomainEventHandler<Name extends DomainEventName> = (tx: Tx, event: DomainEventMap[Name]) => Promise<void>

/**
 * Things that follow from things, inside the same transaction: modules call each other downwards only, and what lies
 * above hears of it here. Wired in one place (modules/wiring.ts).
 */
export class DomainEvents {
  readonly #handlers = new Map<DomainEventName, DomainEventHandler<never>[]>()

  on<Name extends DomainEventName>(name: Name, handler: DomainEventHandler<Name>): void {
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler])
  }

  async emit<Name extends DomainEventName>(tx: Tx, name: Name, event: DomainEventMap[Name]): Promise<void> {
    for (const handler of this.#handlers.get(name) ?? []) await (handler as DomainEventHandler<Name>)(tx, event)
  }
}
