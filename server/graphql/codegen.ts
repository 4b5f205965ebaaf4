import { codegen } from '@graphql-codegen/core'
import { preset } from '@graphql-codegen/client-preset'
import * as typescript from '@graphql-codegen/typescript'
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers'
import { buildSchema, parse } from 'graphql'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { packageRoot } from '../kit/paths.ts'
import { mappers } from './mappers.ts'

/**
 * Writes what the schema implies: resolver types and the merged SDL for the server, typed documents for the client
 * and for the tests. `--check` writes nothing and exits with 1 when a file differs from what it would write.
 */
async function main(check: boolean) {
  const sdl = await mergedSdl()
  const outputs = new Map<string, string>([
    ['server/graphql/type-defs.generated.ts', `export const typeDefs = ${JSON.stringify(sdl)}\n`],
    ['server/graphql/generated.ts', await resolverTypes(sdl)],
  ])
  for (const [folder, file] of [
    ['client/api/operations', 'client/api/generated.ts'],
    ['test/support/operations', 'test/support/generated.ts'],
  ] as const) {
    const source = await typedDocuments(sdl, folder)
    if (!source) continue
    const parts = splitLate(source, await lateOperations(folder))
    outputs.set(file, parts.first)
    if (parts.late) outputs.set(path.join(path.dirname(file), `${LATE}.generated.ts`), parts.late)
  }
  const stale = []
  for (const [file, source] of outputs) {
    const target = path.join(packageRoot, file)
    if ((await readFile(target, 'utf8').catch(() => '')) === source) continue
    stale.push(file)
    if (check) continue
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, source)
  }
  console.log(stale.length ? `${check ? 'stale' : 'wrote'}: ${stale.join(', ')}` : 'generated files are current')
  if (check && stale.length) process.exitCode = 1
}

async function graphqlFiles(folder: string): Promise<string[]> {
  const names = await readdir(path.join(packageRoot, folder), { recursive: true }).catch(() => [])
  return names
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => path.join(packageRoot, folder, name))
}

async function mergedSdl() {
  const files = ['server/graphql', 'server/modules'].map(graphqlFiles)
  const texts = (await Promise.all(files)).flat().map((file) => readFile(file, 'utf8'))
  return (await Promise.all(texts)).join('\n')
}

const SHARED = { enumsAsTypes: true, useTypeImports: true, scalars: { DateTime: 'Date', JSON: 'unknown' } }

async function resolverTypes(sdl: string) {
  return codegen({
    filename: 'generated.ts',
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents: [],
    config: SHARED,
    plugins: [
      { typescript: {} },
      {
        'typescript-resolvers': {
          contextType: './context.ts#Context',
          emitLegacyCommonJSImports: false,
          mappers,
          defaultMapper: 'Partial<{T}>',
        },
      },
    ],
    pluginMap: { typescript, 'typescript-resolvers': typescriptResolvers },
  })
}

async function typedDocuments(sdl: string, folder: string) {
  const files = await graphqlFiles(folder)
  if (!files.length) return undefined
  const documents = await Promise.all(
    files.map(async (file) => {
      const rawSDL = await readFile(file, 'utf8')
      return { location: path.relative(packageRoot, file), rawSDL, document: parse(rawSDL) }
    }),
  )
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: 'out/',
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents,
    config: {
      documentMode: 'string',
      useTypeImports: true,
      enumsAsTypes: true,
      scalars: { DateTime: 'string', JSON: 'unknown' },
    },
    plugins: [],
    pluginMap: {},
    presetConfig: { fragmentMasking: false },
  })
  const section = sections.find((candidate) => candidate.filename === 'out/graphql.ts')
  return section ? String(await codegen(section)) : undefined
}

/** What is asked on pages that come later lies in a folder of this name, and its documents in a module of their own. */
const LATE = 'settings'

async function lateOperations(folder: string): Promise<Set<string>> {
  const texts = (await graphqlFiles(path.join(folder, LATE))).map((file) => readFile(file, 'utf8'))
  const names = (await Promise.all(texts)).flatMap((text) => [...text.matchAll(/^(?:query|mutation) (\w+)/gm)])
  return new Set(names.map(([, name = '']) => name))
}

const DOCUMENT =
  /^export const (\w+)Document = new TypedDocumentString\(`[^`]*`[^\n]*\) as unknown as TypedDocumentString<(\w+), (\w+)>;\n?/gm

/** A bundler loads a module as a whole: the first page would carry the documents of all. The types stay where they are. */
function splitLate(source: string, late: ReadonlySet<string>): { first: string; late?: string } {
  const documents: string[] = []
  const types: string[] = []
  const first = source.replace(DOCUMENT, (document: string, name: string, result: string, variables: string) => {
    if (!late.has(name)) return document
    documents.push(document.trimEnd())
    types.push(`type ${result}`, `type ${variables}`)
    return ''
  })
  if (documents.length !== late.size) throw new Error('a document is not written as it was')
  if (!late.size) return { first }
  const head = `/* eslint-disable */\nimport { TypedDocumentString, ${types.join(', ')} } from './generated.ts'\n`
  return { first, late: `${head}${documents.join('\n')}\n` }
}

await main(process.argv.includes('--check'))
