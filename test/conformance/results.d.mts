import type { Side, Verdict } from '../../src/testing/case.ts'
import type { Ending } from '../../src/testing/result.ts'

/** The stored results of one agent. */
export interface Results {
  readonly format: 1
  readonly side: Side
  readonly agent: { readonly name: string; readonly version: string }
  /** The version of the package whose cases were run. */
  readonly suite: string
  /** The number of cases by section and verdict. */
  readonly sections: Readonly<Record<string, Readonly<Partial<Record<Verdict, number>>>>>
  /** The cases that did not pass, by slug. */
  readonly cases: Readonly<
    Record<string, { readonly verdict: Verdict; readonly reason: string; readonly ending?: Ending }>
  >
}

export function listResults(side: Side): readonly Results[]
export function formatTable(side: Side): string
