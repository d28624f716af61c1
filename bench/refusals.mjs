/**
 * Knows what it costs to turn a request down, beside a good handshake: plain HTTP, which comes this way by the thousand, one error
 * of each sort, and lists of origins of growing length, as a literal and shared. All from a head that is read already, to the
 * response's bytes.
 */

import { acceptHandshake, formatResponse, handshakeOptions, RequestHeadParser } from '../dist/index.js'
import { chromiumHead } from './requests.mjs'
import { measureInTurns, number, printTable, repeat, time, timesToFill } from './rounds.mjs'

const good = chromiumHead.toString('latin1')

/** A request with one thing changed, or with fields left out. */
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

/** An answer that a plain `GET` gets is the one for all that asks for no WebSocket. */
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
  const medians = await measureInTurns(contenders, ({ answer }) => time(() => repeat(times, answer)))
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
