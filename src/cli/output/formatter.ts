/**
 * The interface of an output: a pure function from reports to text.
 *
 * @module
 */

import type { CaseResult, Report } from '../../testing/result.ts'

export interface FormatOptions {
  /**
   * Returns why a result makes the run fail, or `undefined` if it does not. Default: {@link defaultProblem}. With `--strict` or a file
   * of expected failures, the command passes its own function.
   */
  readonly problem?: (result: CaseResult) => string | undefined
  /** Whether text has one line for each problem instead of all its details. Default: false. */
  readonly brief?: boolean
}

/** Formats reports, one for each agent, as text that ends with a line feed. */
export type Formatter = (reports: readonly Report[], options?: FormatOptions) => string

/** Failures and errors make a run fail. */
export function defaultProblem({ verdict, reason }: Pick<CaseResult, 'verdict' | 'reason'>): string | undefined {
  return verdict === 'fail' || verdict === 'error' ? reason : undefined
}
