/**
 * What an output is: a pure function from reports to text.
 *
 * @module
 */

import type { CaseResult, Report } from '../../testing/result.ts'

export interface FormatOptions {
  /**
   * Why a result makes the run fail, or `undefined` if it does not. Default: {@link defaultProblem}. With `--strict` or a file of
   * expected failures the command gives its own.
   */
  readonly problem?: (result: CaseResult) => string | undefined
  /** Text has a line for each problem too, in place of all that is known of it. Default: false. */
  readonly brief?: boolean
}

/** Reports, one an agent, as text that ends with a line feed. */
export type Formatter = (reports: readonly Report[], options?: FormatOptions) => string

/** A failure and an error of the suite make a run fail. */
export function defaultProblem({ verdict, reason }: Pick<CaseResult, 'verdict' | 'reason'>): string | undefined {
  return verdict === 'fail' || verdict === 'error' ? reason : undefined
}
