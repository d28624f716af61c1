/**
 * Measures the cost of refusing a request, compared with a good handshake: plain HTTP, which is the most frequent case, one error
 * of each kind, and lists of origins of growing length, as a literal and shared. Each from a head already parsed to the bytes of
 * the response.
 */

import { acceptHandshake, formatResponse, handshakeOptions, RequestHeadParser } from '../dist/index.js'
import { chromiumHead } from './requests.mjs'
import { measure, number, printTable, repeat, time, timesToFill } from './rounds.mjs'

const good = chromiumHead.toString('latin1')

/** A request with one change, or without some fields. */
const plainGet = good.replace(/^(Connection|Upgrade|Origin|Sec-WebSocket-[A-Za-z]+): .*\r\n/gm, '')
const requests = [
  { name: 'a good handshake', text: good },
  { name: 'plain GET', text: plainGet },
  { name: 'plain POST', text: plainGet.replace('GET', 'POST').replace('Host:', 'Content-Length: 5\r\nHost:') },
  { name: 'POST that asks', text: good.replace('GET', 'POST'), status: 405 },
  { name: 'another version', text: good.replace('Version: 13', 'Version: 14') },
  { name: 'another origin', text: good.replace('Origin: http://server', 'Origin: http://other'), status: 403 },
  { name: 'no key', text: good.replace(/Sec-WebSocket-Key: .*\r\n/, ''), status: 400 },
  { name: 'five errors', text: faulty(), status: 405 },
]

function faulty() {
  return good
    .replace('GET', 'PUT')
    .replace('Connection: Upgrade', 'Connection: close')
    .replace('Version: 13', 'Version: x')
    .replace('Key: ', 'Key: x')
    .replace('Origin: http://server', 'Origin: http://other')
}

/** Any request that does not ask for a WebSocket gets the same answer as a plain `GET`. */
const expected = new Map([
  ['a good handshake', 101],
  ['plain GET', 426],
  ['plain POST', 426],
  ['another version', 426],
])

const lists = [1, 10, 100, 1000].flatMap((length) => {
  const origins = Array.from({ length }, (_, index) => `https://page-${index}.example`)
  origins[length - 1] = 'http://server.example.com:8080'
  return [
    { name: `origins: ${length}`, text: good, options: { origins } },
    { name: `origins: ${length}, shared`, text: good, options: handshakeOptions({ origins }) },
  ]
})

export async function benchRefusals() {
  await compare('Refusals, from a head to the bytes of the answer', requests)
  await compare('Lists of origins, the last of which is the one', [requests[0], ...lists])
}

async function compare(title, rows) {
  const contenders = rows.map(({ name, text, options, status = expected.get(name) ?? 101 }) => {
    const parsed = new RequestHeadParser().push(Buffer.from(text, 'latin1'))
    const found = acceptHandshake(parsed, options).response.status
    if (found !== status) throw new Error(`${name}: ${found}, where ${status} is expected`)
    return { name, answer: () => formatResponse(acceptHandshake(parsed, options).response) }
  })
  const times = timesToFill(contenders, ({ answer }) => answer())
  const run = ({ answer }) => time(() => repeat(times, answer))
  const medians = await measure(title, contenders, run, { per: times })
  const [base] = medians
  printTable(title, [
    ['', 'ns', 'of a good handshake'],
    ...contenders.map(({ name }, index) => [
      name,
      number(medians[index] / times),
      `${(medians[index] / base).toFixed(2)} x`,
    ]),
  ])
}
