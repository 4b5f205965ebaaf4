import { Kind, parse, print, visit, type DefinitionNode, type FragmentDefinitionNode } from 'graphql'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { packageRoot } from '../../server/kit/paths.ts'

const FOLDER = path.join(packageRoot, 'client/api/operations')

/** An operation of the client's, word by word, with the fragments that it uses. */
export function clientDocument(name: string): string {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.graphql'))
  const definitions = files.flatMap(
    (file) => parse(readFileSync(path.join(FOLDER, file), 'utf8')).definitions as readonly DefinitionNode[],
  )
  const operation = definitions.find(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === name,
  )
  if (!operation) throw new Error(`the client has no operation ${name}`)
  const fragments = new Map(
    definitions.flatMap((definition): [string, FragmentDefinitionNode][] =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )
  const used = new Set<DefinitionNode>([operation])
  const collect = (node: DefinitionNode) =>
    visit(node, {
      FragmentSpread: (spread) => {
        const fragment = fragments.get(spread.name.value)
        if (!fragment || used.has(fragment)) return
        used.add(fragment)
        collect(fragment)
      },
    })
  collect(operation)
  return [...used].map((definition) => print(definition)).join('\n')
}
