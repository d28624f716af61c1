/**
 * Picks the values of several fields out of a head in one pass, which is faster than one pass per field.
 *
 * @module
 */

import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import type { HeaderPairs } from './headers.ts'

/** The values of one field, one per line, in order. */
export type FieldValues = readonly string[]

/** The values of each wanted field, in the order of their names. */
export type PickedFields<Names extends readonly string[]> = { readonly [place in keyof Names]: FieldValues }

/** Shared by all absent fields; never written to. */
const none: string[] = []

/** A field to pick: its index in the list of names, and its name. */
interface Wanted {
  readonly place: number
  readonly name: string
  readonly lower: string
  /** Most other names of the same length begin with another letter. */
  readonly first: number
}

/**
 * Creates a function that picks a fixed set of fields. Create it once and use it for all heads.
 *
 * @param names In their usual spelling, which matches fastest.
 */
export function createFieldPicker<const Names extends readonly string[]>(
  names: Names,
): (headers: HeaderPairs) => PickedFields<Names> {
  // Grouped by length, which rules out most fields of a head.
  const byLength: Wanted[][] = []
  names.forEach((name, place) => {
    const lower = lowerCase(name)
    byLength[name.length] ??= []
    byLength[name.length]?.push({ place, name, lower, first: firstLetter(name) })
  })
  for (let i = 0; i < byLength.length; i++) byLength[i] ??= []
  const absent = names.map(() => none)
  return (headers) => {
    const picked = absent.slice()
    for (let i = 0; i < headers.length; i++) {
      const [found, value] = headers[i] as HeaderPairs[number]
      const wanted = byLength[found.length]
      if (wanted !== undefined) match(found, value, wanted, picked)
    }
    return picked as PickedFields<Names>
  }
}

/** Returns the first letter, ignoring its case. Some other characters also become equal. */
function firstLetter(name: string): number {
  return name.charCodeAt(0) | 0x20
}

function match(found: string, value: string, wanted: readonly Wanted[], picked: string[][]): void {
  for (let i = 0; i < wanted.length; i++) {
    const { place, name, lower, first } = wanted[i] as Wanted
    if (firstLetter(found) !== first || (found !== name && !equalsIgnoringCase(found, lower))) continue
    const values = picked[place] as string[]
    if (values === none) picked[place] = [value]
    else values.push(value)
  }
}
