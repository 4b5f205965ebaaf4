import {
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  Kind,
  specifiedRules,
  validate,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValidationRule,
} from 'graphql'
import { parseDocument } from '../graphql/limits.ts'
import { publicError, type ErrorCode } from '../kit/errors.ts'

/** A document that may be subscribed to. */
export interface Prepared {
  readonly text: string
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly field: FieldNode
  /** The variable that carries `after` and nothing else: two subscribers who differ only in it share executions. */
  readonly resumeVariable: string | undefined
}

export interface Arguments {
  accountId: string
  after: string | undefined
  /** The given variables, only those that the document declares. */
  variables: Record<string, unknown>
}

/** GraphQL errors that a subscriber gets in an `error` frame, each with a code. */
export class Refusal extends Error {
  readonly errors: readonly GraphQLError[]

  constructor(errors: readonly GraphQLError[]) {
    super('subscription refused')
    this.errors = errors.map(codedError)
  }
}

/** The error as it may leave the server, with `extensions.code`; what is not ours to tell becomes INTERNAL. */
export function codedError(error: unknown): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined
  const cause = located ? located.originalError : error
  const { code, message, details } = told(cause, located)
  const extensions = { code, ...(details && { details }) }
  return new GraphQLError(message, { nodes: located?.nodes, path: located?.path, extensions })
}

function told(cause: unknown, located: GraphQLError | undefined) {
  // Without a cause it is graphql's own word on the document or the variables.
  if (!cause && located) return { code: 'INVALID' as ErrorCode, message: located.message, details: undefined }
  return publicError(cause)
}

const MAX_CACHED_TEXT = 16_384
const MAX_CACHED = 200

/** Parses and validates subscription documents, each text once. */
export class Documents {
  readonly #schema: () => GraphQLSchema
  readonly #rules: readonly ValidationRule[]
  readonly #cache = new Map<string, Prepared>()

  /** `rules` come on top of the specified ones. */
  constructor(schema: () => GraphQLSchema, rules: readonly ValidationRule[]) {
    this.#schema = schema
    this.#rules = [...new Set([...specifiedRules, ...rules])]
  }

  /** Whether the text was prepared before: another time costs nothing. */
  knows(text: string): boolean {
    return this.#cache.has(text)
  }

  /** @throws Refusal unless the text is one valid subscription */
  prepare(text: string, operationName: string | null | undefined): Prepared {
    const prepared = this.#cache.get(text) ?? this.#prepare(text)
    if (operationName != null && operationName !== prepared.operation.name?.value)
      throw new Refusal([new GraphQLError('The document has no operation of that name')])
    if (text.length <= MAX_CACHED_TEXT) this.#remember(prepared)
    return prepared
  }

  /** @throws Refusal when the variables do not fit the document */
  readArguments({ operation, field }: Prepared, given: Record<string, unknown> | null | undefined): Arguments {
    const schema = this.#schema()
    const definitions = operation.variableDefinitions ?? []
    const names = definitions.map((definition) => definition.variable.name.value)
    const variables = Object.fromEntries(
      names.filter((name) => given && Object.hasOwn(given, name)).map((name) => [name, given?.[name]]),
    )
    const { coerced, errors } = getVariableValues(schema, definitions, variables, { maxErrors: 5 })
    if (errors) throw new Refusal(errors)
    const definition = schema.getSubscriptionType()?.getFields()[field.name.value]
    if (!definition) throw new Refusal([new GraphQLError('Unknown subscription')])
    const values = getArgumentValues(definition, field, coerced)
    return {
      accountId: String(values.accountId),
      after: values.after == null ? undefined : String(values.after),
      variables,
    }
  }

  #prepare(text: string): Prepared {
    const document = parseText(text)
    const [operation, ...others] = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    if (!operation || others.length) throw refusal('A document must hold exactly one operation')
    if (operation.operation !== 'subscription') throw refusal('Only subscriptions run here; send the rest over HTTP')
    const errors = validate(this.#schema(), document, this.#rules, { maxErrors: 10 })
    if (errors.length) throw new Refusal(errors)
    const field = rootField(document, operation.selectionSet.selections)
    return { text, document, operation, field, resumeVariable: resumeVariable(document, field) }
  }

  /** Most recently used last; the first goes when there are too many. */
  #remember(prepared: Prepared) {
    this.#cache.delete(prepared.text)
    this.#cache.set(prepared.text, prepared)
    const [oldest] = this.#cache.keys()
    if (this.#cache.size > MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest)
  }
}

const refusal = (message: string) => new Refusal([new GraphQLError(message)])

function parseText(text: string): DocumentNode {
  try {
    return parseDocument(text).document
  } catch (error) {
    throw new Refusal([error instanceof GraphQLError ? error : new GraphQLError('Unreadable document')])
  }
}

/** Validation has seen to it that there is one root field; here it must also stand there unconditionally. */
function rootField(document: DocumentNode, selections: readonly SelectionNode[]): FieldNode {
  const [selection] = selections
  if (!selection || selections.length > 1 || selection.directives?.length)
    throw refusal('A subscription selects one field, without directives')
  if (selection.kind === Kind.FIELD) return selection
  if (selection.kind === Kind.INLINE_FRAGMENT) return rootField(document, selection.selectionSet.selections)
  const fragment = document.definitions.find(
    (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === selection.name.value,
  )
  if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw refusal('Unknown fragment')
  return rootField(document, fragment.selectionSet.selections)
}

function resumeVariable(document: DocumentNode, field: FieldNode): string | undefined {
  const value = field.arguments?.find((argument) => argument.name.value === 'after')?.value
  if (value?.kind !== Kind.VARIABLE) return undefined
  const name = value.name.value
  let uses = 0
  visit(document, { Variable: (node) => void (uses += node.name.value === name ? 1 : 0) })
  // Its declaration and this one use.
  return uses === 2 ? name : undefined
}
