import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql'
import { costOf, LIMITS, parseDocument, preciousUses } from './limits.ts'

/** The latest ones of each text. */
const CACHED_DOCUMENTS = 500

interface Entry {
  document?: DocumentNode
  errors: readonly GraphQLError[]
}

export interface Checked {
  errors: readonly GraphQLError[]
  cost: number
  uses: ReturnType<typeof preciousUses>
}

/** Checks documents that come over HTTP, once each; what is wrong with one is kept too. */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #rules: readonly ValidationRule[]
  readonly #known = new Map<string, Entry>()

  constructor(schema: GraphQLSchema, rules: readonly ValidationRule[]) {
    this.#schema = schema
    this.#rules = [...specifiedRules, ...rules]
  }

  /** `charge` is called before a text that was not seen before is validated, with its selections; it may throw. */
  async check(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    charge: (selections: number) => Promise<void>,
  ): Promise<Checked> {
    const { document, errors } = this.#known.get(query) ?? (await this.#add(query, charge))
    if (!document || errors.length) return { errors, cost: 0, uses: [] }
    const cost = costOf(document, variables)
    const tooMuch = new GraphQLError(`The document costs ${cost}, more than ${LIMITS.cost}`)
    return { errors: cost > LIMITS.cost ? [tooMuch] : [], cost, uses: preciousUses(document, variables) }
  }

  async #add(query: string, charge: (selections: number) => Promise<void>): Promise<Entry> {
    const parsed = parseOrRefuse(query)
    if ('document' in parsed) await charge(parsed.selections)
    const entry = 'document' in parsed ? this.#validate(parsed.document) : parsed
    const [oldest] = this.#known.keys()
    if (this.#known.size >= CACHED_DOCUMENTS && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(query, entry)
    return entry
  }

  #validate(document: DocumentNode): Entry {
    if (getOperationAST(document)?.operation === OperationTypeNode.SUBSCRIPTION)
      return { errors: [new GraphQLError('Subscriptions go over the socket')] }
    return { document, errors: validate(this.#schema, document, this.#rules, { maxErrors: 10 }) }
  }
}

function parseOrRefuse(query: string) {
  try {
    return parseDocument(query)
  } catch (error) {
    return { errors: [error instanceof GraphQLError ? error : new GraphQLError('Unreadable document')] }
  }
}
