/**
 * Knows what a server pays for requests that it does not grant, and for the length of its lists, each beside a good handshake. The
 * request that asks for no WebSocket is the way that all plain HTTP takes.
 */

import { deepStrictEqual } from 'node:assert'
import { acceptHandshake, RequestHeadParser } from '../dist/index.js'
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

/** `status: undefined`: whoever serves plain HTTP answers it. */
const requests = [
  { name: 'a good handshake', head: good, status: 101 },
  { name: 'no WebSocket: GET', head: plain },
  { name: 'no WebSocket: POST', head: plain.replace(/^GET(.*)\r\n\r\n$/s, 'POST$1\r\nContent-Length: 5\r\n\r\n') },
  { name: 'Upgrade: h2c', head: changed(/^Upgrade: websocket/im, 'Upgrade: h2c') },
  { name: 'another origin', head: changed(/^Origin: .*$/im, 'Origin: https://evil.example'), status: 403 },
  { name: 'another version', head: changed(/^Sec-WebSocket-Version: 13/im, 'Sec-WebSocket-Version: 8'), status: 426 },
  { name: 'a bad key', head: changed(/^Sec-WebSocket-Key: .*$/im, 'Sec-WebSocket-Key: x'), status: 400 },
  { name: 'no Host', head: changed(/^Host: .*\r\n/im, ''), status: 400 },
]

/** The handlers of a framework: a stack trace costs by the frames that it holds, and none of them is short of ten. */
const DEPTH = 12

/** The verdict alone: the head has been read, and what is sent costs what it costs to write. */
function answer(contender, depth = DEPTH) {
  return depth === 0 ? acceptHandshake(contender.parsed, contender.options) : answer(contender, depth - 1)
}

/** Options that are held, as a server's are, with lists of so many entries. */
function listed(count) {
  const origin = /^Origin: (.*)\r$/im.exec(good)[1]
  const origins = Array.from({ length: count - 1 }, (_, i) => `https://page-${i}.example`)
  return { origins: [...origins, origin] }
}

const parse = (head) => new RequestHeadParser().push(Buffer.from(head, 'latin1'))

export async function benchRefusals() {
  const refused = requests.map(({ head, ...rest }) => ({ ...rest, parsed: parse(head), options: {} }))
  for (const each of refused) {
    const { ok, asked, response } = answer(each)
    deepStrictEqual([each.name, ok || asked ? response.status : undefined], [each.name, each.status])
  }
  await compare('What a server pays for a request that it does not grant', refused)
  const parsed = parse(good)
  const lists = [1, 10, 100, 1000].map((count) => ({ name: `${count} origins`, parsed, options: listed(count) }))
  await compare('A handshake by the length of `origins`', [{ name: "'same'", parsed, options: {} }, ...lists])
}

async function compare(title, contenders) {
  const times = timesToFill(contenders, (each) => answer(each))
  const medians = await measureInTurns(contenders, (each) => time(() => repeat(times, () => answer(each))))
  const [first] = medians
  const rows = contenders.map(({ name }, index) => [
    name,
    number(medians[index] / times),
    `${(medians[index] / first).toFixed(2)} x`,
  ])
  printTable(title, [['', 'ns', `to ${contenders[0].name}`], ...rows])
}
