/**
 * Compares permessage-deflate: JSON text of several sizes, sent and received by a server's connection, ours with each codec and ws.
 * All compress at level 6, keep their windows, and compress every message. First checks that all carry the same text.
 */

import { deepStrictEqual } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { pako } from '../dist/codec/pako.js'
import { zlib } from '../dist/codec/zlib.js'
import { Connection, permessageDeflate } from '../dist/index.js'
import { ReceiverWithAddon, SenderWithAddon } from './contenders.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, sizeLabel } from './rounds.mjs'

// Not exported by ws, whose sockets create it internally.
const wsRoot = createRequire(import.meta.url)
  .resolve('ws/package.json')
  .replace('package.json', '')
const PerMessageDeflate = createRequire(import.meta.url)(`${wsRoot}lib/permessage-deflate.js`)

const ROUNDS = quick ? 3 : 9
/** Bytes of text per round; fewer for small messages, which cost much more per byte. */
const ROUND_SIZE = (quick ? 1 : 4) * 2 ** 20
const MAX_MESSAGES = quick ? 500 : 2000
const maxMessageSize = 100 * 2 ** 20
const MESSAGE = 'not the same texts'
const nothing = new Uint8Array(0)

const params = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}
const agreement = { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params }] }

/** Our connection; `role` is its own side. */
export function connect(codec, role, extension = permessageDeflate({ codec, threshold: 0, level: 6 })) {
  return new Connection({ role, agreement, extensions: [extension], ownsChunks: true, limits: { maxMessageSize } })
}

/** The compression of ws for one server-side connection. */
export function wsDeflate() {
  const deflate = new PerMessageDeflate({ threshold: 0, zlibDeflateOptions: { level: 6 } }, true, maxMessageSize)
  deflate.accept([{}])
  return { [PerMessageDeflate.extensionName]: deflate }
}

/** Each takes texts, and resolves to the bytes sent for them, in one array or more. */
const senders = [
  { name: 'zlib', ours: true, make: () => sendOurs(zlib) },
  { name: 'pako', ours: true, make: () => sendOurs(pako) },
  { name: 'ws', ours: false, make: sendWs },
]

/** Each takes a client's frames, and resolves to the texts in them. */
const receivers = [
  { name: 'zlib', ours: true, make: () => receiveOurs(zlib) },
  { name: 'pako', ours: true, make: () => receiveOurs(pako) },
  { name: 'ws', ours: false, make: receiveWs },
]

function sendOurs(codec) {
  const connection = connect(codec, 'server')
  return (texts) => {
    const outputs = []
    for (const text of texts) {
      connection.sendText(text)
      outputs.push(connection.takeOutput())
    }
    return outputs
  }
}

export function wsSender(onBytes) {
  const write = (chunk, done) => {
    onBytes(chunk)
    if (typeof done === 'function') done()
  }
  return new SenderWithAddon({ cork() {}, uncork() {}, write }, wsDeflate())
}

function sendWs() {
  let outputs = []
  const sender = wsSender((chunk) => outputs.push(chunk))
  const options = { binary: false, compress: true, fin: true, mask: false }
  return (texts) =>
    new Promise((resolve) => {
      outputs = []
      let left = texts.length
      for (const text of texts) sender.send(text, options, () => --left === 0 && resolve(outputs))
    })
}

function receiveOurs(codec) {
  const connection = connect(codec, 'server')
  return (frames) => frames.flatMap((frame) => receiveTexts(connection, frame))
}

/** All texts in a chunk: one call of `receive` inflates a part of a large message at most. */
function receiveTexts(connection, chunk) {
  const texts = []
  for (let next = chunk; ; next = nothing) {
    for (const event of connection.receive(next)) texts.push(event.data)
    if (!connection.hasPending) return texts
  }
}

export function wsReceiver(onText) {
  const receiver = new ReceiverWithAddon({ isServer: true, extensions: wsDeflate(), maxPayload: maxMessageSize })
  receiver.on('message', (data) => onText(data.toString()))
  receiver.on('error', (error) => {
    throw error
  })
  return receiver
}

function receiveWs() {
  let texts = []
  let due = Infinity
  let finish = () => {}
  const receiver = wsReceiver((text) => {
    texts.push(text)
    if (texts.length === due) finish(texts)
  })
  return (frames) =>
    new Promise((resolve) => {
      texts = []
      due = frames.length
      finish = resolve
      for (const frame of frames) receiver.write(frame)
    })
}

const words = 'order invoice pending shipped customer Ljubljana Kraków price total currency EUR updated by user'.split(
  ' ',
)

/** JSON of `size` code units, nearly all ASCII; no two alike. */
export function jsonText(size, random) {
  const word = () => words[Math.floor(random() * words.length)]
  const record = () => ({
    id: Math.floor(random() * 1e6),
    name: `${word()} ${word()}`,
    price: Math.round(random() * 1e5) / 100,
    done: random() < 0.5,
  })
  let text = '['
  while (text.length < size) text += `${JSON.stringify(record())},`
  return text.slice(0, size)
}

/** A random number generator with a fixed seed. */
export function createRandom(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

export async function benchDeflate() {
  const heading = ['text', ...senders.map(({ name }) => `${name}, µs`), 'zlib, messages/s', ...ratioTitles(senders)]
  const out = [heading]
  const into = [heading]
  for (const size of [128, 1024, 16_384, 2 ** 20]) {
    const count = Math.min(MAX_MESSAGES, Math.max(2, Math.round(ROUND_SIZE / size)))
    const random = createRandom(size)
    const texts = Array.from({ length: count }, () => jsonText(size, random))
    const frames = await proveSenders(texts)
    await proveReceivers(texts, frames)
    out.push(await row('sending', size, senders, count, () => texts))
    into.push(await row('receiving', size, receivers, count, () => frames.map((frame) => new Uint8Array(frame))))
  }
  printTable('permessage-deflate, sending: time a message, and how many times as fast', out)
  printTable('permessage-deflate, receiving: time a message, and how many times as fast', into)
  benchMemory()
}

async function row(way, size, contenders, count, makeInput) {
  const run = async ({ make }) => {
    const work = make()
    const input = makeInput()
    const start = process.hrtime.bigint()
    await work(input)
    return Number(process.hrtime.bigint() - start) / count
  }
  const times = await measure(`permessage-deflate, ${way}, ${sizeLabel(size)}`, contenders, run, { rounds: ROUNDS })
  const cells = times.map((each) => number(each / 1000))
  return [sizeLabel(size), ...cells, number(1e9 / times[0]), ...ratios(contenders, times)]
}

/** Checks that each contender sends the same text to a client of ours, in frames with RSV1. Returns a client's frames with them. */
async function proveSenders(texts) {
  for (const { make, name } of senders) {
    const client = connect(zlib, 'client')
    const bytes = Buffer.concat(await make()(texts))
    if ((bytes[0] & 0x40) === 0) throw new Error(`${name} does not compress`)
    deepStrictEqual(receiveTexts(client, bytes), texts, MESSAGE)
  }
  const client = connect(zlib, 'client')
  return texts.map((text) => {
    client.sendText(text)
    return client.takeOutput()
  })
}

async function proveReceivers(texts, frames) {
  for (const { make } of receivers)
    deepStrictEqual(await make()(frames.map((frame) => new Uint8Array(frame))), texts, MESSAGE)
}

/** Each in its own process, so that nothing else grows. */
function benchMemory() {
  const rows = [['idle connection', 'KiB']]
  for (const kind of ['zlib', 'pako', 'ws']) {
    const script = fileURLToPath(new URL('deflate-memory.mjs', import.meta.url))
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', script, kind], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    rows.push([kind, number(Number(stdout) / 1024)])
  }
  printTable('permessage-deflate, memory of a connection with full windows both ways, when it is idle', rows)
}
