/**
 * The docstrings of everything that the package exports: each has a summary; functions, classes and constants have an example, which
 * `snippets.test.ts` compiles and runs; functions that throw have `@throws`; and the exports of the root have one category each, by
 * which the reference groups them. Also the tables of the guide on the layers.
 */

import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { sources } from './compile.ts'
import { root } from './snippets.ts'

/** An exported declaration. All its docstrings, as an overloaded function may have several. */
interface Export {
  readonly name: string
  readonly place: string
  readonly isValue: boolean
  /** The text of functions, in which errors are thrown. */
  readonly body: string
  readonly docs: readonly ts.JSDoc[]
}

const files = new Map<string, ts.SourceFile>()

function parse(path: string): ts.SourceFile {
  const parsed = files.get(path)
  if (parsed !== undefined) return parsed
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true)
  files.set(path, file)
  return file
}

const exported = new Map<string, readonly Export[]>()

/** Follows re-exports to the declarations. A class that is exported as a type is no value. */
function exportsOf(path: string): readonly Export[] {
  const known = exported.get(path) ?? findExports(path)
  exported.set(path, known)
  return known
}

function findExports(path: string): Export[] {
  const { statements } = parse(path)
  const names = statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return []
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause))
      throw new Error(`${path}: exports must be listed`)
    const target = posix.join(path, '..', (statement.moduleSpecifier as ts.StringLiteral).text)
    return statement.exportClause.elements.map(({ name, isTypeOnly }) => {
      const found = exportsOf(target).find((one) => one.name === name.text)
      if (found === undefined) throw new Error(`${target} does not export ${name.text}`)
      return isTypeOnly || statement.isTypeOnly ? { ...found, isValue: false } : found
    })
  })
  return [...names, ...declarationsIn(path)]
}

function declarationsIn(path: string): Export[] {
  const found = new Map<string, Export>()
  for (const node of parse(path).statements) {
    if (!ts.canHaveModifiers(node) || !ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
      continue
    const declarations = ts.isVariableStatement(node)
      ? node.declarationList.declarations
      : [node as ts.DeclarationStatement]
    for (const { name } of declarations) {
      if (name === undefined || !ts.isIdentifier(name)) continue
      const before = found.get(name.text)
      const isValue = !ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)
      const docs = [...(before?.docs ?? []), ...ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)]
      const body = (before?.body ?? '') + (ts.isFunctionDeclaration(node) ? (node.body?.getText() ?? '') : '')
      found.set(name.text, { name: name.text, place: path, isValue: isValue || before?.isValue === true, body, docs })
    }
  }
  return [...found.values()]
}

const tagsOf = ({ docs }: Export, tag: string): string[] =>
  docs.flatMap(({ tags = [] }) => tags.filter(({ tagName }) => tagName.text === tag)).map(textOf)
const textOf = ({ comment }: ts.JSDoc | ts.JSDocTag): string => ts.getTextOfJSDocComment(comment)?.trim() ?? ''

const all = [
  ...new Map(Object.values(sources).flatMap((path) => exportsOf(path).map((one) => [`${one.place} ${one.name}`, one]))),
].map(([, one]) => one)
const values = all.filter(({ isValue }) => isValue)
const place = ({ place, name }: Export): string => `${place}: ${name}`

test('every export has a summary, which ends with a full stop', () => {
  expect(all.length).toBeGreaterThan(390)
  expect(all.filter(({ docs }) => !/[.:]$/m.test(docs.map(textOf).join('\n'))).map(place)).toEqual([])
})

test('every exported function, class and constant has an example', () => {
  expect(values.length).toBeGreaterThan(150)
  expect(values.filter((one) => tagsOf(one, 'example').length === 0).map(place)).toEqual([])
})

test('every exported function that throws says what', () => {
  const throwing = values.filter(({ body }) => /\bthrow new \w*Error\(|\brequire[A-Z]\w*\(/.test(body))
  expect(throwing.length).toBeGreaterThan(20)
  expect(throwing.filter((one) => tagsOf(one, 'throws').length === 0).map(place)).toEqual([])
})

test('every export of the root has one category, listed in `categoryOrder`', () => {
  const categories = manifest.typedocOptions.categoryOrder.filter((category) => category !== '*')
  const wrong = exportsOf('src/index.ts').filter((one) => {
    const [category = '', ...more] = tagsOf(one, 'category')
    return more.length > 0 || !categories.includes(category)
  })
  expect(wrong.map(place)).toEqual([])
})

describe('the guide on the layers', () => {
  const guide = readFileSync(join(root, 'docs/layers.md'), 'utf8')

  test('lists every subpath', () => {
    const listed = [...guide.matchAll(/^\| \[`(websocket-primitives[^`]*)`\]\(\.\.\/([^)]+)\)/gm)]
    expect(Object.fromEntries(listed.map(([, name, path]) => [name, path]))).toEqual(sources)
  })

  test('has the sizes that are checked', () => {
    const rows = [...guide.matchAll(/^\| (.+?) +\| ([\d.]+ kB) +\|$/gm)]
    const plain = rows.map(([, name = '', size]) => [name.replaceAll('`', '').replace(' with /', ' by /'), size])
    expect(plain).toEqual(manifest['size-limit'].map(({ name, limit }) => [name, limit]))
  })

  test('counts the functions, classes and constants of the root', () => {
    expect(guide).toContain(` ${exportsOf('src/index.ts').filter(({ isValue }) => isValue).length} functions, classes`)
  })
})
