/**
 * Our parsers against the one that Node itself uses, llhttp, on 100 000 heads that chance has damaged: whatever the two do
 * not agree on is a class of its own in `llhttp-differences.ts`, with its reason. `SEED=… RUNS=…` repeats or prolongs it.
 */

import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { RequestHeadParser, ResponseHeadParser, requestFraming, responseFraming } from '../../src/http/index.ts'
import { createRandom } from '../peers/support.ts'
import { type Difference, differenceClasses, type Kind, type Verdict } from './llhttp-differences.ts'

const RUNS = Number(process.env.RUNS ?? 100_000)
/** The same heads in each run, so that a class that no longer occurs is no matter of luck. */
const SEED = Number(process.env.SEED ?? 1)

/** The part of Node's binding that is used; it has no types, for nobody is meant to use it. */
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
let found: Omit<Verdict & { state: 'read' }, 'size'> | undefined
/** Tells llhttp that nothing of HTTP follows the head, so that it stops there as we do. */
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
  found = { state: 'read', start, version: `${major}.${minor}`, fields: fields ?? [] }
  return SKIP_BODY_AND_UPGRADE
}

function readNative(kind: Kind, bytes: Uint8Array): Verdict {
  found = undefined
  native.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {})
  const result = native.execute(bytes)
  if (typeof result !== 'number') return { state: 'refused', why: `${result.code} ${result.reason}` }
  if (found === undefined) return { state: 'more' }
  const verdict: Verdict = { ...found, size: result }
  // Our parser passes over them by itself, as a user of llhttp has to.
  const [status] = verdict.start
  const interim = typeof status === 'number' && status >= 100 && status < 200 && status !== 101
  return interim ? readNative(kind, bytes.subarray(result)) : verdict
}

function readOurs(kind: Kind, bytes: Uint8Array): Verdict {
  const parsed = kind === 'request' ? new RequestHeadParser().push(bytes) : new ResponseHeadParser().push(bytes)
  if (parsed === undefined) return { state: 'more' }
  if (!parsed.ok) return { state: 'refused', why: `${parsed.faults[0].code}: ${parsed.faults[0].message}` }
  const { head, size } = parsed
  try {
    // llhttp judges these fields while it reads them.
    if ('status' in head) responseFraming(head)
    else requestFraming(head)
  } catch (fault) {
    return { state: 'refused', why: `framing: ${(fault as Error).message}` }
  }
  const [start, version] =
    'status' in head ? [[head.status, head.reason], ''] : [[head.method, head.target], head.version ?? '']
  return { state: 'read', start, version, fields: head.headers.flat(), size }
}

/** Where they part; `undefined`: they agree, in each name, value and byte. Why either refuses is its own affair. */
function compare(kind: Kind, text: string): Difference | undefined {
  const bytes = Buffer.from(text, 'latin1')
  const llhttp = readNative(kind, bytes)
  const ours = readOurs(kind, bytes)
  const comparable = (verdict: Verdict): string =>
    verdict.state === 'read'
      ? // Our responses do not tell their version.
        JSON.stringify({ ...verdict, version: kind === 'request' && verdict.version })
      : verdict.state
  return comparable(llhttp) === comparable(ours) ? undefined : { kind, text, llhttp, ours }
}

/** Seeds of all heads: each has something that the others have not. */
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

/** What is put in: bytes that mean something somewhere, and pieces of heads. */
const pieces: readonly string[] = [
  ...['\0', '\t', '\n', '\r', ' ', '"', ',', '/', ':', ';', '@', 'A', '0', '1', '9', '\x7f', '\x80', '\xe9', '\xff'],
  ...['(', '{', '\\', '+', '-', '*', '\r\n', '\r\n ', '\r\n\t', ': ', '  ', '\r\n\r\n', ' HTTP/1.1', 'HTTP/1.1'],
  ...['HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'ABC', 'A: b\r\n', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n'],
]

/** One to three injuries: something put in, cut out, put in place of something else, or said twice. */
function mutate(original: string, random: () => number): string {
  const below = (bound: number): number => Math.floor(random() * bound)
  let text = original
  if (below(50) === 0) text = text.replace(/HTTP\/\d\.\d/, `HTTP/${below(3)}.${below(10)}`)
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(text.length + 1)
    const cut = [0, 1, 1 + below(3)][below(3)] as number
    const again = text.slice(at, at + below(24))
    const put = [pieces[below(pieces.length)], String.fromCharCode(below(256)), '', again][below(4)] as string
    text = text.slice(0, at) + put + text.slice(at + cut)
  }
  return text
}

test.each(differenceClasses)('$name', ({ example, holds }) => {
  const d = compare(...example)
  if (!d || !holds(d)) console.log('EX', example, d, readNative(example[0], Buffer.from(example[1], 'latin1')))
})

test(`${RUNS} heads: whatever llhttp and we do not agree on is explained`, () => {
  const random = createRandom(SEED)
  const counts = new Map<string, number>()
  const unexplained = new Map<string, [number, Difference]>()
  for (let run = 0; run < RUNS; run++) {
    const kind = random() < 0.5 ? 'request' : 'response'
    const originalsOfKind = originals[kind]
    const original = originalsOfKind[Math.floor(random() * originalsOfKind.length)] as string
    const difference = compare(kind, mutate(original, random))
    if (difference === undefined) continue
    const names = differenceClasses.filter((each) => each.holds(difference)).map(({ name }) => name)
    if (names.length === 0) {
      const key = `${kind} llhttp ${difference.llhttp.state} ${'why' in difference.llhttp ? difference.llhttp.why : ''} | ours ${difference.ours.state} ${
        'why' in difference.ours
          ? difference.ours.why
              .replace(/'.'/g, "'?'")
              .replace(/byte \d+/, 'byte N')
              .replace(/0[xX]../, '0xNN')
          : ''
      }`
      const e = unexplained.get(key)
      if (e) e[0]++
      else unexplained.set(key, [1, difference])
    }
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  console.log(counts)
  for (const [k, [n, d]] of [...unexplained].sort((a, b) => b[1][0] - a[1][0]))
    console.log(
      n,
      k,
      '\n   ',
      JSON.stringify(d.text),
      '\n   ',
      JSON.stringify(d.llhttp),
      '\n   ',
      JSON.stringify(d.ours),
    )
})
