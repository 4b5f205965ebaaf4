import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  valueFromASTUntyped,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql'

/** What a document may be: the client's largest is far below each of these. */
export const LIMITS = {
  characters: 12_000,
  tokens: 1_000,
  /** As they are written, fragments once. Validation compares each with each. */
  selections: 200,
  depth: 9,
  aliases: 15,
  directives: 20,
  rootFields: 10,
  cost: 12_000,
  /** It is executed for every event. */
  subscriptionCost: 250,
} as const

const MAX_LIST = 100
const DEFAULT_LIST = 25

export interface ParsedDocument {
  document: DocumentNode
  /** What validating it may take: the square of this. */
  selections: number
}

/**
 * Parses a document and measures it, in a time that grows with its length and no faster: what validation does not.
 * @throws GraphQLError for what is no document, or one that is too deep, too wide or too long to be looked at further
 */
export function parseDocument(text: string): ParsedDocument {
  const document = parse(text, { maxTokens: LIMITS.tokens })
  const selections = checkSelections(document)
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue
    if (rootFieldsOf(document, operation.selectionSet) > LIMITS.rootFields) throw tooMany('root fields')
    if (depthOf(document, operation.selectionSet) > LIMITS.depth) throw tooMany('levels')
    if (operation.operation === 'subscription') checkSubscription(document)
  }
  return { document, selections }
}

const tooMany = (what: string) => new GraphQLError(`The document has too many ${what}`)

function checkSelections(document: DocumentNode): number {
  const counts = { selections: 0, aliases: 0, directives: 0 }
  const select = () => void (counts.selections += 1)
  visit(document, {
    Field: (node) => {
      select()
      if (node.alias) counts.aliases += 1
    },
    FragmentSpread: select,
    InlineFragment: select,
    Directive: () => void (counts.directives += 1),
  })
  for (const what of ['aliases', 'directives', 'selections'] as const)
    if (counts[what] > LIMITS[what]) throw tooMany(what)
  return counts.selections
}

/** A list below an event is read from the database for each event and each document that differs: one, and a short one. */
function checkSubscription(document: DocumentNode): void {
  let lists = 0
  visit(document, { Field: ({ name }) => void (lists += Number(PAGED.has(name.value))) })
  if (lists > 1) throw new GraphQLError('A subscription has at most one list')
  const cost = costOf(document, {})
  if (cost > LIMITS.subscriptionCost)
    throw new GraphQLError(`The subscription costs ${cost}, more than ${LIMITS.subscriptionCost}`)
}

const fragmentsOf = (document: DocumentNode) =>
  new Map(
    document.definitions.flatMap((definition): [string, FragmentDefinitionNode][] =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )

type Combine = (values: number[]) => number
type Measure = (field: FieldNode, below: number) => number

/**
 * Folds a selection set into a number; each fragment is walked once, however often it is spread, and a circle of them
 * counts as nothing (GraphQL's own rule refuses it).
 */
function fold(document: DocumentNode, set: SelectionSetNode, combine: Combine, measure: Measure): number {
  const fragments = fragmentsOf(document)
  const known = new Map<string, number>()
  const ofFragment = (name: string): number => {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, 0)
    const fragment = fragments.get(name)
    const value = fragment ? walk(fragment.selectionSet) : 0
    known.set(name, value)
    return value
  }
  const walk = (selections: SelectionSetNode): number =>
    combine(
      selections.selections.map((selection) => {
        if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value)
        const below = selection.selectionSet ? walk(selection.selectionSet) : 0
        return selection.kind === Kind.FIELD ? measure(selection, below) : below
      }),
    )
  return walk(set)
}

const sum: Combine = (values) => values.reduce((total, value) => total + value, 0)

const rootFieldsOf = (document: DocumentNode, set: SelectionSetNode): number => fold(document, set, sum, () => 1)

const depthOf = (document: DocumentNode, set: SelectionSetNode): number =>
  fold(
    document,
    set,
    (depths) => Math.max(0, ...depths),
    (_field, below) => 1 + below,
  )

/** One operation a document: Mercurius's compiled queries answer the wrong one of two. */
const oneOperationRule: ValidationRule = (context) => ({
  Document(node) {
    const operations = node.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    if (operations.length !== 1) context.reportError(new GraphQLError('A document holds one operation'))
  },
})

/** The rules that HTTP and sockets add to GraphQL's own; the document has been measured before. */
export const validationRules = (options: { introspection: boolean }): ValidationRule[] => [
  oneOperationRule,
  ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
]

/** How many fields a document may resolve at the most: lists count with the size that they ask for. */
export function costOf(document: DocumentNode, variables: Readonly<Record<string, unknown>>): number {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (!operation) return 0
  const values = { ...defaultsOf(operation), ...variables }
  return fold(document, operation.selectionSet, sum, (field, below) => 1 + listSize(field, values) * below)
}

/** What a document does that costs more than its fields tell: asking a provider, looking through contacts. */
export const PRECIOUS = [
  'search',
  'startConnection',
  'inspectChannel',
  'connectChannel',
  'checkMessage',
  'importHistory',
] as const

/** How often a document does each of those. */
export function preciousUses(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): { what: (typeof PRECIOUS)[number]; count: number }[] {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (!operation) return []
  const values = { ...defaultsOf(operation), ...variables }
  const isUse = (field: FieldNode, what: (typeof PRECIOUS)[number]) =>
    what === 'search' ? searches(field, values) : field.name.value === what
  return PRECIOUS.map((what) => {
    const measure: Measure = (field, below) => Number(isUse(field, what)) + below
    return { what, count: fold(document, operation.selectionSet, sum, measure) }
  }).filter(({ count }) => count > 0)
}

/** Lists with a text to look for: `query`, in the arguments or in the filter. */
function searches(field: FieldNode, variables: Readonly<Record<string, unknown>>): boolean {
  if (!PAGED.has(field.name.value)) return false
  return (field.arguments ?? []).some(({ name, value }) => {
    const given: unknown = valueFromASTUntyped(value, variables)
    const text = name.value === 'filter' ? (given as { query?: unknown } | null | undefined)?.query : given
    return (name.value === 'filter' || name.value === 'query') && typeof text === 'string' && text.trim() !== ''
  })
}

const defaultsOf = (operation: OperationDefinitionNode): Record<string, unknown> =>
  Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  )

const PAGED = new Set(['conversations', 'messages', 'platformAccounts', 'deadLetters', 'matches'])

function listSize(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  if (!PAGED.has(field.name.value)) return 1
  const sizes = (field.arguments ?? [])
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .map(({ value }) => valueFromASTUntyped(value, variables))
    .filter((size) => typeof size === 'number')
  return sizes.length ? Math.min(Math.max(1, ...sizes), MAX_LIST) : DEFAULT_LIST
}
