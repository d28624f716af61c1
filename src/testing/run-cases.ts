/**
 * Runs many cases, a few at a time, each over a connection of its own.
 *
 * @module
 */

import { requireOptions, requireWhole } from '../arguments.ts'
import type { Case } from './case.ts'
import {
  type CaseOptions,
  type CaseTransport,
  caseKinds,
  findSkipReason,
  refuse,
  requireCaseOptions,
  requireTransport,
  resultWithout,
  STOPPED,
} from './case-options.ts'
import type { CaseResult } from './result.ts'
import { runCase } from './run.ts'

/** Options of {@link runCases}. */
export interface RunOptions extends CaseOptions {
  /** How many cases run at the same time. Default: 8. */
  readonly parallel?: number | undefined
  /** Called for each result as it comes, which may be in another order than that of the cases. */
  readonly onResult?: ((result: CaseResult) => void) | undefined
}

/**
 * Runs cases, each over a connection of its own.
 *
 * @param open Connects to the server under test, or waits for a connection of the client under test. What it throws is the verdict
 *   `'error'` of its case.
 * @returns The results in the order of the cases. Never rejects for what the agent does.
 * @throws TypeError or RangeError for wrong options, and what `onResult` throws.
 * @example
 * const results = await runCases(cases, () => connect(8080, 'localhost'))
 * console.log(results.filter(({ verdict }) => verdict === 'fail'))
 */
export async function runCases(
  cases: readonly Case[],
  open: (one: Case) => CaseTransport | Promise<CaseTransport>,
  options: RunOptions = {},
): Promise<readonly CaseResult[]> {
  requireOptions(options, { ...caseKinds, parallel: 'number', onResult: 'function' }, 'the options of runCases')
  const { parallel = 8, onResult, ...rest } = options
  requireWhole(parallel, '`parallel`', 1)
  requireCaseOptions(rest)
  const caseOptions = { ...rest, keys: rest.keys ?? new Set<string>() }
  const results: CaseResult[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < cases.length) {
      const index = next++
      const result = await runOne(cases[index] as Case, open, caseOptions)
      results[index] = result
      onResult?.(result)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, cases.length) }, work))
  return results
}

async function runOne(
  one: Case,
  open: (one: Case) => CaseTransport | Promise<CaseTransport>,
  options: CaseOptions,
): Promise<CaseResult> {
  const [carrier = 'http/1.1'] = one.carriers
  const skipped = findSkipReason(one, undefined, options)
  if (skipped !== undefined) return resultWithout(one, carrier, 'skip', skipped)
  if (options.signal?.aborted) return resultWithout(one, carrier, 'error', STOPPED)
  let transport: CaseTransport | undefined
  try {
    transport = await openUnlessStopped(one, open, options.signal)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return resultWithout(one, carrier, 'error', `No connection: ${message}`)
  }
  return transport === undefined ? resultWithout(one, carrier, 'error', STOPPED) : runCase(one, transport, options)
}

/** Resolves with `undefined` once the run is stopped: a client under test may never connect. */
async function openUnlessStopped(
  one: Case,
  open: (one: Case) => CaseTransport | Promise<CaseTransport>,
  signal: CaseOptions['signal'],
): Promise<CaseTransport | undefined> {
  let stop = (): void => {}
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
  })
  signal?.addEventListener('abort', stop)
  const opening = (async () => {
    const transport = await open(one)
    requireTransport(transport, 'what `open` gives')
    // Whoever has waited for it is gone.
    if (signal?.aborted) refuse(transport)
    return transport
  })()
  try {
    return await Promise.race([opening, stopped])
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
