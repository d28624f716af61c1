/**
 * Compares servers' handshakes: from the bytes of a request to those of the 101, ours and websocket-driver's; from the request that
 * Node has parsed, ours, websocket-driver's and that of ws; and the accept hash alone. First checks that all give the same answer.
 */

import { deepStrictEqual } from 'node:assert'
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { IncomingMessage } from 'node:http'
import websocketDriver from 'websocket-driver'
import { WebSocketServer } from 'ws'
import { native } from '../dist/adapters/node/index.js'
import {
  acceptHandshake,
  Connection,
  computeAccept,
  connectionOptions,
  formatResponse,
  handshakeOptions,
  RequestHeadParser,
  ResponseHeadParser,
} from '../dist/index.js'
import { chromiumHead, expectedAccept, key, minimalHead, subprotocolHead } from './requests.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, time } from './rounds.mjs'

const HANDSHAKES = quick ? 500 : 2_000
/**
 * Few live requests: with thousands of them, the collector would spend its time moving them, and the side that produces garbage would pay
 * for it.
 */
const BATCH = 100

const inputs = [
  { name: `Chromium, ${chromiumHead.length} bytes`, head: chromiumHead },
  { name: `minimal, ${minimalHead.length} bytes`, head: minimalHead },
]

/** The subprotocol that all support. */
const subprotocols = ['chat']

/** Each takes the request of one connection, with fresh objects, and returns the bytes (or the text) of its answer. */
const fromBytes = [
  { name: 'acceptHandshake', ours: true, answer: (head) => accept(new RequestHeadParser().push(head)) },
  { name: 'shared, native', ours: true, answer: (head) => accept(new RequestHeadParser().push(head), shared) },
  // websocket-driver ends with an object that is ready for frames.
  { name: 'and a Connection', ours: true, answer: (head) => acceptAndConnect(new RequestHeadParser().push(head)) },
  { name: 'websocket-driver', ours: false, answer: driveBytes },
]

/** Here the request is that of Node's `upgrade` event. */
const fromRequest = [
  { name: 'acceptHandshake', ours: true, answer: (request) => accept(request) },
  { name: 'shared, native', ours: true, answer: (request) => accept(request, shared) },
  { name: 'and a Connection', ours: true, answer: acceptAndConnect },
  { name: 'websocket-driver', ours: false, answer: driveRequest },
  { name: 'ws', ours: false, answer: handleUpgrade },
]

/** Checked once, as ws checks those of its server, and with the hash of the runtime, which ws uses. The adapter does the same. */
const shared = handshakeOptions({ subprotocols, native })

/** Without options a literal, which is checked for each request, and the hash in JavaScript. */
function accept(request, options = { subprotocols }) {
  return formatResponse(acceptHandshake(request, options).response)
}

const options = connectionOptions({ role: 'server' })

function acceptAndConnect(request) {
  const accepted = acceptHandshake(request, shared)
  const bytes = formatResponse(accepted.response)
  return new Connection(options, accepted).done ? undefined : bytes
}

/** Used as in its README for bare TCP, without the pipes. */
function driveBytes(head) {
  const driver = websocketDriver.server({ protocols: subprotocols })
  let output
  driver.io.on('data', (bytes) => {
    output = bytes
  })
  driver.on('connect', () => driver.start())
  driver.parse(head)
  return output
}

function driveRequest(request) {
  const driver = websocketDriver.http(request, { protocols: subprotocols })
  let output
  driver.io.on('data', (bytes) => {
    output = bytes
  })
  driver.start()
  return output
}

/** ws selects the first subprotocol by default. */
const handleProtocols = (offered) => subprotocols.find((name) => offered.has(name)) ?? false
const server = new WebSocketServer({ noServer: true, clientTracking: false, handleProtocols })
const nothing = Buffer.alloc(0)

function handleUpgrade(request) {
  const socket = new Socket()
  server.handleUpgrade(request, socket, nothing, () => {})
  return socket.output
}

/** The members of a socket that ws uses. */
class Socket extends EventEmitter {
  readable = true
  writable = true
  output = undefined

  write(text) {
    this.output = text
  }
}

export async function benchHandshakes() {
  await compare('Handshakes, from request bytes to the bytes of the 101', fromBytes, (head) => () => head)
  await compare("Handshakes, from Node's request to the bytes of the 101", fromRequest, nodeRequests)
  await compareHashes()
}

/** `prepare(head)` returns a function that creates a request from it. */
async function compare(title, contenders, prepare) {
  const rows = [['ns', ...contenders.map(({ name }) => name), ...ratioTitles(contenders)]]
  prove(contenders, prepare(subprotocolHead), 'chat')
  for (const { name, head } of inputs) {
    const make = prepare(head)
    prove(contenders, make, undefined)
    const run = ({ answer }) => timeAll(answer, make)
    const medians = await measure(`${title}, ${name}`, contenders, run, { per: HANDSHAKES })
    rows.push([name, ...medians.map((each) => number(each / HANDSHAKES)), ...ratios(contenders, medians)])
  }
  printTable(title, rows)
}

function timeAll(answer, make) {
  let elapsed = 0
  for (let left = HANDSHAKES; left > 0; left -= BATCH) {
    const requests = Array.from({ length: BATCH }, make)
    elapsed += time(() => answerAll(answer, requests))
  }
  return elapsed
}

/** Each answer is used, so that no work is optimised away. */
function answerAll(answer, requests) {
  let size = 0
  for (const request of requests) size += answer(request).length
  if (size === 0) throw new Error('nothing was answered')
}

/** Without the same 101, apart from the case and order of its fields, there is nothing to compare. */
function prove(contenders, make, subprotocol) {
  const [expected, ...others] = contenders.map(({ answer }) => readAnswer(answer(make())))
  const headers = [
    ['connection', 'upgrade'],
    ['sec-websocket-accept', expectedAccept],
    ...(subprotocol === undefined ? [] : [['sec-websocket-protocol', subprotocol]]),
    ['upgrade', 'websocket'],
  ]
  deepStrictEqual(expected, { status: 101, headers, rest: 0 })
  for (const other of others) deepStrictEqual(other, expected)
}

function readAnswer(bytes) {
  const { head, rest } = new ResponseHeadParser().push(Buffer.from(bytes))
  // These two are case-insensitive; the hash and the subprotocol are not.
  const loose = ['upgrade', 'connection']
  const headers = head.headers.map(([name, value]) => {
    const lower = name.toLowerCase()
    return [lower, loose.includes(lower) ? value.toLowerCase() : value]
  })
  return { status: head.status, headers: headers.sort(), rest: rest.length }
}

/** Node builds `headers` from the lines on first access, so each handshake gets a new request. */
function nodeRequests(head) {
  const { method, target, headers } = new RequestHeadParser().push(head).head
  // Separate strings, as Node's parser makes them, not slices of a longer one.
  const lines = headers.flat().map((text) => Buffer.from(text, 'latin1').toString('latin1'))
  return () => {
    const request = new IncomingMessage(null)
    request.httpVersion = '1.1'
    request.method = method
    request.url = target
    // Node's own method of adding them.
    request._addHeaderLines(lines, lines.length)
    return request
  }
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The same work for all: from a key to the text of the field. */
const hashes = [
  { name: 'computeAccept', hash: computeAccept },
  {
    name: 'node:crypto',
    hash: (text) =>
      createHash('sha1')
        .update(text + GUID)
        .digest('base64'),
  },
  {
    name: 'Web Crypto',
    async hash(text) {
      const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text + GUID))
      return Buffer.from(digest).toString('base64')
    },
  },
]

async function compareHashes() {
  for (const { name, hash } of hashes) deepStrictEqual([name, await hash(key)], [name, expectedAccept])
  const run = async ({ hash }) => {
    const awaited = hash(key) instanceof Promise
    const start = process.hrtime.bigint()
    for (let left = HANDSHAKES; left > 0; left--) {
      const accepted = awaited ? await hash(key) : hash(key)
      if (accepted.length !== expectedAccept.length) throw new Error(`a hash of ${accepted.length} characters`)
    }
    return Number(process.hrtime.bigint() - start)
  }
  const medians = await measure('The accept hash', hashes, run, { per: HANDSHAKES })
  const [ours] = medians
  const rows = hashes.map(({ name }, index) => [
    name,
    number(medians[index] / HANDSHAKES),
    `${(medians[index] / ours).toFixed(2)} x`,
  ])
  printTable('The accept hash', [['', 'ns a hash', 'computeAccept to it'], ...rows])
}
