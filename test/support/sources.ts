import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { packageRoot } from '../../server/kit/paths.ts'

export interface Import {
  /** As written. */
  specifier: string
  /** Path inside the package for a relative import, undefined for a package. */
  file?: string
  /** Erased when compiled. */
  typeOnly: boolean
}

/** A source file of ours, by its path inside the package. */
export interface Source {
  file: string
  /** What a .vue file holds outside its scripts is part of it. */
  text: string
  imports: Import[]
  /** Every string literal of the scripts, import specifiers apart. */
  strings: string[]
  /** Names as in `process.env`, for each property that is read by name. */
  properties: string[]
  calls: string[]
}

/** All TypeScript and Vue files below these folders, generated ones left out. */
export function readSources(...folders: string[]): Source[] {
  return folders.flatMap((folder) => listFiles(folder)).map(readSource)
}

function listFiles(folder: string): string[] {
  return readdirSync(path.join(packageRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue|js)$/.test(entry.name) && !/generated\.ts$/.test(entry.name))
    .map((entry) => path.relative(packageRoot, path.join(entry.parentPath, entry.name)))
    .sort()
}

function readSource(file: string): Source {
  const text = readFileSync(path.join(packageRoot, file), 'utf8')
  const source: Source = { file, text, imports: [], strings: [], properties: [], calls: [] }
  const code = file.endsWith('.vue') ? scriptsOf(text) : text
  const visit = (node: ts.Node): void => {
    const found = importOf(node)
    if (found) {
      const relative = found.specifier.startsWith('.')
      const target = relative ? path.join(path.dirname(file), found.specifier) : undefined
      source.imports.push({ ...found, file: target })
    } else if (ts.isStringLiteralLike(node)) source.strings.push(node.text)
    else if (ts.isPropertyAccessExpression(node)) source.properties.push(node.getText().replace(/\s/g, ''))
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) source.calls.push(node.expression.text)
    // The specifier of an import is no string of its own.
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS))
  return source
}

const scriptsOf = (text: string) =>
  [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, code]) => code).join('\n')

function importOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
    return { specifier: node.moduleSpecifier.text, typeOnly: isTypeImport(node.importClause) }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    if (argument && ts.isStringLiteralLike(argument)) return { specifier: argument.text, typeOnly: false }
  }
  return undefined
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  return !clause.name && !!names && ts.isNamedImports(names) && names.elements.every((element) => element.isTypeOnly)
}

/** Every circle of imports, as the files along it. Imports of types alone are erased and make none. */
export function importCircles(sources: Source[]): string[] {
  const targets = new Map(sources.map((source) => [source.file, runtimeTargets(source)]))
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, trail: string[]) => {
    const start = trail.indexOf(file)
    if (start >= 0) circles.push([...trail.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const target of targets.get(file) ?? []) walk(target, [...trail, file])
    done.add(file)
  }
  for (const file of targets.keys()) walk(file, [])
  return circles
}

const runtimeTargets = (source: Source) =>
  source.imports.flatMap((entry) => (entry.file && !entry.typeOnly ? [entry.file] : []))
