/**
 * The fuzzers by name, each with its inputs and its property.
 *
 * @module
 */

import type fc from 'fast-check'
import { agrees, anything } from './agreement.ts'
import { meet, meeting } from './connections.ts'
import { handshake, shake } from './handshakes.ts'
import { describe } from './show.ts'

/** Inputs, and what must hold for each. */
export interface Fuzz<Input> {
  readonly arbitrary: fc.Arbitrary<Input>
  /** Throws if the property does not hold. @param known Signatures of errors already found, which are not reported again. */
  check(input: Input, known: ReadonlySet<string>): void
  /** An input as source code. */
  show(input: Input): string
}

const fuzz = <Input>(
  arbitrary: fc.Arbitrary<Input>,
  check: (input: Input, known: ReadonlySet<string>) => void,
): Fuzz<unknown> => ({ arbitrary, check: check as Fuzz<unknown>['check'], show: describe })

export const fuzzes: Readonly<Record<string, Fuzz<unknown>>> = {
  handshake: fuzz(handshake, shake),
  connections: fuzz(meeting, meet),
  values: fuzz(anything, agrees),
}
