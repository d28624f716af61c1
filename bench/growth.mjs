/**
 * Measures how time grows with the bytes that a peer sends: heads and fields of sizes N and 2N, whole, byte by byte, and with
 * contents that slow down careless parsers. Linear means that twice the size takes about twice as long.
 */

import { parseExtensions } from '../dist/handshake/index.js'
import { getHeaderElements } from '../dist/http/index.js'
import { RequestHeadParser, ResponseHeadParser } from '../dist/index.js'
import { fastest, measure, number, printTable, quick, time } from './rounds.mjs'

/** V8 stores strings from 128 KiB on in another space, which takes longer: both sizes are on the same side of that limit. */
const N = quick ? 50_000 : 150_000
const limits = { maxHeadSize: Infinity, maxHeadFields: Infinity }

/** A head of about `size` bytes, with lines as long as those of browsers. */
const usual = (size) => request('Accept-Language: de-DE,de;q=0.9,en-US;q=0.8\r\n'.repeat(size / 46))
const request = (lines) => bytes(`GET / HTTP/1.1\r\n${lines}\r\n`)
const response = (lines) => bytes(`HTTP/1.1 200 OK\r\n${lines}\r\n`)
const value = (text) => request(`A: ${text}\r\n`)
const bytes = (text) => Buffer.from(text, 'latin1')

const readRequest = (input) => new RequestHeadParser(limits).push(input).head
const readResponse = (input) => new ResponseHeadParser(limits).push(input).head
const readBytewise = (input) => {
  const parser = new RequestHeadParser(limits)
  let parsed
  for (let at = 0; at < input.length; at++) parsed = parser.push(input.subarray(at, at + 1))
  return parsed.head
}
/** A rejection takes time as well. */
const attempt = (read) => (input) => {
  try {
    return read(input)
  } catch (error) {
    return error
  }
}
const elements = attempt((text) => getHeaderElements([['a', text]], 'a'))
const extensions = attempt(parseExtensions)

/** `make(size)` returns about that many bytes. */
const cases = [
  ['a head, in one chunk', usual, readRequest],
  ['a head, byte by byte', usual, readBytewise],
  ['one value, byte by byte', (size) => value('a'.repeat(size)), readBytewise],
  ['spaces before a value', (size) => value(`${' '.repeat(size)}a`), readRequest],
  ['spaces in a value', (size) => value(`a${' '.repeat(size)}a`), readRequest],
  ['spaces after a value', (size) => value(`a${' '.repeat(size)}`), readRequest],
  ['tiny fields', (size) => request('a:\r\n'.repeat(size / 4)), readRequest],
  ['empty lines before a request', (size) => bytes(`${'\r\n'.repeat(size / 2)}GET / HTTP/1.1\r\n\r\n`), readRequest],
  ['folds in a response', (size) => response(`A: a\r\n${' b\r\n'.repeat(size / 4)}`), readResponse],
  ['a list of spaces', (size) => `a${' '.repeat(size)}a`, elements],
  ['a list of commas', (size) => ','.repeat(size), elements],
  ['a list of elements', (size) => 'a,'.repeat(size / 2), elements],
  ['a list of semicolons', (size) => ';'.repeat(size), elements],
  ['a list of quotes', (size) => '"'.repeat(size + 1), elements],
  ['a list of commas in quotes', (size) => `"${','.repeat(size)}`, elements],
  ['parameters with spaces', (size) => `a;${' '.repeat(size)}b`, extensions],
  ['parameters', (size) => `a${';b'.repeat(size / 2)}`, extensions],
  ['a quoted parameter of escapes', (size) => `a; b="${'\\"'.repeat(size / 2)}"`, extensions],
  ['a quoted parameter without end', (size) => `a; b="${'\\"'.repeat(size / 2)}`, extensions],
]

export async function benchGrowth() {
  const rows = []
  for (const [name, make, read] of cases) {
    const inputs = [
      { name: 'N', input: make(N) },
      { name: '2N', input: make(2 * N) },
    ]
    // Repeated until the clock is accurate enough.
    const times = Math.ceil(2e6 / time(() => read(inputs[0].input)))
    // With so few long rounds, the collector affects some and not others: the fastest shows the cost of the work itself.
    const run = ({ input }) => time(() => repeat(times, read, input))
    const [once, twice] = await measure(`Growth, ${name}`, inputs, run, { per: times, pick: fastest })
    rows.push([name, number(once / times / 1000), number(twice / times / 1000), `${(twice / once).toFixed(2)} x`])
  }
  printTable(`Growth, N = ${N} bytes, fastest rounds`, [['', 'µs for N', 'µs for 2N', 'time(2N) : time(N)'], ...rows])
}

function repeat(times, read, input) {
  for (let left = times; left > 0; left--) if (read(input) === undefined) throw new Error('nothing was read')
}
