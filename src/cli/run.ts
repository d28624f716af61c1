/**
 * One run of the suite: its options, its results as they arrive, and the report at its end.
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

/** The exit codes that shells report for a program that was ended by these signals. */
const interruptions = { SIGINT: 130, SIGTERM: 143 } as const
const signals = ['SIGINT', 'SIGTERM'] as const

/** After this many cases in a row that could not be run, the run stops: the agent is gone. */
const MAX_ERRORS = 20

/** A run: its cases, in order, and their results. */
export class Run {
  readonly side: Side
  readonly settings: Settings
  readonly carrier: Carrier
  readonly cases: readonly Case[]
  /** Aborted by Ctrl-C, and by {@link Run.stop}. */
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #expected: Expected
  /** Slugs in the file of expected failures that no longer name a case. */
  readonly #dropped: readonly string[] = []
  readonly #results = new Map<string, CaseResult>()
  readonly #began = performance.now()
  #problems = 0
  /** Cases in a row that could not be run. */
  #errors = 0
  #lastError = ''
  /** The slug of the last case that could be run. */
  #lastRun: string | undefined
  #exitCode: number | undefined

  /** @throws UsageError if the settings are wrong, or leave no case to run. */
  constructor(side: Side, patterns: readonly string[], settings: Settings) {
    this.side = side
    this.settings = settings
    this.carrier = settings.http2 ? 'http/2' : 'http/1.1'
    this.signal = this.#controller.signal
    // Each running case adds a listener.
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
    if (this.cases.length === 0) throw new UsageError(`No selected case runs over ${this.carrier.toUpperCase()}`)
    for (const signal of signals) process.once(signal, this.#interrupt)
  }

  /** Returns the runner's options, which all cases share. `keys` collects the keys that clients send. */
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

  /** Adds a result. If a case runs again, the last result counts. */
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

  /** Adds an error for a case that could not be run. */
  addError(one: Case, reason: string): void {
    this.add(resultWithout(one, this.carrier, 'error', reason))
  }

  /** Adds an error for each case without a result, because the agent is gone. */
  addMissing(reason: string): void {
    for (const one of this.cases)
      if (!this.has(one)) this.#results.set(one.id, resultWithout(one, this.carrier, 'error', reason))
  }

  /** Whether this case has a result. */
  has(one: Case): boolean {
    return this.#results.has(one.id)
  }

  /** Whether each case has a result. */
  get isComplete(): boolean {
    return this.#results.size === this.cases.length
  }

  /** The results so far, in the order of the cases. */
  get results(): readonly CaseResult[] {
    return this.cases.flatMap((one) => this.#results.get(one.id) ?? [])
  }

  /** Stops the run: no further case starts. */
  stop(): void {
    this.#controller.abort()
  }

  /** Prints a line to the standard error output. */
  note(text: string): void {
    this.#clearProgress()
    process.stderr.write(`${escapeControls(text)}\n`)
  }

  /**
   * Writes the report, and the file of expected failures with `--update-expected`.
   *
   * @returns The exit code.
   * @throws UsageError if no case could be run.
   */
  finish(defaultName: string): number {
    for (const signal of signals) process.off(signal, this.#interrupt)
    this.#clearProgress()
    const { settings, results } = this
    if (this.#exitCode === undefined && results.every(({ verdict }) => verdict === 'error'))
      throw new UsageError(`No case could be run: ${escapeControls(results[0]?.reason ?? 'none was selected.')}`)
    // The report lists every case, so that a case that was not run is not mistaken for one that passed.
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
      this.note(
        `The last case that could be run was ${this.#lastRun}. With --parallel 1, that is the case in which the agent ended.`,
      )
    if (results.length < this.cases.length) this.note(`${results.length} of ${this.cases.length} cases were run.`)
    if (updateExpected && expected !== undefined) {
      writeExpected(expected, this.#expected, results, strict)
      for (const id of this.#dropped)
        this.note(`${expected}: ${id} was removed, because there is no such case any more.`)
    }
    const known = updateExpected ? loadExpected(expected, false) : this.#expected
    if (updateExpected && expected !== undefined)
      this.note(`${expected} now has ${known.size} expected ${known.size === 1 ? 'failure' : 'failures'}.`)
    const problem = (result: CaseResult): string | undefined => findProblem(result, known, strict)
    writeReports([report], settings, { problem, brief })
    if (this.#exitCode !== undefined) return this.#exitCode
    return all.some((result) => problem(result) !== undefined) ? 1 : 0
  }

  /** The first Ctrl-C ends the run with the results so far. The second one ends the process. */
  readonly #interrupt = (signal: keyof typeof interruptions): void => {
    this.#exitCode = interruptions[signal]
    this.stop()
  }

  #showProgress(id: string): void {
    if (!process.stderr.isTTY || this.settings.quiet) return
    const problems = this.#problems === 0 ? '' : `, ${this.#problems} failed`
    const line = `${this.#results.size}/${this.cases.length}${problems}  ${id}`
    // A line that wraps cannot be cleared.
    process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`)
  }

  #clearProgress(): void {
    if (process.stderr.isTTY && !this.settings.quiet) process.stderr.write('\r\u001b[K')
  }
}

/** Splits `'ws/8.23.0'` into name and version. Clients of Autobahn may send any name. */
function parseAgent(text: string): Report['agent'] {
  const [, name, agentVersion] = /^([^/]+)\/(\d[\w.+-]*)$/.exec(text) ?? []
  return name === undefined || agentVersion === undefined ? { name: text } : { name, version: agentVersion }
}
