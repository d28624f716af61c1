/**
 * Runs snippets that need nothing external, and compares their results with their comments: a comment after an expression, or on
 * the line below it, is its value; one after `console.log` is what it prints.
 *
 * @module
 */

import { join } from 'node:path'
import { format } from 'node:util'
import ts from 'typescript'
import { expect } from 'vitest'
import { type Compiled, sources } from './compile.ts'
import { root } from './snippets.ts'

/** Runs a snippet. Returns how many results it states, all of which were correct. */
export async function run({ place, code, imports, language }: Compiled): Promise<number> {
  const { text, results } = instrument(`${imports}\n${code}`, language)
  const folder = place.startsWith('src/') ? place.slice(0, place.lastIndexOf('/')) : 'src'
  const seen = new Set<number>()
  const tell = (id: number, value: unknown): unknown => {
    seen.add(id)
    const result = results[id]
    if (result !== undefined) holdAgainst(value, result, place)
    return value
  }
  const load = async (name: string): Promise<unknown> => {
    const path = sources[name] ?? (name.startsWith('./') ? `${folder}/${name.slice(2)}` : undefined)
    return import(/* @vite-ignore */ path === undefined ? name : join(root, path))
  }
  const quiet = { ...console, log: () => {} }
  await new AsyncFunction('__tell', '__print', '__load', 'console', text)(tell, print, load, quiet)
  expect([...seen], `${place}: results that were told, and came about`).toHaveLength(results.length)
  return results.length
}

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<void>

/** Hex digits, in the notation for bytes. */
const bytesPattern = /^[0-9a-f]{2}( [0-9a-f]{2})*$/

function holdAgainst(value: unknown, result: string, place: string): void {
  if (value instanceof Printed || (typeof value === 'string' && !/^['"`]/.test(result)))
    expect(String(value), place).toBe(result)
  else if (value instanceof Uint8Array && bytesPattern.test(result))
    expect(
      Buffer.from(value)
        .toString('hex')
        .replace(/..(?=.)/g, '$& '),
      place,
    ).toBe(result)
  else expect(value, place).toEqual(new Function(`return (${result})`)())
}

/** What `console.log` would print. */
class Printed {
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

const print = (...values: unknown[]): Printed => new Printed(format(...values))

interface Instrumented {
  readonly text: string
  /** The stated results. */
  readonly results: readonly string[]
}

/** Replaces each expression that has a stated result by a report of its value, and imports by calls. */
function instrument(code: string, language: 'js' | 'ts'): Instrumented {
  const file = ts.createSourceFile(`snippet.${language}`, code, ts.ScriptTarget.Latest, true)
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  const results: string[] = []
  const report = (node: ts.Expression, result: string): void => {
    const value = node.getText()
    edits.push({ start: node.getStart(), end: node.end, text: `__tell(${results.length}, ${printing(node) ?? value})` })
    results.push(result)
  }
  const visit = (node: ts.Node): void => {
    const told = resultOf(node, code)
    if (ts.isImportDeclaration(node)) edits.push({ start: node.getStart(), end: node.end, text: importing(node) })
    else if (told !== undefined) report(told.expression, told.result)
    else ts.forEachChild(node, visit)
  }
  visit(file)
  const text = edits.reduceRight((rest, { start, end, text }) => rest.slice(0, start) + text + rest.slice(end), code)
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  })
  return { text: outputText.replace(/^export \{\};?$/m, ''), results }
}

/** The expression whose result a comment states, and that comment. */
function resultOf(
  node: ts.Node,
  code: string,
): { readonly expression: ts.Expression; readonly result: string } | undefined {
  const result = ts.isStatement(node) ? commentAfter(node, code) : undefined
  if (result === undefined) return undefined
  if (ts.isExpressionStatement(node)) return { expression: node.expression, result }
  if (!ts.isVariableStatement(node)) return undefined
  const [declaration] = node.declarationList.declarations
  return declaration?.initializer && { expression: declaration.initializer, result }
}

/** On the same line, or alone on the next, where a comment that ends with a full stop is a remark on the code that follows. */
function commentAfter(node: ts.Statement, code: string): string | undefined {
  const [, gap, comment] = /^;?( |\n *)\/\/ (.*)/.exec(code.slice(node.end)) ?? []
  return gap !== ' ' && comment?.endsWith('.') ? undefined : comment
}

function printing(node: ts.Expression): string | undefined {
  if (!ts.isCallExpression(node) || node.expression.getText() !== 'console.log') return undefined
  return `__print(${node.arguments.map((argument) => argument.getText()).join(', ')})`
}

function importing(node: ts.ImportDeclaration): string {
  const bindings = node.importClause?.namedBindings
  const name = (node.moduleSpecifier as ts.StringLiteral).text
  if (node.importClause?.isTypeOnly || bindings === undefined || !ts.isNamedImports(bindings)) return ''
  const names = bindings.elements
    .filter((element) => !element.isTypeOnly)
    .map((element) => (element.propertyName ? `${element.propertyName.text}: ${element.name.text}` : element.name.text))
  return `const { ${names.join(', ')} } = await __load(${JSON.stringify(name)})`
}
