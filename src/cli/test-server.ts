/**
 * `test server`: runs the cases against a server at a URL.
 *
 * @module
 */

import type { Case, OpenStep } from '../testing/case.ts'
import type { CaseOptions } from '../testing/case-options.ts'
import type { CaseResult } from '../testing/result.ts'
import { runCase } from '../testing/run.ts'
import { runCases } from '../testing/run-cases.ts'
import { parseTarget, type Target } from './connect.ts'
import { createMask, withoutUser } from './mask.ts'
import type { Settings } from './options.ts'
import { escapeControls } from './output/escape.ts'
import { Run } from './run.ts'
import { UsageError } from './usage.ts'

/** The least time for a server's first answer, in milliseconds. */
const PROBE_TIME = 1000

/** @returns The exit code. @throws UsageError if no WebSocket server answers there. */
export async function testServer(settings: Settings): Promise<number> {
  const [url, ...patterns] = settings.positionals
  if (url === undefined) throw new UsageError('test server needs a URL, such as ws://localhost:8080/')
  const target = parseTarget(url, settings)
  const run = new Run('server', patterns, settings)
  try {
    await runAll(run, target)
  } finally {
    target.close()
  }
  return run.finish(withoutUser(url))
}

async function runAll(run: Run, target: Target): Promise<void> {
  const { settings } = run
  const fields = listFields(settings, target)
  const host = settings.headers.filter(([name]) => isHost(name)).at(-1)?.[1] ?? target.host
  const options = run.options({ host, path: target.path })
  const timeout = Math.max(settings.timeout, PROBE_TIME)
  const answer = await probe(target, addFields(createProbe(settings.http2), fields), { ...options, timeout })
  const note = notes[answer]
  const mask = createMask(Object.keys(fields))
  if (settings.echo && note !== undefined && !run.signal.aborted) run.note(note)
  await runCases(
    run.cases.map((one) => addFields(one, fields)),
    target.open,
    {
      ...options,
      // A wrong echo is no reason to skip: the cases report what is wrong with it.
      echo: settings.echo && answer !== 'no echo',
      parallel: settings.parallel,
      onResult: (result) => run.add(mask(result)),
    },
  )
}

/** Returns a case with a valid handshake and a text. */
function createProbe(http2: boolean): Case {
  // Over HTTP/2 a 2xx opens the WebSocket (RFC 8441 §5).
  const refusals = http2 ? [] : ['2xx']
  return {
    id: 'server/probe/echo',
    since: '0.1.0',
    title: 'a valid handshake, a text',
    why: '',
    level: 'must',
    references: [],
    side: 'server',
    carriers: ['http/1.1', 'http/2'],
    needs: [],
    steps: [
      { do: 'open' },
      { do: 'send', pieces: [{ frame: { opcode: 1, payload: 'probe' } }] },
      { do: 'await', for: 'message' },
      { do: 'send', pieces: [{ frame: { opcode: 8, payload: { hex: '03e8' } } }] },
    ],
    outcomes: [
      { verdict: 'pass', reason: 'echo', when: { messages: [{ text: 'probe' }] } },
      { verdict: 'skip', reason: 'refused', when: { status: ['3xx', '4xx', '5xx', ...refusals] } },
      { verdict: 'skip', reason: 'silent', when: { status: 'none', end: 'none' } },
      { verdict: 'info', reason: 'no answer', when: { status: 'none' } },
      { verdict: 'info', reason: 'no echo', when: { messages: [] } },
      { verdict: 'info', reason: 'another message', when: {} },
    ],
  }
}

/** The notes for the user on the answers to the probe. */
const notes: Readonly<Record<string, string>> = {
  'no echo': 'The server does not echo a text, so the cases that need an echo are skipped.',
  'another message': 'The server answers a text with another message. If it is not meant to echo, use --no-echo.',
}

/**
 * Finds out how the server answers a text. A broken rule is no reason to stop: the cases will report it.
 *
 * @returns The reason of the outcome, or the rule that the server broke.
 * @throws UsageError if the server cannot be reached, does not answer, or opens no WebSocket there.
 */
async function probe(target: Target, one: Case, options: CaseOptions): Promise<string> {
  const { open } = target
  let transport: Awaited<ReturnType<typeof open>>
  try {
    transport = await open()
  } catch (error) {
    throw new UsageError(`There is no server to test: ${escapeControls((error as Error).message)}`)
  }
  const result = await runCase(one, transport, options)
  if (result.reason === 'silent')
    throw new UsageError(`The server did not answer a valid request within ${options.timeout} ms.`)
  if (result.reason === 'refused')
    throw new UsageError(
      `The server opened no WebSocket at ${target.path}: ${describeAnswer(result)} See --header, --subprotocol and --http2.`,
    )
  return result.reason
}

function describeAnswer({ transcript }: CaseResult): string {
  const line = transcript.find(({ from, type }) => from === 'agent' && type === 'bytes')?.notes[0]
  return line === undefined ? 'it refused a valid request.' : `it answered ${escapeControls(line)}.`
}

const isHost = (name: string): boolean => /^host$/i.test(name)

/** Returns the fields that the user adds to each request. `Host` replaces the one of the URL instead. */
function listFields({ headers }: Settings, { authorization }: Target): NonNullable<OpenStep['fields']> {
  const fields = new Map<string, string[]>()
  if (authorization !== undefined) fields.set('authorization', [authorization])
  for (const [name, value] of headers.filter(([name]) => !isHost(name))) {
    const key = name.toLowerCase()
    fields.set(key, [...(fields.get(key) ?? []), value])
  }
  return Object.fromEntries(fields)
}

/** Adds these fields to the requests of a case. The case's own fields win. */
function addFields(one: Case, fields: NonNullable<OpenStep['fields']>): Case {
  if (Object.keys(fields).length === 0) return one
  return { ...one, steps: one.steps.map((step) => (step.do === 'open' ? addTo(step, fields) : step)) }
}

function addTo(step: OpenStep, fields: NonNullable<OpenStep['fields']>): OpenStep {
  if (step.raw !== undefined) return { ...step, raw: addToHead(step.raw, fields) }
  const own = new Set(Object.keys(step.fields ?? {}).map((name) => name.toLowerCase()))
  const others = Object.entries(fields).filter(([name]) => !own.has(name))
  return { ...step, fields: { ...Object.fromEntries(others), ...step.fields } }
}

/** Inserts the fields after the start line of a head. Bytes that do not begin with the whole start line of a request stay as they are. */
function addToHead(head: string, fields: NonNullable<OpenStep['fields']>): string {
  const [line, lineEnd] = /^\S+ \S+ HTTP\/1\.\d(\r?\n)/.exec(head) ?? []
  if (line === undefined) return head
  const rest = head.slice(line.length)
  const own = new Set(Array.from(rest.matchAll(/^[^\s:]+(?=[ \t]*:)/gm), ([name]) => name.toLowerCase()))
  const lines = Object.entries(fields)
    .filter(([name]) => !own.has(name))
    .flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}${lineEnd}`))
  return `${line}${lines.join('')}${rest}`
}
