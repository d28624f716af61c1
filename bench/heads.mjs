/**
 * Compares parsers of heads: Chromium's opening request, read by our parser, by that of websocket-driver and by Node's own, which
 * is written in C. First checks that all read the same fields.
 */

import { deepStrictEqual } from 'node:assert'
import { createRequire } from 'node:module'
import { RequestHeadParser } from '../dist/index.js'
import { chromiumHead as head } from './requests.mjs'
import { measure, number, printTable, quick, time } from './rounds.mjs'

const require = createRequire(import.meta.url)
const DriverParser = require('websocket-driver/lib/websocket/http_parser')
const { HTTPParser, methods } = require('node:_http_common')

const HEADS = quick ? 5_000 : 20_000

/** Each reads one head with a fresh parser, as a new connection does; `fields` returns what it has read. */
const contenders = [
  {
    name: 'RequestHeadParser',
    read: () => new RequestHeadParser().push(head).head,
    fields: ({ method, target, headers }) => [
      method,
      target,
      ...headers.map(([name, value]) => [name.toLowerCase(), value]),
    ],
  },
  {
    name: 'websocket-driver',
    read() {
      const parser = new DriverParser('request')
      parser.parse(head)
      return parser
    },
    fields: ({ method, url, headers }) => [method, url, ...Object.entries(headers)],
  },
  {
    name: 'llhttp (Node, C)',
    read: readNative,
    fields: ([, , flat, method, url]) => [
      methods[method],
      url,
      ...flat.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1]]] : [])),
    ],
  },
]

/** As in Node, the parser is reused and reset, because creating one costs more than reading a head. */
const native = new HTTPParser()
let told
native[HTTPParser.kOnHeadersComplete | 0] = (...all) => {
  told = all
  // No body: another protocol follows.
  return 2
}

function readNative() {
  native.initialize(HTTPParser.REQUEST, {})
  native.execute(head)
  return told
}

export async function benchHeads() {
  const [expected, ...others] = contenders.map(({ read, fields }) => fields(read()))
  for (const other of others) deepStrictEqual(other, expected)
  const run = ({ read }) => time(() => repeat(read))
  const medians = await measure('Heads', contenders, run, { per: HEADS })
  const [ours] = medians
  const rows = contenders.map(({ name }, index) => {
    const nanoseconds = medians[index] / HEADS
    return [name, number(nanoseconds), number(1e9 / nanoseconds), `${(medians[index] / ours).toFixed(2)} x`]
  })
  printTable(`Heads of ${head.length} bytes`, [['', 'ns a head', 'heads a second', 'RequestHeadParser to it'], ...rows])
}

/** Each result is used, so that no work is optimised away. */
function repeat(read) {
  let heads = 0
  for (let left = HEADS; left > 0; left--) if (read() !== undefined) heads++
  if (heads !== HEADS) throw new Error(`${heads} of ${HEADS} heads were read`)
}
