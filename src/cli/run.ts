/**
 * One run of the suite: its options, its results as they come, and what is made of them at its end.
 *
 * @module
 */

import { setMaxListeners } from 'node:events'
import { zlib } from '../codec/zlib.ts'
import type { Carrier, Case, Side } from '../testing/case.ts'
import { type CaseOptions, resultWithout, STOPPED } from '../testing/case-options.ts'
import type { CaseResult, Report } from '../testing/result.ts'
import { dropUnknown, type Expected, findProblem, loadExpected, requireKnown, writeExpected } from './expected.ts'
import { loadCases, version } from './load.ts'
import type { Settings } from './options.ts'
import { escapeControls } from './output/escape.ts'
import { requireOutputs, requireWritable, writeReports } from './reports.ts'
import { selectCases } from './select.ts'
import { UsageError } from './usage.ts'

/** The exit codes of a program that these signals end, as shells have them. */
const interruptions = { SIGINT: 130, SIGTERM: 143 } as const
const signals = ['SIGINT', 'SIGTERM'] as const

/** So many cases in a row that could not be run: the agent is no longer there. */
const MAX_ERRORS = 20

/** Its cases, in order, and its results. */
export class Run {
  readonly side: Side
  readonly settings: Settings
  readonly carrier: Carrier
  readonly cases: readonly Case[]
  /** Aborted by Ctrl-C, and by {@link Run.stop}. */
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #expected: Expected
  /** Slugs in the file of expected failures that are no case any more. */
  readonly #dropped: readonly string[] = []
  readonly #results = new Map<string, CaseResult>()
  readonly #began = performance.now()
  #problems = 0
  /** Since the last case that could be run. */
  #errors = 0
  #lastError = ''
  /** The slug of the last case that could be run. */
  #lastRun: string | undefined
  #exitCode: number | undefined

  /** @throws UsageError if the settings are of no use. */
  constructor(side: Side, patterns: readonly string[], settings: Settings) {
    this.side = side
    this.settings = settings
    this.carrier = settings.http2 ? 'http/2' : 'http/1.1'
    this.signal = this.#controller.signal
    // Each case that runs listens.
    setMaxListeners(0, this.signal)
    requireOutputs(settings)
    const expected = loadExpected(settings.expected, settings.updateExpected)
    const all = loadCases(side, settings.cases)
    if (settings.updateExpected && settings.expected !== undefined) {
      requireWritable(settings.expected)
      this.#expected = dropUnknown(expected, side, all)
      this.#dropped = [...expected.keys()].filter((id) => !this.#expected.has(id))
    } else {
      this.#expected = expected
      if (expected.size > 0)
        requireKnown(expected, [...all, ...loadCases(side === 'server' ? 'client' : 'server', settings.cases)])
    }
    const selected = selectCases(all, { ...settings, patterns })
    this.cases = selected.filter(({ carriers }) => carriers.includes(this.carrier))
    if (this.cases.length === 0) throw new UsageError(`No case is left to run over ${this.carrier.toUpperCase()}`)
    for (const signal of signals) process.once(signal, this.#interrupt)
  }

  /** For the runner: what all cases share. `keys` are those that clients have sent. */
  options(more: Pick<CaseOptions, 'host' | 'path'> = {}): CaseOptions {
    const { subprotocol, echo, timeout, chunks, seed } = this.settings
    return {
      ...more,
      ...(subprotocol !== undefined && { subprotocol }),
      ...(chunks !== undefined && { chunks }),
      echo,
      timeout,
      seed,
      codec: zlib,
      keys: this.#keys,
      signal: this.signal,
    }
  }
  readonly #keys = new Set<string>()

  /** Takes a result; of a case that is run again the last one counts. */
  readonly add = (result: CaseResult): void => {
    if (this.signal.aborted) return
    this.#results.set(result.id, result)
    if (findProblem(result, this.#expected, this.settings.strict) !== undefined) this.#problems++
    if (result.verdict === 'error') {
      this.#errors++
      this.#lastError = result.reason
    } else if (result.verdict !== 'skip') {
      this.#errors = 0
      this.#lastRun = result.id
    }
    this.#showProgress(result.id)
    if (this.#errors === MAX_ERRORS) this.stop()
  }

  /** Takes the result of a case that could not be run. */
  addError(one: Case, reason: string): void {
    this.add(resultWithout(one, this.carrier, 'error', reason))
  }

  /** The agent is gone: cases without a result could not be run. */
  addMissing(reason: string): void {
    for (const one of this.cases)
      if (!this.has(one)) this.#results.set(one.id, resultWithout(one, this.carrier, 'error', reason))
  }

  /** Whether there is a result of it. */
  has(one: Case): boolean {
    return this.#results.has(one.id)
  }

  /** Whether there is one of each case. */
  get isComplete(): boolean {
    return this.#results.size === this.cases.length
  }

  /** The results so far, in the order of the cases. */
  get results(): readonly CaseResult[] {
    return this.cases.flatMap((one) => this.#results.get(one.id) ?? [])
  }

  /** Runs no more cases. */
  stop(): void {
    this.#controller.abort()
  }

  /** A line for the user, on the error output. */
  note(text: string): void {
    this.#clearProgress()
    process.stderr.write(`${escapeControls(text)}\n`)
  }

  /**
   * Writes the report, and the file of expected failures if that is asked for.
   *
   * @returns The exit code.
   * @throws UsageError if no case could be run.
   */
  finish(defaultName: string): number {
    for (const signal of signals) process.off(signal, this.#interrupt)
    this.#clearProgress()
    const { settings, results } = this
    if (this.#exitCode === undefined && results.every(({ verdict }) => verdict === 'error'))
      throw new UsageError(`No case could be run: ${escapeControls(results[0]?.reason ?? 'none was asked for.')}`)
    // A report is whole, so that nobody takes what was left out for passed.
    const all = this.cases.map((one) => this.#results.get(one.id) ?? resultWithout(one, this.carrier, 'error', STOPPED))
    const { seed, strict, expected, updateExpected, brief } = settings
    const report: Report = {
      format: 1,
      suite: version,
      side: this.side,
      agent: parseAgent(settings.agent ?? defaultName),
      seed,
      duration: performance.now() - this.#began,
      results: all,
    }
    if (this.#errors >= MAX_ERRORS)
      this.note(`Stopped: the last ${MAX_ERRORS} cases could not be run. ${this.#lastError}`)
    if (this.#errors >= MAX_ERRORS && this.#lastRun !== undefined)
      this.note(`The last case that could be run was ${this.#lastRun}. With --parallel 1 the agent ended in it.`)
    if (results.length < this.cases.length) this.note(`${results.length} of ${this.cases.length} cases were run.`)
    if (updateExpected && expected !== undefined) {
      writeExpected(expected, this.#expected, results, strict)
      for (const id of this.#dropped) this.note(`${expected}: ${id} is dropped, it is no case any more.`)
    }
    const known = updateExpected ? loadExpected(expected, false) : this.#expected
    const problem = (result: CaseResult): string | undefined => findProblem(result, known, strict)
    writeReports([report], settings, { problem, brief })
    if (this.#exitCode !== undefined) return this.#exitCode
    return all.some((result) => problem(result) !== undefined) ? 1 : 0
  }

  /** The first Ctrl-C ends the run with the results so far, the second one ends the process. */
  readonly #interrupt = (signal: keyof typeof interruptions): void => {
    this.#exitCode = interruptions[signal]
    this.stop()
  }

  #showProgress(id: string): void {
    if (!process.stderr.isTTY || this.settings.quiet) return
    const problems = this.#problems === 0 ? '' : `, ${this.#problems} failed`
    const line = `${this.#results.size}/${this.cases.length}${problems}  ${id}`
    // A line that wraps could not be cleared.
    process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`)
  }

  #clearProgress(): void {
    if (process.stderr.isTTY && !this.settings.quiet) process.stderr.write('\r\u001b[K')
  }
}

/** `'ws/8.23.0'` or, as clients call themselves to Autobahn, any name. */
function parseAgent(text: string): Report['agent'] {
  const [, name, agentVersion] = /^([^/]+)\/(\d[\w.+-]*)$/.exec(text) ?? []
  return name === undefined || agentVersion === undefined ? { name: text } : { name, version: agentVersion }
}
