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

/** Milliseconds in which a connection of a client that has already ended may still arrive. */
const LATE = 200

const NOT_CONNECTED = 'it did not connect for this case.'
const START_EACH = 'With {case} instead of {url} it is started for each case.'

/** @returns The exit code. @throws UsageError if the port cannot be opened, or no client connects. */
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

/** Decides which connection gets which case, and when the run is over. */
class ClientTest {
  /** The name that the client gives to Autobahn's endpoints. */
  agent: string | undefined
  /** Why the run ended before all cases were run. */
  why: string | undefined
  readonly #run: Run
  /** Cases that no connection has got yet. */
  readonly #next: Case[]
  /** The slugs of running cases, and the connections to Autobahn's endpoints. */
  readonly #running = new Set<string | Incoming>()
  /** Called when a case begins or ends, and on anything that may end the run. */
  readonly #watchers = new Set<() => void>()
  /** Whether the client is a harness for Autobahn. Such a client reports that it is done. */
  #isHarness = false
  #isReported = false
  #lastUsed = performance.now()

  constructor(run: Run) {
    this.#run = run
    this.#next = [...run.cases.filter((one) => !isHeavy(one)), ...run.cases.filter(isHeavy)]
    run.signal.addEventListener('abort', () => this.#changed())
  }

  /** Answers a connection with a case, or as an endpoint of Autobahn. */
  readonly take = (incoming: Incoming): void => {
    this.#changed()
    const [path = '', query = ''] = incoming.target.split(/\?(.*)/s)
    const params = new URLSearchParams(query)
    this.agent ??= params.get('agent')?.slice(0, 200)
    if (/^\/(getCase|runCase|updateReports)/.test(path)) this.#isHarness = true
    if (path === '/getCaseCount') this.#answer(incoming, String(this.#run.cases.length))
    else if (path === '/updateReports') this.#answer(incoming, undefined)
    else if (path === '/favicon.ico') incoming.refuse(404, 'There is no such case.')
    else this.#takeCase(incoming, path, params)
  }

  #takeCase(incoming: Incoming, path: string, params: URLSearchParams): void {
    const name = params.get('case') ?? params.get('casetuple')
    const one = name === null ? this.#takeNext() : this.#find(name)
    if (one === undefined)
      incoming.refuse(name === null ? 410 : 404, name === null ? 'No case is left.' : this.#describeUnknown(name))
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

  /** Finds a case by its number in the list, its slug, or Autobahn's number. */
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

  /** Sends at most one text, then closes cleanly. Without a text it answers the request to write the reports. */
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
    // Errors of the client do not count here: the cases find them.
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

  /** Resolves with true once `isOver` returns true, which each change checks, or with false after `after` ms without a change. */
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
    this.#run.note(`Waiting for a client to connect to ${url} (${this.#run.cases.length} cases, one per connection).`)
    const isOver = await this.#until(
      () => this.#isOver(),
      () => (this.#run.isComplete ? Math.min(wait, REPORT_WAIT) : wait),
    )
    if (!isOver) this.why = this.#describeWait()
  }

  #isOver(): boolean {
    return this.#running.size === 0 && (this.#isHarness ? this.#isReported : this.#run.isComplete)
  }

  /** Starts a client that makes the connections for all cases. */
  async #startOnce(command: string, { url }: Listener): Promise<void> {
    const client = startClient(command, { url })
    let how: string | undefined
    void client.ended.then(async (text) => {
      // The last bytes that it sent may not have been read yet.
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
    return `No client connected for this case within ${this.#run.settings.wait} ms.`
  }

  /** Starts a client for each case. */
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
