import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
} from 'graphql'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { typeDefs } from '../server/graphql/type-defs.generated.ts'
import { packageRoot } from '../server/kit/paths.ts'

const contract = buildSchema(readFileSync(path.join(packageRoot, 'test/contract.graphql'), 'utf8'))
const schema = buildSchema(typeDefs)
const promised = Object.values(contract.getTypeMap()).filter(({ name }) => !name.startsWith('__'))

type Input = GraphQLArgument | GraphQLInputField

/** An argument or input field as one writes it: with its type and its default. */
const written = ({ name, type, defaultValue }: Input) =>
  `${name}: ${String(type)}${defaultValue === undefined ? '' : ` = ${JSON.stringify(defaultValue)}`}`

/** Everything that a type promises, one line each. */
function linesOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map((value) => `${type.name}.${value.name}`)
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => `${type.name}.${written(field)}`)
  if (!isObjectType(type)) return [`${type.name}`]
  return Object.values(type.getFields()).flatMap((field) => [
    `${type.name}.${field.name}: ${String(field.type)}`,
    ...field.args.map((argument) => `${type.name}.${field.name}(${written(argument)})`),
  ])
}

describe('the contract', () => {
  const present = new Set(Object.values(schema.getTypeMap()).flatMap(linesOf))

  it('has every type, field, argument and enum value in the schema, with the same type and default', () => {
    const lines = promised.flatMap(linesOf)
    expect(lines.length).toBeGreaterThan(150)
    expect(lines.filter((line) => !present.has(line))).toEqual([])
  })

  it('lets nothing be asked of a program that it does not know of', () => {
    const demands = promised.flatMap((known) => {
      const type = schema.getType(known.name)
      if (isInputObjectType(type) && isInputObjectType(known)) {
        const added = Object.values(type.getFields()).filter(({ name }) => !known.getFields()[name])
        return added.filter(isRequiredInputField).map(({ name }) => `${type.name}.${name}`)
      }
      if (!isObjectType(type) || !isObjectType(known)) return []
      return Object.values(known.getFields()).flatMap((field) => {
        const args = type.getFields()[field.name]?.args ?? []
        const added = args.filter(({ name }) => !field.args.some((argument) => argument.name === name))
        return added.filter(isRequiredArgument).map(({ name }) => `${type.name}.${field.name}(${name})`)
      })
    })
    expect(demands).toEqual([])
  })
})
