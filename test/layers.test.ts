/**
 * The layers of `src/`: which layer may import which, and what no file there may do. Checks the real tree, and proves with small invented
 * trees that each rule can fail.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

interface Layer {
  readonly layer: string
  /** Layers above this one that it must not import, each with the reason. */
  readonly never?: Readonly<Record<string, string>>
  /** The only layers that this one may import; absent: any layer above it. */
  readonly only?: readonly string[]
  /** Files inside a closed layer that may be imported. */
  readonly except?: readonly string[]
  /** Layers from which only types may be imported. */
  readonly typesOnly?: Readonly<Record<string, string>>
  /** Packages that may be imported only here. */
  readonly packages?: readonly string[]
}

const passedAsObjects = 'extensions are passed as objects, so that programs do not load unused ones'
const ownSubpath = 'a separate subpath'

/** A layer may import itself and those above it in this list. Single files at the top of `src/` are layers too. */
const layers: readonly Layer[] = [
  { layer: 'types', only: [] },
  { layer: 'errors', only: ['types'] },
  { layer: 'arguments', only: ['errors'] },
  { layer: 'limits', only: ['types', 'arguments'] },
  { layer: 'native', only: ['arguments'] },
  { layer: 'registry', only: [] },
  { layer: 'platform' },
  { layer: 'bytes' },
  { layer: 'http' },
  { layer: 'frame', never: { http: 'frames are the same for every kind of handshake' } },
  { layer: 'extensions' },
  {
    layer: 'handshake',
    never: { frame: 'a handshake is over before the first frame' },
    typesOnly: { extensions: passedAsObjects },
    except: ['extension', 'header', 'support', 'define'].map((name) => `extensions/${name}.ts`),
    packages: ['@noble/hashes/'],
  },
  { layer: 'deflate' },
  { layer: 'codec', packages: ['pako', 'node:zlib'] },
  {
    layer: 'connection',
    never: {
      http: 'a connection begins where the handshake ends',
      deflate: passedAsObjects,
      codec: passedAsObjects,
    },
    typesOnly: {
      handshake: 'an agreement is plain data, without the negotiation',
      extensions: passedAsObjects,
    },
    except: ['extension', 'support', 'pipeline-state'].map((name) => `extensions/${name}.ts`),
  },
  { layer: 'driver' },
  { layer: 'streams' },
  { layer: 'adapters' },
  { layer: 'observe' },
  { layer: 'testing' },
  { layer: 'cases', only: ['testing'] },
  { layer: 'cli', packages: ['node:'] },
  {
    layer: 'index',
    never: {
      codec: 'each codec needs its library and is a separate subpath',
      driver: ownSubpath,
      streams: ownSubpath,
      adapters: ownSubpath,
      observe: ownSubpath,
      testing: 'a separate subpath, for tests',
      cases: 'data that the build writes as JSON',
      cli: 'a command, which nothing imports',
    },
  },
]

/** Files that only some layers may import. */
const reserved: Readonly<Record<string, { readonly layers: readonly string[]; readonly reason: string }>> = {
  'platform/timers.ts': {
    layers: ['driver', 'streams', 'adapters', 'testing'],
    reason: 'elsewhere time is an argument',
  },
}

/** Part of the language, but not of a pure function: time and randomness are arguments here. */
const impure = new Set(['globalThis', 'eval', 'Date'])

interface Import {
  readonly specifier: string
  readonly line: number
  readonly typeOnly: boolean
}

interface SourceFile {
  readonly path: string
  readonly layer: string
  readonly tree: ts.SourceFile
  readonly imports: readonly Import[]
}

/** Returns all errors in a tree of files (paths from `src/` → text), one line each. */
function findErrors(tree: ReadonlyMap<string, string>): string[] {
  const files = new Map([...tree].map(([path, text]) => [path, parse(path, text)]))
  return [
    ...[...files.values()].flatMap((file) => [...fileErrors(file), ...importErrors(file, files)]),
    ...circles(files),
  ]
}

function parse(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const imports: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier))
      imports.push({ specifier: specifier.text, line: lineOf(tree, node), typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, isTypeExport(node))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return { path, layer: path.replace(/\/.*|\.ts$/, ''), tree, imports }
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const { namedBindings: named } = clause
  return clause.name === undefined && named !== undefined && ts.isNamedImports(named) && allTypes(named.elements)
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true
  return node.exportClause !== undefined && ts.isNamedExports(node.exportClause) && allTypes(node.exportClause.elements)
}

function allTypes(elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]): boolean {
  return elements.every((element) => element.isTypeOnly)
}

function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

/** Returns the errors in a single file. */
function fileErrors({ path, layer, tree }: SourceFile): string[] {
  const errors: string[] = []
  const { text } = tree
  if (!/^(?:#!.*\n)?\/\*\*(?:(?!\*\/).)*@module\b/s.test(text))
    errors.push(`${path}:1 does not begin with a /** … @module */ comment that explains the file`)
  if (isIndex(path))
    for (const statement of tree.statements)
      if (!(ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined))
        errors.push(`${path}:${lineOf(tree, statement)} is not a re-export: an index.ts contains nothing else`)
  if (layer !== 'platform') errors.push(...globalErrors(path, tree))
  return errors
}

/** Finds uses of globals. The compiler knows only ES2022 and no runtime's globals; these are the ways to declare or reach others. */
function globalErrors(path: string, tree: ts.SourceFile): string[] {
  const errors: string[] = []
  const rule = 'outside platform/, which contains every use of a global'
  const report = (node: ts.Node, what: string): void => {
    errors.push(`${path}:${lineOf(tree, node)} ${what} ${rule}`)
  }
  const visit = (node: ts.Node): void => {
    const ambient =
      ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DeclareKeyword)
    // `declare` on a type refers to no global, and on a field of a class it only narrows the type.
    if (
      ambient &&
      !ts.isTypeAliasDeclaration(node) &&
      !ts.isInterfaceDeclaration(node) &&
      !ts.isPropertyDeclaration(node)
    )
      report(node, `declares a global (${node.getText(tree).split('\n')[0]})`)
    if (ts.isIdentifier(node) && impure.has(node.text) && !isPropertyName(node)) report(node, `names ${node.text}`)
    if (ts.isPropertyAccessExpression(node) && node.getText(tree) === 'Math.random') report(node, 'names Math.random')
    ts.forEachChild(node, visit)
  }
  visit(tree)
  for (const list of [tree.typeReferenceDirectives, tree.libReferenceDirectives, tree.referencedFiles])
    for (const { fileName } of list) errors.push(`${path} has a /// <reference> to ${fileName} ${rule}`)
  for (const [, comment] of tree.text.matchAll(/\/[/*]\s*(@ts-(?:ignore|expect-error|nocheck))/g))
    errors.push(`${path} silences the compiler with ${comment}, which could hide a global ${rule}`)
  return errors
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  return (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node
}

function importErrors(file: SourceFile, files: ReadonlyMap<string, SourceFile>): string[] {
  const from = layers.findIndex(({ layer }) => layer === file.layer)
  const home = layers[from]
  if (home === undefined) return [`${file.path} is in no layer: add ${file.layer} to the list of layers`]
  return file.imports.flatMap((item) => {
    const error = item.specifier.startsWith('.')
      ? pathError(file, home, from, item, files)
      : home.packages?.some((name) => item.specifier.startsWith(name))
        ? undefined
        : `${home.layer} may import ${home.packages?.map((name) => `${name}*`).join(', ') ?? 'no package'}, and files of src/`
    return error === undefined ? [] : [`${file.path}:${item.line} imports ${item.specifier}: ${error}`]
  })
}

/** The rule that an import of another file breaks. */
function pathError(
  file: SourceFile,
  home: Layer,
  from: number,
  { specifier, typeOnly }: Import,
  files: ReadonlyMap<string, SourceFile>,
): string | undefined {
  const path = resolve(file.path, specifier)
  const target = files.get(path)
  if (target === undefined) return `there is no src/${path}`
  if (isIndex(path) && !isIndex(file.path)) return 'only an index.ts imports an index.ts; name the file'
  const rule = reserved[path]
  if (rule !== undefined && !rule.layers.includes(file.layer))
    return `only ${rule.layers.join(', ')} may: ${rule.reason}`
  if (target.layer === file.layer || home.except?.includes(path)) return undefined
  if (home.only?.includes(target.layer) === false) {
    return `${home.layer} imports ${home.only.length > 0 ? `only ${home.only.join(', ')}` : 'nothing'}`
  }
  const reason = home.never?.[target.layer]
  if (reason !== undefined) {
    const except = home.except === undefined ? '' : ` (except ${home.except.join(', ')})`
    return `${home.layer} never imports ${target.layer}${except}: ${reason}`
  }
  const types = home.typesOnly?.[target.layer]
  if (types !== undefined && !typeOnly) return `${home.layer} imports only types from ${target.layer}: ${types}`
  const to = layers.findIndex(({ layer }) => layer === target.layer)
  return to > from ? `${target.layer} is below ${home.layer}; a layer may import only layers above it` : undefined
}

/** Returns import circles, including type imports. Each is reported once, at the file found first. */
function circles(files: ReadonlyMap<string, SourceFile>): string[] {
  const errors: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      errors.push(`${[...trail.slice(at), path].join(' → ')}: imports must not form a circle`)
      return
    }
    if (done.has(path)) return
    for (const { specifier } of files.get(path)?.imports ?? [])
      if (specifier.startsWith('.')) walk(resolve(path, specifier), [...trail, path])
    done.add(path)
  }
  for (const path of files.keys()) walk(path, [])
  return errors
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier)
}

function isIndex(path: string): boolean {
  return posix.basename(path) === 'index.ts'
}

function readTree(root: string): Map<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return new Map(paths.sort().map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]))
}

test('src/ follows its layers', () => {
  const tree = readTree(fileURLToPath(new URL('../src', import.meta.url)))
  expect(tree.size).toBeGreaterThan(5)
  expect(findErrors(tree)).toEqual([])
})

test('the compiler of src/ knows the language and no runtime', () => {
  const { config } = ts.readConfigFile(fileURLToPath(new URL('../tsconfig.json', import.meta.url)), ts.sys.readFile)
  expect(config.compilerOptions).toMatchObject({ lib: ['es2022'], types: [] })
  expect(config.include).toEqual(['src'])
})

describe('the checker can fail', () => {
  const head = '/** A file. @module */\n'
  const errorsOf = (tree: Record<string, string>): string[] =>
    findErrors(new Map(Object.entries(tree).map(([path, text]) => [path, head + text])))

  test('a valid tree has no error', () => {
    expect(
      errorsOf({
        'types.ts': 'export type Bytes = Uint8Array',
        'errors.ts': `import type { Bytes } from './types.ts'\nexport const e = (b: Bytes) => b`,
        'platform/text.ts': 'declare const TextEncoder: unknown\nexport const e = TextEncoder',
        'frame/transform.ts': 'export interface Transform { Date: number }',
        'frame/index.ts': `export type { Transform } from './transform.ts'`,
        'handshake/key.ts': `import { sha1 } from '@noble/hashes/legacy.js'\nexport const hash = sha1`,
        'extensions/pipeline.ts': `import type { Transform } from '../frame/transform.ts'\nexport type T = Transform`,
        'extensions/support.ts': `import type { T } from './pipeline.ts'\nexport type S = T`,
        'handshake/offer.ts': `import type { T } from '../extensions/pipeline.ts'\nexport * from '../extensions/support.ts'\nexport type O = T`,
        'codec/pako.ts': `import { ZStream } from 'pako'\nexport const s = ZStream`,
        'connection/state.ts': `import { type O } from '../handshake/offer.ts'\nexport declare interface S { t: O }`,
        'index.ts': `export * from './frame/index.ts'`,
      }),
    ).toEqual([])
  })

  const other = {
    'platform/timers.ts': '',
    'http/a.ts': '',
    'frame/b.ts': '',
    'extensions/f.ts': '',
    'handshake/c.ts': '',
    'deflate/d.ts': '',
    'testing/e.ts': '',
  }
  test.each<[file: string, text: string, error: string]>([
    ['bytes/x.ts', `import { a } from '../http/a.ts'`, 'http is below bytes'],
    [
      'http/x.ts',
      `import { t } from '../platform/timers.ts'`,
      'only driver, streams, adapters, testing may: elsewhere time is an argument',
    ],
    ['http/x.ts', `export { a } from '../frame/b.ts'`, 'frame is below http'],
    ['frame/x.ts', `import '../http/a.ts'`, 'frame never imports http'],
    ['frame/x.ts', `export type A = import('../http/a.ts').A`, 'frame never imports http'],
    ['frame/x.ts', `export const a = () => import('../http/a.ts')`, 'frame never imports http'],
    ['handshake/x.ts', `import type { B } from '../frame/b.ts'`, 'handshake never imports frame'],
    ['handshake/x.ts', `import { f } from '../extensions/f.ts'`, 'handshake imports only types from extensions'],
    ['extensions/x.ts', `import type { C } from '../handshake/c.ts'`, 'handshake is below extensions'],
    ['connection/x.ts', `import type { A } from '../http/a.ts'`, 'connection never imports http'],
    ['connection/x.ts', `import type { D } from '../deflate/d.ts'`, 'connection never imports deflate'],
    ['connection/x.ts', `import { c } from '../handshake/c.ts'`, 'connection imports only types from handshake'],
    [
      'connection/x.ts',
      `import { type T, c } from '../handshake/c.ts'`,
      'connection imports only types from handshake',
    ],
    ['connection/x.ts', `import { f } from '../extensions/f.ts'`, 'connection imports only types from extensions'],
    ['registry/x.ts', `import type { Code } from '../errors.ts'`, 'registry imports nothing'],
    ['limits.ts', `import type { Code } from './errors.ts'`, 'limits imports only types, arguments'],
    ['index.ts', `export * from './testing/e.ts'`, 'index never imports testing'],
    ['other/x.ts', '', 'other/x.ts is in no layer'],
    ['frame/x.ts', `import { y } from './y.ts'`, 'there is no src/frame/y.ts'],
    ['frame/x.ts', `import { y } from './b.js'`, 'there is no src/frame/b.js'],
    ['frame/x.ts', `import { sha1 } from '@noble/hashes/legacy.js'`, 'frame may import no package'],
    ['handshake/x.ts', `import { createHash } from 'node:crypto'`, 'handshake may import @noble/hashes/*, and files'],
    ['platform/x.ts', `import { randomFillSync } from 'node:crypto'`, 'platform may import no package'],
    ['codec/x.ts', `import { Buffer } from 'node:buffer'`, 'codec may import pako*, node:zlib*, and files'],
    ['frame/x.ts', `export * from './index.ts'`, 'only an index.ts imports an index.ts'],
    ['http/index.ts', 'export const a = 1', 'http/index.ts:2 is not a re-export'],
    ['http/index.ts', `export * from './a.ts'\nexport type A = 1`, 'http/index.ts:3 is not a re-export'],
    ['frame/x.ts', 'declare const Buffer: unknown', 'declares a global (declare const Buffer: unknown)'],
    ['frame/x.ts', 'declare function setTimeout(): void', 'declares a global'],
    ['frame/x.ts', 'declare class URL {}', 'declares a global'],
    ['frame/x.ts', 'declare global { interface A {} }', 'declares a global'],
    ['frame/x.ts', `declare module 'x' { const a: number }`, 'declares a global'],
    ['frame/x.ts', 'export const f = (globalThis as { fetch?: unknown }).fetch', 'names globalThis'],
    ['frame/x.ts', 'export const now = () => Date.now()', 'names Date'],
    ['frame/x.ts', 'export const key = () => Math.random()', 'names Math.random'],
    ['frame/x.ts', '/// <reference types="node" />', 'has a /// <reference> to node'],
    ['frame/x.ts', '/// <reference lib="dom" />', 'has a /// <reference> to dom'],
    ['frame/x.ts', '// @ts-expect-error\nexport const b = Buffer', 'silences the compiler with @ts-expect-error'],
  ])('%s: %s', (file, text, error) => {
    const errors = errorsOf({ 'types.ts': '', 'errors.ts': '', ...other, 'frame/index.ts': '', [file]: text })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(error)
    expect(errors[0]).toContain(file)
  })

  test('for a file without a header comment', () => {
    for (const text of ['', 'export const a = 1', '/** No tag. */', '/** A. */\n/** @module */', '// @module'])
      expect(findErrors(new Map([['types.ts', text]]))).toEqual([expect.stringContaining('types.ts:1 does not begin')])
  })

  test('for circles, including type imports', () => {
    expect(
      errorsOf({
        'frame/a.ts': `import type { B } from './b.ts'`,
        'frame/b.ts': `import { c } from './c.ts'`,
        'frame/c.ts': `import { a } from './a.ts'`,
        'frame/d.ts': `import { a } from './a.ts'`,
      }),
    ).toEqual([expect.stringContaining('frame/a.ts → frame/b.ts → frame/c.ts → frame/a.ts')])
    expect(errorsOf({ 'frame/a.ts': `import './a.ts'` })).toHaveLength(1)
  })
})
