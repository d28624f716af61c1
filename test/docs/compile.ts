/**
 * Compiles snippets, all of them in one program. A snippet may use some names without importing them: the exports of the package
 * (and of the file of a docstring), a few names of Node, and those of the prelude.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { root, type Snippet } from './snippets.ts'

/** A snippet that has been compiled. */
export interface Compiled extends Snippet {
  /** Errors of the compiler, one line each. */
  readonly errors: readonly string[]
  /** Whether it uses no name that only the prelude declares. */
  readonly selfContained: boolean
  /** Whether it uses servers, sockets, processes or files. */
  readonly reachesOut: boolean
  /** The imports that were added for it. */
  readonly imports: string
}

const PRELUDE = join(root, 'test/docs/prelude.d.ts')

/** Maps the package's names to its source while its snippets are compiled and run. */
export const sources: Readonly<Record<string, string>> = {
  'websocket-primitives': 'src/index.ts',
  ...Object.fromEntries(
    readdirSync(join(root, 'src'))
      .filter((folder) => existsSync(join(root, 'src', folder, 'index.ts')))
      .map((folder) => [`websocket-primitives/${folder}`, `src/${folder}/index.ts`]),
  ),
  'websocket-primitives/node': 'src/adapters/node/index.ts',
  'websocket-primitives/bun': 'src/adapters/bun/index.ts',
  'websocket-primitives/codec/pako': 'src/codec/pako.ts',
  'websocket-primitives/codec/zlib': 'src/codec/zlib.ts',
}

/** Modules whose names need no import, in order of lookup, after the exports of a docstring's own file. */
const known: readonly string[] = [
  'websocket-primitives',
  ...['http', 'handshake', 'frame', 'deflate', 'registry', 'streams'].map((folder) => `websocket-primitives/${folder}`),
  ...['codec/zlib', 'codec/pako', 'testing', 'node', 'bun'].map((path) => `websocket-primitives/${path}`),
]
const ofNode: Readonly<Record<string, string>> = {
  createServer: 'node:http',
  connect: 'node:net',
  once: 'node:events',
  Duplex: 'node:stream',
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  paths: Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, [join(root, path)]])),
}

/** Parameters without a type, as in JavaScript. */
const implicitAny: ReadonlySet<number> = new Set([7005, 7006, 7019, 7031, 7034])
/** A snippet may be a part of a function. */
const RETURN_OUTSIDE = 1108

/** Compiles snippets: returns the errors of each, and whether it can run alone. */
export function compile(snippets: readonly Snippet[]): Compiled[] {
  const texts = new Map<string, string>()
  const paths = snippets.map(({ place, language }, at) => {
    // Next to the docstring, so that relative imports work; for a Markdown file, at the top.
    const folder = place.startsWith('src/') ? place.slice(0, place.lastIndexOf('/')) : ''
    return join(root, folder, `snippet-${at}.${language === 'js' ? 'mjs' : 'ts'}`)
  })
  const exported = exportsOf(snippets)
  const imports = snippets.map((snippet) => importsOf(snippet, exported))
  for (const [at, { code }] of snippets.entries())
    texts.set(paths[at] as string, `${imports[at]}\n${code}\nexport {}\n`)
  const program = createProgram(texts)
  return snippets.map((snippet, at) => {
    const file = program.getSourceFile(paths[at] as string) as ts.SourceFile
    const errors = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
      .filter(({ code }) => code !== RETURN_OUTSIDE && !(snippet.language === 'js' && implicitAny.has(code)))
      .map(({ messageText, start = 0 }) => {
        const line = file.getLineAndCharacterOfPosition(start).line
        return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
      })
    const reachesOut = file.text.includes(" from 'node:")
    return {
      ...snippet,
      errors,
      selfContained: !usesPrelude(program, file),
      reachesOut,
      imports: imports[at] as string,
    }
  })
}

function createProgram(texts: ReadonlyMap<string, string>): ts.Program {
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, languageVersion, ...more) => {
    const text = texts.get(path)
    return text === undefined
      ? getSourceFile(path, languageVersion, ...more)
      : ts.createSourceFile(path, text, languageVersion, true)
  }
  return ts.createProgram([...texts.keys(), PRELUDE], options, host)
}

function usesPrelude(program: ts.Program, file: ts.SourceFile): boolean {
  const checker = program.getTypeChecker()
  let found = false
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const declarations = checker.getSymbolAtLocation(node)?.declarations ?? []
      if (declarations.some((declaration) => declaration.getSourceFile().fileName === PRELUDE)) found = true
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** The exports of each file that a snippet may use without importing them; a docstring's file is listed by its path. */
function exportsOf(snippets: readonly Snippet[]): ReadonlyMap<string, ReadonlySet<string>> {
  const own = snippets.map(({ place }) => place.replace(/:.*/, '')).filter((path) => path.startsWith('src/'))
  const named = known.map((name): [string, string] => [name, sources[name] as string])
  const files = new Map([...named, ...own.map((path): [string, string] => [path, path])])
  return new Map([...files].map(([key, path]) => [key, exportedNames(path)]))
}

/** The names that a file exports, its own and re-exported ones; found by parsing, which is faster than a program. */
function exportedNames(path: string): Set<string> {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest)
  return new Set(
    file.statements.flatMap((statement) => {
      if (ts.isExportDeclaration(statement)) return passedOnNames(statement, path)
      const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(isExport)
      return isExported ? declaredNames(statement) : []
    }),
  )
}

function passedOnNames({ exportClause, moduleSpecifier }: ts.ExportDeclaration, path: string): string[] {
  if (exportClause && ts.isNamedExports(exportClause)) return exportClause.elements.map(({ name }) => name.text)
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
  return [...exportedNames(posix.join(path, '..', moduleSpecifier.text))]
}

const isExport = ({ kind }: ts.Modifier): boolean => kind === ts.SyntaxKind.ExportKeyword

function declaredNames(statement: ts.Statement): string[] {
  const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement]
  return declarations.flatMap((node) => {
    const name = ts.getNameOfDeclaration(node as ts.Declaration)
    return name && ts.isIdentifier(name) ? [name.text] : []
  })
}

/** The names of the prelude that take precedence over exports of `testing`. */
const ofPrelude: ReadonlySet<string> = new Set(['chunk'])

/** The imports that a snippet omits. */
function importsOf({ place, code }: Snippet, exported: ReadonlyMap<string, ReadonlySet<string>>): string {
  const path = place.replace(/:.*/, '')
  const wanted = freeNames(code)
  const lines: string[] = []
  for (const name of wanted) {
    const modules = ofPrelude.has(name) ? [path] : [path, ...known]
    const module = modules.find((key) => exported.get(key)?.has(name)) ?? ofNode[name]
    if (module === undefined) continue
    lines.push(`import { ${name} } from '${module === path ? `./${path.slice(path.lastIndexOf('/') + 1)}` : module}'`)
  }
  return lines.join('; ')
}

/** Names that a snippet uses but does not declare. */
function freeNames(code: string): Set<string> {
  const file = ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest, true)
  const used = new Set<string>()
  const declared = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node
      const isMember =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node)
      const isDeclared = 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent)
      if (isDeclared && !isMember) declared.add(node.text)
      else if (!isMember) used.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return new Set([...used].filter((name) => !declared.has(name)))
}
