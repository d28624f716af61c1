/**
 * Reads a file of cases: checks it against the schema, and checks what a schema cannot express.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { quote } from '../errors.ts'
import type { Case, CaseFile, Outcome } from './case.ts'
import { fill, type Values } from './opening.ts'
import { caseFileSchema, type JsonSchema } from './schema.ts'

/** How deep lists and objects may be nested. A case has about ten levels. */
const MAX_DEPTH = 64

/**
 * Checks a file of cases and returns it with its type. Checks it against the schema, and also that no slug occurs twice, that slugs fit
 * their sides and labels their steps, and that regular expressions compile.
 *
 * @param value The result of `JSON.parse`.
 * @returns `value` itself, not a copy.
 * @throws TypeError with the place of the first error: `cases[3].steps[1].pieces[0].frame.opcode: must be …`.
 * @example
 * parseCases(JSON.parse('{ "format": 1, "cases": [] }')).cases // []
 */
export function parseCases(value: unknown): CaseFile {
  check(value, caseFileSchema, '', 0)
  const file = value as CaseFile
  const places = new Map<string, string>()
  file.cases.forEach((one, at) => {
    const place = `cases[${at}]`
    const before = places.get(one.id)
    if (before !== undefined) throw error(`${place}.id`, `is already the slug of ${before}`)
    places.set(one.id, place)
    checkCase(one, place)
  })
  return file
}

// Against the schema

function check(value: unknown, schema: JsonSchema, place: string, depth: number): void {
  if (depth > MAX_DEPTH) throw error(place, `is more than ${MAX_DEPTH} levels deep`)
  const { $ref, anyOf, type } = schema
  if ($ref !== undefined) check(value, resolve($ref), place, depth)
  else if (anyOf !== undefined) check(value, choose(value, anyOf, place), place, depth)
  else if (type === 'object') checkObject(value, schema, place, depth)
  else if (type === 'array') checkList(value, schema, place, depth)
  else if (!fits(value, schema)) throw error(place, `must be ${expected([schema])}, not ${describeValue(value)}`)
}

function resolve(ref: string): JsonSchema {
  return caseFileSchema.$defs?.[ref.slice('#/$defs/'.length)] as JsonSchema
}

function checkObject(value: unknown, schema: JsonSchema, place: string, depth: number): void {
  if (!isObject(value)) throw error(place, `must be an object, not ${describeValue(value)}`)
  const { properties = {}, required = [], additionalProperties, propertyNames = {} } = schema
  const inside = (name: string): string => (place === '' ? name : `${place}.${name}`)
  for (const name of required) if (!Object.hasOwn(value, name)) throw error(inside(name), 'is missing')
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
    if (!known) throw error(place, `unknown property ${quote(name)}; known are ${Object.keys(properties).join(', ')}`)
    if (!fits(name, propertyNames)) throw error(place, `the name ${quote(name)} must be ${expected([propertyNames])}`)
    check(member, known, inside(name), depth + 1)
  }
}

function checkList(value: unknown, { items = {}, minItems = 0 }: JsonSchema, place: string, depth: number): void {
  if (!Array.isArray(value)) throw error(place, `must be a list, not ${describeValue(value)}`)
  if (value.length < minItems) throw error(place, 'must not be empty')
  value.forEach((item, at) => {
    check(item, items, `${place}[${at}]`, depth + 1)
  })
}

/** Chooses the schema to check a value against. No two schemas of a list fit the same value. */
function choose(value: unknown, anyOf: readonly JsonSchema[], place: string): JsonSchema {
  const kind = isObject(value) ? 'object' : Array.isArray(value) ? 'array' : undefined
  const alike = anyOf.filter(({ type }) => (kind === undefined ? type !== 'object' && type !== 'array' : type === kind))
  const chosen = isObject(value)
    ? alike.find((schema) => isMeant(value, schema))
    : kind === 'array'
      ? alike[0]
      : alike.find((schema) => fits(value, schema))
  if (chosen !== undefined) return chosen
  const kinds = alike.flatMap(({ properties: { do: step } = {} }) => step ?? [])
  if (isObject(value) && kinds.length > 0) {
    const { do: step } = value
    throw error(`${place}.do`, `must be ${expected(kinds)}, not ${describeValue(step)}`)
  }
  throw error(place, `must be ${expected(anyOf)}, not ${describeValue(value)}`)
}

/** Whether an object is meant to be of this kind: it has the first required property, and its `do` if there is one. */
function isMeant(value: Readonly<Record<string, unknown>>, { required = [], properties = {} }: JsonSchema): boolean {
  const [name] = required
  if (name === undefined || !Object.hasOwn(value, name)) return false
  return name !== 'do' || fits(value[name], properties[name] ?? {})
}

/** Whether a value that is neither a list nor an object fits. */
function fits(value: unknown, schema: JsonSchema): boolean {
  if ('const' in schema) return value === schema.const
  if (schema.enum !== undefined) return schema.enum.includes(value)
  if (schema.type === 'integer') {
    const { minimum = -Infinity, maximum = Infinity } = schema
    return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
  }
  if (schema.type !== 'string') return true
  if (typeof value !== 'string' || value.length < (schema.minLength ?? 0)) return false
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value)
}

/** Describes the values that a schema allows. */
function expected(schemas: readonly JsonSchema[]): string {
  const words = schemas
    .flatMap((schema) => (schema.$ref !== undefined ? [resolve(schema.$ref)] : [schema]))
    .flatMap(wordsFor)
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join()
}

function wordsFor(schema: JsonSchema): string[] {
  const { type, pattern, minLength = 0, minimum, maximum, required = [] } = schema
  if ('const' in schema) return [JSON.stringify(schema.const)]
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one))
  if (type === 'integer') return [`a whole number from ${minimum} to ${maximum}`]
  if (type === 'object') return [`an object with ${required[0]}`]
  if (type === 'array') return ['a list']
  if (pattern !== undefined) return [`a string that matches ${pattern}`]
  return [minLength > 0 ? 'a string that is not empty' : 'a string']
}

// What a schema cannot say

function checkCase(one: Case, place: string): void {
  const { id, side, carriers, steps, outcomes } = one
  if (!id.startsWith(`${side}/`)) throw error(`${place}.id`, `must begin with the side, ${side}`)
  const labels = new Set<string>()
  steps.forEach((step, at) => {
    const here = `${place}.steps[${at}]`
    if ('label' in step && step.label !== undefined) {
      if (labels.has(step.label)) throw error(`${here}.label`, `there is a step ${quote(step.label)} already`)
      labels.add(step.label)
    }
    if (step.do === 'await' && step.payload !== undefined && step.for !== 'pong')
      throw error(`${here}.payload`, 'applies to pongs only')
    if (step.do !== 'open' || !carriers.includes('http/2')) return
    for (const name of ['line', 'before', 'raw'] as const)
      if (step[name] !== undefined)
        throw error(`${here}.${name}`, 'applies to HTTP/1.1 only, but the case also runs over HTTP/2')
  })
  outcomes.forEach((outcome, at) => {
    checkOutcome(one, outcome, labels, `${place}.outcomes[${at}].when`)
  })
}

function checkOutcome({ side }: Case, { when }: Outcome, labels: ReadonlySet<string>, place: string): void {
  if (when.before !== undefined && !labels.has(when.before))
    throw error(`${place}.before`, `there is no step with the label ${quote(when.before)}`)
  const others = side === 'server' ? (['line', 'freshKey', 'freshMasks'] as const) : (['status'] as const)
  for (const name of others)
    if (when[name] !== undefined) throw error(`${place}.${name}`, `does not apply to a ${side}`)
  if (when.line !== undefined) checkPattern(when.line, `${place}.line`)
  for (const [name, condition] of Object.entries(when.fields ?? {}))
    if (condition !== null && typeof condition === 'object' && 'pattern' in condition)
      checkPattern(fill(condition.pattern, anyValues), `${place}.fields.${name}.pattern`)
}

/** Placeholder values made of letters, which match themselves in a pattern. */
const anyValues: Values = { host: 'a', path: 'a', key: 'a', accept: 'a', subprotocol: 'a' }

function checkPattern(pattern: string, place: string): void {
  try {
    new RegExp(pattern, 'u')
  } catch (cause) {
    throw error(place, `is not a regular expression: ${(cause as Error).message}`)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function error(place: string, problem: string): TypeError {
  return new TypeError(place === '' ? `the file of cases: ${problem}` : `${place}: ${problem}`)
}
