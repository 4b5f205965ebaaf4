import {
  buildSchema,
  getNamedType,
  isInputObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
} from 'graphql'
import { typeDefs } from '../../server/graphql/type-defs.generated.ts'
import type { Arguments, FieldRow } from './fields.ts'

const schema = buildSchema(typeDefs)

export interface IdPath {
  keys: readonly string[]
  list: boolean
  /** Names the account and not something in it. */
  account: boolean
}

export interface RootField {
  /** `Mutation.sendMessage` */
  name: string
  kind: 'query' | 'mutation' | 'subscription'
  ids: IdPath[]
}

const ROOTS = ['query', 'mutation', 'subscription'] as const

const rootType = (kind: RootField['kind']) =>
  ({ query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() })[
    kind
  ]

/** Every root field that takes an id anywhere in its arguments. */
export function listFieldsWithIds(): RootField[] {
  return ROOTS.flatMap((kind) => {
    const type = rootType(kind)
    return Object.values(type?.getFields() ?? {}).map((field) => ({
      name: `${type?.name}.${field.name}`,
      kind,
      ids: field.args.flatMap((argument) => idsOf(argument, [], field.name)),
    }))
  }).filter((field) => field.ids.length > 0 || field.kind === 'subscription')
}

function idsOf(node: GraphQLArgument | GraphQLInputField, above: readonly string[], field: string): IdPath[] {
  const keys = [...above, node.name]
  const type = getNamedType(node.type)
  if (isInputObjectType(type)) return Object.values(type.getFields()).flatMap((inner) => idsOf(inner, keys, field))
  const named = type.name === 'ID' || /(^id|Ids?|ids)$/.test(node.name)
  if (!named) return []
  return [{ keys, list: String(node.type).startsWith('['), account: node.name === 'accountId' || field === 'account' }]
}

const fieldOf = (name: string): GraphQLField<unknown, unknown> => {
  const [type = '', field = ''] = name.split('.')
  const kind = ROOTS.find((root) => rootType(root)?.name === type) ?? 'query'
  const found = rootType(kind)?.getFields()[field]
  if (!found) throw new Error(`no field ${name}`)
  return found
}

/** One operation that calls the field once under each alias, with arguments of its own. */
export function documentOf(
  { name, kind }: Pick<RootField, 'name' | 'kind'>,
  row: FieldRow,
  calls: Record<string, Arguments>,
) {
  const field = fieldOf(name)
  const taken = Object.entries(calls).flatMap(([alias, values]) =>
    field.args
      .filter((argument) => argument.name in values)
      .map((argument) => ({ alias, argument, value: values[argument.name] })),
  )
  const declared = taken.map(({ alias, argument }) => `$${alias}_${argument.name}: ${argument.type}`).join(', ')
  const call = (alias: string) =>
    taken
      .filter((entry) => entry.alias === alias)
      .map(({ argument }) => `${argument.name}: $${alias}_${argument.name}`)
      .join(', ')
  const selected = Object.keys(calls).map((alias) => `${alias}: ${field.name}(${call(alias)}) ${row.select ?? ''}`)
  return {
    query: `${kind} Generated(${declared}) { ${selected.join('\n')} }`,
    variables: Object.fromEntries(taken.map(({ alias, argument, value }) => [`${alias}_${argument.name}`, value])),
  }
}

export function valueAt(values: Arguments, { keys }: IdPath): unknown {
  return keys.reduce<unknown>((value, key) => (value as Arguments | undefined)?.[key], values)
}

/** The same arguments with another id in one place. */
export function replaceAt(values: Arguments, { keys, list }: IdPath, id: string): Arguments {
  const copy = structuredClone(values)
  const parent = keys.slice(0, -1).reduce<Arguments>((value, key) => value[key] as Arguments, copy)
  parent[keys.at(-1) ?? ''] = list ? [id] : id
  return copy
}
