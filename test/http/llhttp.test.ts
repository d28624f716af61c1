/**
 * Compares our parsers with llhttp, the parser of Node, on randomly damaged heads, 100 000 in a long run. `llhttp-differences.ts` has a
 * class and a reason for each difference. `SEED=… RUNS=…` repeats or extends the test.
 */

import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { RequestHeadParser, ResponseHeadParser, requestFraming, responseFraming } from '../../src/http/index.ts'
import { createRandom } from '../peers/support.ts'
import { runs } from '../share.ts'
import {
  type Difference,
  type DifferenceClass,
  differenceClasses,
  type Kind,
  type ParserResult,
} from './llhttp-differences.ts'

const RUNS = runs(6000, 100_000)
/** 100 000 heads take 2 to 4 s. */
const TIMEOUT = Math.max(15_000, RUNS)
/** Each run has the same heads, so that it always shows a class that no longer occurs. */
const SEED = Number(process.env.SEED ?? 1)

/** The members of Node's internal binding that this test uses. Node does not publish types for it. */
interface NativeParser {
  [callback: number]: (...values: never[]) => unknown
  initialize(kind: number, resource: object): void
  execute(bytes: Uint8Array): number | (Error & { code: string; reason: string })
}
interface NativeBinding {
  readonly methods: readonly string[]
  readonly HTTPParser: {
    new (): NativeParser
    readonly REQUEST: number
    readonly RESPONSE: number
    readonly kOnHeadersComplete: number
  }
}

const { HTTPParser, methods } = createRequire(import.meta.url)('node:_http_common') as NativeBinding

const native = new HTTPParser()
/** The arguments of the callback's calls. */
const reported: Omit<ParserResult & { state: 'read' }, 'size'>[] = []
/** The return value that makes llhttp stop after the head, as our parsers do. */
const SKIP_BODY_AND_UPGRADE = 2
native[HTTPParser.kOnHeadersComplete | 0] = (
  major: number,
  minor: number,
  fields: string[] | undefined,
  method: number | undefined,
  url: string | undefined,
  status: number | undefined,
  reason: string | undefined,
): number => {
  const start = status == null ? [methods[method as number] as string, url as string] : [status, reason as string]
  reported.push({ state: 'read', start, version: `${major}.${minor}`, fields: fields ?? [] })
  return SKIP_BODY_AND_UPGRADE
}

function readNative(kind: Kind, bytes: Uint8Array): ParserResult {
  reported.length = 0
  native.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {})
  const result = native.execute(bytes)
  if (typeof result !== 'number') return { state: 'refused', why: `${result.code} ${result.reason}` }
  const [head] = reported
  if (head === undefined) return { state: 'more' }
  // Our parser skips interim responses. A user of llhttp must do this itself.
  const [status] = head.start
  const interim = typeof status === 'number' && status >= 100 && status < 200 && status !== 101
  return interim ? readNative(kind, bytes.subarray(result)) : { ...head, size: result }
}

function readOurs(kind: Kind, bytes: Uint8Array): ParserResult {
  const parsed = kind === 'request' ? new RequestHeadParser().push(bytes) : new ResponseHeadParser().push(bytes)
  if (parsed === undefined) return { state: 'more' }
  if (!parsed.ok) return { state: 'refused', why: `${parsed.errors[0].code}: ${parsed.errors[0].message}` }
  const { head, size } = parsed
  try {
    // llhttp checks these fields while it reads them.
    if ('status' in head) responseFraming(head)
    else requestFraming(head)
  } catch (error) {
    return { state: 'refused', why: `framing: ${(error as Error).message}` }
  }
  const [start, httpVersion] =
    'status' in head ? [[head.status, head.reason], head.httpVersion] : [[head.method, head.target], head.httpVersion]
  return { state: 'read', start, version: httpVersion ?? '', fields: head.headers.flat(), size }
}

/** Returns the difference, or `undefined` if both agree in each name, value and byte. Their reasons to refuse may differ. */
function compare(kind: Kind, text: string): Difference | undefined {
  const bytes = Buffer.from(text, 'latin1')
  const llhttp = readNative(kind, bytes)
  const ours = readOurs(kind, bytes)
  const comparable = (result: ParserResult): string => (result.state === 'read' ? JSON.stringify(result) : result.state)
  return comparable(llhttp) === comparable(ours) ? undefined : { kind, text, llhttp, ours }
}

/** The heads to damage. Each has a feature that the others do not have. */
const originals: Readonly<Record<Kind, readonly string[]>> = {
  request: [
    'GET /chat?x=1 HTTP/1.1\r\nHost: a.example:80\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nX-A:  b c \t\r\n\r\n',
    'POST http://a.example/ HTTP/1.0\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: a\r\nEmpty:\r\nEmpty2: \r\n\r\nrest',
    '\r\n\r\nGET / HTTP/1.1\r\nA: \xe9\r\n\r\n',
    'PUT /a HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n',
    'POST /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n\x16\x03\x01',
  ],
  response: [
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02Hi',
    'HTTP/1.1 200 OK\r\nX: a \r\nY: z\r\n\r\n',
    'HTTP/1.0 404 \r\n\r\n',
    'HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel="preload"\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  ],
}

/** The texts to insert: bytes with a meaning somewhere in a head, and parts of heads. */
const pieces: readonly string[] = [
  ...['\0', '\t', '\n', '\r', ' ', '"', ',', '/', ':', ';', '@', 'A', '0', '1', '9', '\x7f', '\x80', '\xe9', '\xff'],
  ...['(', '{', '\\', '+', '-', '*', '\r\n', '\r\n ', '\r\n\t', ': ', '  ', '\r\n\r\n', ' HTTP/1.1', 'ABC'],
]

const lines: readonly string[] = [
  ...['A: b', ' b', '\tb', 'Content-Length: 3', 'Content-Length: +3', 'content-length: 3\t', 'Content-Length: 3, 3'],
  ...['Content-Length: 4', 'Content-Length: 3, 4', 'Content-Length:'],
  ...['Transfer-Encoding: chunked', 'transfer-encoding: gzip', 'Transfer-Encoding: chunked,', 'Transfer-Encoding:'],
]

/** Damages a head one to three times: inserts, cuts or repeats a part, changes the version, adds a line, or ends it early. */
function damage(original: string, random: () => number): string {
  const below = (bound: number): number => Math.floor(random() * bound)
  const oneOf = (choice: readonly string[]): string => choice[below(choice.length)] as string
  let text = original
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(text.length + 1)
    const put = [oneOf(pieces), String.fromCharCode(below(256)), '', text.slice(at, at + below(24))]
    const kind = below(32)
    if (kind === 0) text = text.slice(0, at)
    else if (kind === 1) text = text.replace(/HTTP\/\d\.\d/, `HTTP/${below(3)}.${below(10)}`)
    else if (kind === 2) text = text.replace(/ \d{3} /, ` ${String(below(1000)).padStart(3, '0')} `)
    else if (kind < 7) text = text.replace('\r\n', `\r\n${oneOf(lines)}\r\n`)
    else text = text.slice(0, at) + oneOf(put) + text.slice(at + below(4))
  }
  return text
}

/** Returns the classes of a difference. Throws with both results if there is none. */
function explain(difference: Difference, when: string): string[] {
  const names = Object.keys(differenceClasses).filter((name) => differenceClasses[name]?.matches(difference))
  if (names.length > 0) return names
  const { kind, text, llhttp, ours } = difference
  throw new Error(`${when}, a ${kind}: ${JSON.stringify({ text, llhttp, ours }, undefined, 2)}`)
}

/** Whether the llhttp of this Node shows a difference. */
function isExpected({ firstSeen, lastSeen }: DifferenceClass): boolean {
  const compareTo = (version: string): number =>
    version.localeCompare(process.versions.llhttp as string, 'en', { numeric: true })
  return !(firstSeen && compareTo(firstSeen) > 0) && !(lastSeen && compareTo(lastSeen) < 0)
}

const expected = Object.entries(differenceClasses).filter(([, each]) => isExpected(each))

test(`our parsers agree with llhttp on ${RUNS} damaged heads, except for explained differences`, {
  timeout: TIMEOUT,
}, () => {
  const random = createRandom(SEED)
  const counts = new Map<string, number>()
  for (let run = 0; run < RUNS; run++) {
    const kind = random() < 0.5 ? 'request' : 'response'
    const original = originals[kind][Math.floor(random() * originals[kind].length)] as string
    const difference = compare(kind, damage(original, random))
    if (difference === undefined) continue
    for (const name of explain(difference, `SEED=${SEED}, head ${run}`)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  // No class may be obsolete. With fewer heads, some classes do not occur.
  if (RUNS >= 100_000) for (const [name] of expected) expect(counts.get(name) ?? 0, name).toBeGreaterThan(0)
})

test.each(expected)('explains %s', (name, { example: [kind, text] }) => {
  const difference = compare(kind, text)
  expect(difference && explain(difference, 'the example')).toContain(name)
})
