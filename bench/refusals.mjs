/**
 * Knows what a server pays for requests that it does not grant, and for the length of its lists, each beside a good handshake. The
 * request that asks for no WebSocket is the way that all plain HTTP takes.
 */

import { deepStrictEqual } from 'node:assert'
import { acceptHandshake, formatResponse, RequestHeadParser } from '../dist/index.js'
import { chromiumHead } from './requests.mjs'
import { measureInTurns, number, printTable, repeat, time, timesToFill } from './rounds.mjs'

const good = chromiumHead.toString('latin1')
/** The same request with one thing changed. */
const changed = (pattern, text) => {
  const head = good.replace(pattern, text)
  if (head === good) throw new Error(`${pattern} is not in the request`)
  return head
}
const plain = good.replace(/^(Connection|Upgrade|Sec-WebSocket-[^:]*): .*\r\n/gim, '')

const requests = [
  { name: 'a good handshake', head: good, status: 101 },
  { name: 'no WebSocket: GET', head: plain, status: 426 },
  {
    name: 'no WebSocket: POST',
    head: plain.replace(/^GET/, 'POST').replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n'),
  },
  { name: 'Upgrade: h2c', head: changed(/^Upgrade: websocket/im, 'Upgrade: h2c'), status: 426 },
  { name: 'another origin', head: changed(/^Origin: .*$/im, 'Origin: https://evil.example'), status: 403 },
  { name: 'another version', head: changed(/^Sec-WebSocket-Version: 13/im, 'Sec-WebSocket-Version: 8'), status: 426 },
  { name: 'a bad key', head: changed(/^Sec-WebSocket-Key: .*$/im, 'Sec-WebSocket-Key: x'), status: 400 },
  { name: 'no Host', head: changed(/^Host: .*\r\n/im, ''), status: 400 },
]

/** From the bytes of the request to those of the answer; `asked: false` is left to whoever serves plain HTTP. */
function answer({ bytes, options }) {
  const accepted = acceptHandshake(new RequestHeadParser().push(bytes), options)
  return accepted.ok || accepted.asked ? formatResponse(accepted.response) : accepted.faults
}

/** Options that are held, as a server's are, with lists of so many entries. */
function listed(count) {
  const origin = /^Origin: (.*)\r$/im.exec(good)[1]
  const origins = Array.from({ length: count - 1 }, (_, i) => `https://page-${i}.example`)
  return { origins: [...origins, origin] }
}

export async function benchRefusals() {
  const refused = requests.map(({ head, ...rest }) => ({ ...rest, bytes: Buffer.from(head, 'latin1'), options: {} }))
  for (const { name, bytes, status } of refused) {
    const { response } = acceptHandshake(new RequestHeadParser().push(bytes))
    if (status !== undefined) deepStrictEqual([name, response.status], [name, status])
  }
  await compare('What a server pays for a request that it does not grant', refused)
  const bytes = Buffer.from(good, 'latin1')
  const lists = [1, 10, 100, 1000].map((count) => ({ name: `${count} origins`, bytes, options: listed(count) }))
  await compare('A handshake by the length of `origins`', [{ name: "'same'", bytes, options: {} }, ...lists])
}

async function compare(title, contenders) {
  const times = timesToFill(contenders, answer)
  const medians = await measureInTurns(contenders, (each) => time(() => repeat(times, () => answer(each))))
  const [first] = medians
  const rows = contenders.map(({ name }, index) => [
    name,
    number(medians[index] / times),
    `${(medians[index] / first).toFixed(2)} x`,
  ])
  printTable(title, [['', 'ns', `to ${contenders[0].name}`], ...rows])
}
