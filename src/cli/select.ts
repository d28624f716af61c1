/**
 * Chooses cases: by slug or glob, section of the suite, section of an RFC, Autobahn's number, and level.
 *
 * @module
 */

import type { Case, Level } from '../testing/case.ts'
import { suggest, UsageError } from './usage.ts'

/** Which cases to choose. */
export interface Selection {
  /** The cases that fit one of these patterns. An empty list means all cases. */
  readonly patterns: readonly string[]
  /** Leaves out the cases that fit one of these. */
  readonly skip: readonly string[]
  /** Leaves out the cases that are less binding than this. */
  readonly level: Level
}

/** From the most to the least binding. */
export const levels: readonly Level[] = ['must', 'should', 'may', 'policy']

/**
 * Returns the cases that fit, in their order.
 *
 * @throws UsageError if no case fits a pattern. It suggests the nearest name.
 */
export function selectCases(cases: readonly Case[], { patterns, skip, level }: Selection): readonly Case[] {
  for (const pattern of [...patterns, ...skip])
    if (!cases.some((one) => fits(one, pattern)))
      throw new UsageError(`No case fits ${JSON.stringify(pattern)}${suggest(pattern, listNames(cases))}`)
  return cases.filter(
    (one) =>
      (patterns.length === 0 || patterns.some((pattern) => fits(one, pattern))) &&
      !skip.some((pattern) => fits(one, pattern)) &&
      levels.indexOf(one.level) <= levels.indexOf(level),
  )
}

/** Returns the case with this slug. @throws UsageError if there is none. It suggests the nearest slug. */
export function findCase(cases: readonly Case[], id: string): Case {
  const found = cases.find((one) => one.id === id)
  if (found !== undefined) return found
  const whole = cases.find((one) => withoutSide(one.id) === id)
  const nearest = suggest(
    whole?.id ?? id,
    cases.map((one) => one.id),
  )
  throw new UsageError(`There is no case ${JSON.stringify(id)}${nearest}`)
}

function fits(one: Case, pattern: string): boolean {
  if (/^(RFC\b|§)/.test(pattern)) return one.references.some(({ section }) => isInSection(section, pattern))
  if (/^\d[\d.*]*$/.test(pattern)) return one.autobahn?.some((number) => isBelow(number, pattern, '.')) ?? false
  return isBelow(one.id, pattern, '/') || isBelow(withoutSide(one.id), pattern, '/')
}

/** `'RFC 6455 §5.5.1'` is in `'RFC 6455'`, `'RFC 6455 §5.5'`, `'§5.5'` and `'§5'`. */
function isInSection(section: string, pattern: string): boolean {
  if (!pattern.includes('§')) return section.split(' §')[0] === pattern
  return isBelow(pattern.startsWith('§') ? section.replace(/^.*§/, '§') : section, pattern, '.')
}

/** Whether a pattern is the name, a parent of it, or a glob that fits it: `*` stands for any characters, `?` for one. */
function isBelow(name: string, pattern: string, separator: string): boolean {
  if (!/[*?]/.test(pattern)) return name === pattern || name.startsWith(`${pattern}${separator}`)
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${source}$`, 's').test(name)
}

function withoutSide(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}

/** Returns all names that a pattern can have. */
function listNames(cases: readonly Case[]): ReadonlySet<string> {
  return new Set(
    cases.flatMap(({ id }) => {
      const [side = '', section = ''] = id.split('/')
      return [section, `${side}/${section}`, withoutSide(id), id]
    }),
  )
}
