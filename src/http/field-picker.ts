/**
 * Picks the values of several fields out of a head in one pass, which is faster than one pass per field.
 *
 * @module
 */

import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import type { HeaderPairs } from './headers.ts'

/** The values of one field, one per line, in order. */
export type FieldValues = readonly string[]

/** The values of each wanted field. */
export type PickedFields<Key extends string> = { [key in Key]: FieldValues }

/** Shared by all absent fields; never written to. */
const none: string[] = []

/** A wanted field: its place among the wanted, and its name. */
interface Wanted {
  readonly key: string
  readonly name: string
  readonly lower: string
  /** Most other names of the same length begin with another letter. */
  readonly first: number
}

/**
 * Creates a function that picks a fixed set of fields; create it once, use it for all heads.
 *
 * @param names The name of each field, in its usual spelling, which is matched fastest.
 */
export function createFieldPicker<Key extends string>(
  names: {
    readonly [key in Key]: string
  },
): (headers: HeaderPairs) => PickedFields<Key> {
  // By length, which rules out most fields of a head.
  const byLength: Wanted[][] = []
  const absent: { [key: string]: string[] } = {}
  for (const key in names) {
    const name = names[key]
    absent[key] = none
    const lower = lowerCase(name)
    byLength[name.length] ??= []
    byLength[name.length]?.push({ key, name, lower, first: firstLetter(name) })
  }
  for (let i = 0; i < byLength.length; i++) byLength[i] ??= []
  return (headers) => {
    const picked = { ...absent }
    for (let i = 0; i < headers.length; i++) {
      const [found, value] = headers[i] as HeaderPairs[number]
      const wanted = byLength[found.length]
      if (wanted !== undefined) match(found, value, wanted, picked)
    }
    return picked as { [key in Key]: string[] }
  }
}

/** In either case; some other characters fall together, too. */
function firstLetter(name: string): number {
  return name.charCodeAt(0) | 0x20
}

function match(found: string, value: string, wanted: readonly Wanted[], picked: { [key: string]: string[] }): void {
  for (let i = 0; i < wanted.length; i++) {
    const { key, name, lower, first } = wanted[i] as Wanted
    if (firstLetter(found) !== first || (found !== name && !equalsIgnoringCase(found, lower))) continue
    const values = picked[key] as string[]
    if (values === none) picked[key] = [value]
    else values.push(value)
  }
}
