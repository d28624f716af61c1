/**
 * `test client`: listens, and runs a case with each connection of the client under test.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'
import type { CaseTransport } from '../testing/case-options.ts'
import { isHeavy } from '../testing/heavy.ts'
import { acceptPeer } from '../testing/open-peer.ts'
import { runCase } from '../testing/run.ts'
import { behaviors, requireFolder, writeIndex } from './autobahn.ts'
import { type Incoming, type Listener, listen } from './listen.ts'
import type { Settings } from './options.ts'
import { Run } from './run.ts'
import { type Client, startClient } from './spawn.ts'
import { suggest } from './usage.ts'

/** Milliseconds for `/updateReports` after the last case. */
const REPORT_WAIT = 5000

/** Milliseconds for a started client to connect. */
const START_WAIT = 10_000

/** Milliseconds for a connection of a client that has ended already. */
const LATE = 200

const NOT_CONNECTED = 'it did not connect for this case.'
const START_EACH = 'With {case} in place of {url} it is started for each case.'

/** @returns The exit code. @throws UsageError if nobody can listen there, or nobody connects. */
export async function testClient(settings: Settings): Promise<number> {
  if (settings.autobahn !== undefined) requireFolder(settings.autobahn)
  const run = new Run('client', settings.positionals, settings)
  const test = new ClientTest(run)
  const listener = await listen(settings, test.take)
  try {
    await test.finished(listener)
  } finally {
    listener.close()
  }
  if (test.why !== undefined && !run.signal.aborted) run.addMissing(test.why)
  const agent = settings.agent ?? test.agent ?? 'client'
  const code = run.finish(agent)
  if (settings.autobahn !== undefined) writeIndex(settings.autobahn, agent, run.cases, run.results)
  return code
}

/** Which connection gets which case, and when the run is over. */
class ClientTest {
  /** As it calls itself to Autobahn's endpoints. */
  agent: string | undefined
  /** Why the run is over before the client was done. */
  why: string | undefined
  readonly #run: Run
  /** Cases that no connection has had. */
  readonly #next: Case[]
  /** Slugs of cases, and connections that get an answer. */
  readonly #running = new Set<string | Incoming>()
  /** Told of each begin and end of a case, and of whatever may end the run. */
  readonly #watchers = new Set<() => void>()
  /** A harness for Autobahn: it says itself when it is done. */
  #isHarness = false
  #isReported = false
  #lastUsed = performance.now()

  constructor(run: Run) {
    this.#run = run
    this.#next = [...run.cases.filter((one) => !isHeavy(one)), ...run.cases.filter(isHeavy)]
    run.signal.addEventListener('abort', () => this.#changed())
  }

  /** Answers a connection: with a case, or with what a harness asks for. */
  readonly take = (incoming: Incoming): void => {
    this.#changed()
    const [path = '', query = ''] = incoming.target.split(/\?(.*)/s)
    const params = new URLSearchParams(query)
    this.agent ??= params.get('agent')?.slice(0, 200)
    if (/^\/(getCase|runCase|updateReports)/.test(path)) this.#isHarness = true
    if (path === '/getCaseCount') this.#answer(incoming, String(this.#run.cases.length))
    else if (path === '/updateReports') this.#answer(incoming, undefined)
    else if (path === '/favicon.ico') incoming.refuse(404, 'There is none.')
    else this.#takeCase(incoming, path, params)
  }

  #takeCase(incoming: Incoming, path: string, params: URLSearchParams): void {
    const name = params.get('case') ?? params.get('casetuple')
    const one = name === null ? this.#takeNext() : this.#find(name)
    if (one === undefined)
      incoming.refuse(name === null ? 503 : 404, name === null ? 'No case is left.' : this.#describeUnknown(name))
    else if (path === '/getCaseInfo') this.#answer(incoming, JSON.stringify({ id: one.id, description: one.title }))
    else if (path === '/getCaseStatus') this.#answer(incoming, JSON.stringify({ behavior: this.#behaviorOf(one) }))
    else void this.#runCase(one, incoming.transport)
  }

  async #runCase(one: Case, transport: CaseTransport): Promise<void> {
    this.#running.add(one.id)
    this.#changed()
    const result = await runCase(one, transport, this.#run.options())
    this.#running.delete(one.id)
    this.#run.add(result)
    this.#changed()
  }

  #takeNext(): Case | undefined {
    for (;;) {
      const one = this.#next.shift()
      if (one === undefined || !(this.#run.has(one) || this.#running.has(one.id))) return one
    }
  }

  /** By its number in the list, its slug, or Autobahn's number. */
  #find(name: string): Case | undefined {
    const { cases } = this.#run
    if (/^\d{1,6}$/.test(name)) return cases[Number(name) - 1]
    return cases.find(({ id, autobahn }) => id === name || autobahn?.includes(name))
  }

  #describeUnknown(name: string): string {
    const ids = this.#run.cases.map(({ id }) => id)
    return `There is no case ${JSON.stringify(name.slice(0, 200))} among the ${ids.length} of this run${name.length > 200 ? '' : suggest(name, ids)}`
  }

  #behaviorOf(one: Case): string {
    const result = this.#run.results.find(({ id }) => id === one.id)
    return result === undefined ? 'MISSING' : behaviors[result.verdict]
  }

  /** One text, or none, and an orderly end. Without a text it was the request to write the reports. */
  #answer(incoming: Incoming, text: string | undefined): void {
    const { transport, refuse } = incoming
    if ('carrier' in transport) {
      refuse(404, 'Over HTTP/1.1 only.')
      return
    }
    const answer = async (): Promise<void> => {
      const peer = await acceptPeer(transport, { timeout: this.#run.settings.timeout })
      if (text !== undefined) await peer.send({ opcode: 1, payload: text })
      await peer.close(1000)
      peer.end()
      await peer.ended()
    }
    this.#running.add(incoming)
    if (text === undefined) this.#isReported = true
    // Whatever this client does wrong, its cases show.
    answer()
      .catch(() => {})
      .finally(() => {
        transport.destroy()
        this.#running.delete(incoming)
        this.#changed()
      })
  }

  #changed(): void {
    this.#lastUsed = performance.now()
    for (const watcher of this.#watchers) watcher()
  }

  /** Resolves once `isOver` says so; it is asked on each change. `after` milliseconds without a change end it too: then with false. */
  #until(isOver: () => boolean, after: () => number): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const settle = (value: boolean): void => {
        clearTimeout(timer)
        this.#watchers.delete(check)
        resolve(value)
      }
      const check = (): void => {
        clearTimeout(timer)
        const left = this.#lastUsed + after() - performance.now()
        if (this.#run.signal.aborted || isOver()) settle(true)
        else if (left <= 0 && this.#running.size === 0) settle(false)
        else timer = setTimeout(check, Math.min(Math.max(left, 10), 60_000))
      }
      this.#watchers.add(check)
      check()
    })
  }

  /** Resolves when the run is over. */
  async finished(listener: Listener): Promise<void> {
    const { command } = this.#run.settings
    if (command?.includes('{case}')) await this.#startEach(command, listener)
    else if (command !== undefined) await this.#startOnce(command, listener)
    else await this.#waitForClient(listener)
  }

  async #waitForClient({ url }: Listener): Promise<void> {
    const { wait } = this.#run.settings
    this.#run.note(`${this.#run.cases.length} cases wait for a client at ${url}, one a connection.`)
    const isOver = await this.#until(
      () => this.#isOver(),
      () => (this.#run.isComplete ? Math.min(wait, REPORT_WAIT) : wait),
    )
    if (!isOver) this.why = this.#describeWait()
  }

  #isOver(): boolean {
    return this.#running.size === 0 && (this.#isHarness ? this.#isReported : this.#run.isComplete)
  }

  /** A client that connects for all cases by itself. */
  async #startOnce(command: string, { url }: Listener): Promise<void> {
    const client = startClient(command, { url })
    let how: string | undefined
    void client.ended.then(async (text) => {
      // What it sent last may not have been read.
      await new Promise((resolve) => setTimeout(resolve, LATE))
      how = text
      this.#changed()
    })
    await this.#until(
      () => this.#isOver() || (how !== undefined && this.#running.size === 0),
      () => this.#run.settings.wait,
    )
    if (!this.#isOver()) this.why = how === undefined ? this.#describeWait() : `${how}; ${NOT_CONNECTED} ${START_EACH}`
    client.stop()
    await client.ended
  }

  #describeWait(): string {
    return `Nobody connected for this case within ${this.#run.settings.wait} ms.`
  }

  /** A client for each case. */
  async #startEach(command: string, { url }: Listener): Promise<void> {
    const { cases, signal, settings } = this.#run
    const start = async (left: Case[]): Promise<void> => {
      for (let one = left.shift(); one !== undefined && !signal.aborted; one = left.shift()) {
        const client = startClient(command, { url, case: `${url}/?case=${one.id}` })
        await this.#waitForCase(one, client)
        client.stop()
        await client.ended
      }
    }
    const light = cases.filter((one) => !isHeavy(one))
    await Promise.all(Array.from({ length: settings.parallel }, () => start(light)))
    await start(cases.filter(isHeavy))
  }

  async #waitForCase(one: Case, client: Client): Promise<void> {
    const began = performance.now()
    let why = `The command did not connect within ${START_WAIT} ms.`
    let limit = began + START_WAIT
    void client.ended.then((how) => {
      why = `${how}; ${NOT_CONNECTED}`
      limit = Math.min(limit, performance.now() + LATE)
      setTimeout(() => this.#changed(), LATE + 10)
    })
    const timer = setTimeout(() => this.#changed(), START_WAIT + 10)
    const isDue = (): boolean => performance.now() >= limit && !this.#running.has(one.id)
    await this.#until(
      () => this.#run.has(one) || isDue(),
      () => Infinity,
    )
    clearTimeout(timer)
    if (!this.#run.has(one)) this.#run.addError(one, why)
  }
}
