/**
 * Runs many cases, a few at a time, each over its own connection.
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
import { isHeavy } from './heavy.ts'
import type { CaseResult } from './result.ts'
import { runCase } from './run.ts'

/** How many cases run once more at most. */
const MAX_AGAIN = 10

/** Options of {@link runCases}. */
export interface RunOptions extends CaseOptions {
  /** How many cases run at the same time. Cases that send a lot run alone. Default: 8. */
  readonly parallel?: number | undefined
  /** Called for each result as soon as it is there. The order can differ from that of the cases. */
  readonly onResult?: ((result: CaseResult) => void) | undefined
}

/**
 * Runs cases, each over its own connection. Cases that send a megabyte or ten thousand frames, or expect as much back, run one at a
 * time after all others, because an agent with one thread answers nothing else while it works on them. If a server sent nothing at all
 * in a case, perhaps because it was busy with another one, the case runs once more at the end, alone, and the second result counts.
 * This happens for at most ten cases.
 *
 * @param open Connects to the server under test, or waits for a connection of the client under test. If it throws, its case gets the
 *   verdict `'error'`.
 * @returns The results in the order of the cases. Never rejects for what the agent does.
 * @throws TypeError or RangeError for wrong options. Rethrows what `onResult` throws.
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
  /** The results, at the indices of their cases. */
  const unanswered = new Map<number, CaseResult>()
  const settle = (at: number, result: CaseResult): void => {
    results[at] = result
    onResult?.(result)
  }
  const run = (at: number): Promise<CaseResult> => runOne(cases[at] as Case, open, caseOptions)
  const runFirst = async (at: number): Promise<void> => {
    const result = await run(at)
    if (isUnanswered(result) && unanswered.size < MAX_AGAIN) unanswered.set(at, result)
    else settle(at, result)
  }
  const runAgain = async (at: number): Promise<void> => {
    const first = unanswered.get(at) as CaseResult
    // An agent that has answered no case at all is not busy.
    const second = results.some(hasAnswer) ? await run(at) : first
    settle(at, second.verdict === 'error' ? first : second)
  }
  const places = cases.map((_, at) => at)
  const heavy = places.filter((at) => isHeavy(cases[at] as Case))
  const light = places.filter((at) => !heavy.includes(at))
  await forEach(light, parallel, runFirst)
  await forEach(heavy, 1, runFirst)
  await forEach([...unanswered.keys()], 1, runAgain)
  return results
}

/** Calls a function for each item, at most so many at a time. */
async function forEach<Item>(
  items: readonly Item[],
  parallel: number,
  perform: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    while (next < items.length) await perform(items[next++] as Item)
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work))
}

/** Whether the agent did anything at all. */
function hasAnswer({ transcript }: CaseResult): boolean {
  return transcript.some(({ from }) => from === 'agent')
}

/** Whether the server sent nothing, and the case expects something. */
function isUnanswered(result: CaseResult): boolean {
  const { id, verdict } = result
  return id.startsWith('server/') && !['pass', 'skip', 'error'].includes(verdict) && !hasAnswer(result)
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

/** Resolves with `undefined` once the run is stopped, because a client under test may never connect. */
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
    requireTransport(transport, 'the result of `open`')
    // The run no longer waits for it.
    if (signal?.aborted) refuse(transport)
    return transport
  })()
  try {
    return await Promise.race([opening, stopped])
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
