/**
 * The loops that are measured in every runtime: the same over the same bytes. Runs unchanged in each; reports nanoseconds per
 * frame, message, call or handshake. The fastest of some rounds counts: runtimes cannot take turns, and other load on the machine
 * only adds time.
 */

import { pako } from '../../../dist/codec/pako.js'
import { applyMask, encodeFrameInto, Utf8Validator } from '../../../dist/frame/index.js'
import {
  acceptHandshake,
  Connection,
  computeAccept,
  encodeFrame,
  FrameDecoder,
  formatRequestHead,
  formatResponse,
  offerHandshake,
  permessageDeflate,
  RequestHeadParser,
  ResponseHeadParser,
  verifyHandshake,
} from '../../../dist/index.js'
import { concat, key, open, pattern, utf8 } from '../suite/tools.mjs'

/** The length of a round, in milliseconds: browsers report time in tenths of one. */
const ROUND = 20
const ROUNDS = 8
const WARM_UP = 100
/** The size of a chunk from a socket. */
const CHUNK = 65_536

const ascii = (size) => 'Lorem ipsum dolor sit amet, consectetur adipisici elit. '.repeat(size / 50 + 1).slice(0, size)
const multiByte = (size) => 'Käse 世界 '.repeat(size / 9 + 1).slice(0, size)
const maskKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)

/** Masked frames of one payload, as many as fit in a chunk, or one. */
function framesOf(opcode, payload) {
  const bytes = encodeFrame({ opcode, payload, maskKey })
  const count = Math.max(1, Math.floor(CHUNK / bytes.length))
  return { chunk: concat(...Array(count).fill(bytes)), count }
}

/** Each returns a function that does the work `count` times. */
const loops = {
  'walk masked 20 B': () => decoding(framesOf(2, pattern(20)), () => {}),
  ...decodingOf('copy', 2, pattern, [20, 125, 1024, CHUNK], (decoder) => decoder.payload()),
  ...owningOf('view', 2, pattern, [20, 125, 1024, CHUNK]),
  ...decodingOf('ASCII', 1, ascii, [20, 125, 1024], (decoder) => decoder.text()),
  ...decodingOf('multi-byte', 1, multiByte, [20, 1024], (decoder) => decoder.text()),
  'receive ASCII 20 B': () => receiving(framesOf(1, ascii(20))),
  'receive binary 1 KiB': () => receiving(framesOf(2, pattern(1024))),
  'encode bare 20 B': () => calling(() => encodeFrame({ opcode: 2, payload: twenty })),
  'encode bare ASCII 125 B': () => calling(() => encodeFrame({ opcode: 1, payload: text })),
  'encode masked 125 B': () => calling(() => encodeFrameInto({ opcode: 2, payload: some, maskKey }, target, 0)),
  'encode random mask 125 B': () =>
    calling(() => encodeFrameInto({ opcode: 2, payload: some, maskKey: 'random' }, target, 0)),
  'encode masked 64 KiB': () => calling(() => encodeFrameInto({ opcode: 2, payload: large, maskKey }, target, 0)),
  'send ASCII 20 B': () => sending('server'),
  'send masked ASCII 20 B': () => sending('client'),
  'mask 64 KiB': () => calling(() => applyMask(large, maskKey)),
  'judge ASCII 64 KiB': () => calling(() => new Utf8Validator().push(largeAscii)),
  'judge multi-byte 64 KiB': () => calling(() => new Utf8Validator().push(largeText)),
  'accept hash': () => calling(() => computeAccept(key)),
  'server handshake': () => calling(() => answer(request)),
  'client handshake': () => calling(() => ask(response)),
  'deflate pako 1 KiB': () => deflating(pako),
  'deflate zlib 1 KiB': async () => deflating((await import('../../../dist/codec/zlib.js')).zlib),
}

const twenty = pattern(20)
const some = pattern(125)
const text = ascii(125)
const large = pattern(CHUNK)
const largeAscii = utf8(ascii(CHUNK))
const largeText = utf8(multiByte(CHUNK / 2))
const target = new Uint8Array(CHUNK + 100)
const request = formatRequestHead(offerHandshake('ws://example.test/chat', { key, subprotocols: ['v1'] }).request)
const response = formatResponse(answer(request))

function decodingOf(title, opcode, make, sizes, read) {
  return Object.fromEntries(
    sizes.map((size) => [`${title} ${size} B`, () => decoding(framesOf(opcode, make(size)), read)]),
  )
}

function decoding({ chunk, count }, read) {
  const decoder = new FrameDecoder({ role: 'server' })
  const run = () => {
    decoder.push(chunk)
    while (decoder.next()) read(decoder)
  }
  return { count, run }
}

/** Chunks that are given away: a fresh one each time, as from a socket. */
function owningOf(title, opcode, make, sizes) {
  return Object.fromEntries(sizes.map((size) => [`${title} ${size} B`, () => owning(framesOf(opcode, make(size)))]))
}

function owning({ chunk, count }) {
  const decoder = new FrameDecoder({ role: 'server', ownsChunks: true })
  const run = () => {
    decoder.push(chunk.slice())
    while (decoder.next()) decoder.payload()
  }
  return { count, run }
}

const nothing = new Uint8Array(0)

function receiving({ chunk, count }) {
  const server = new Connection({ role: 'server' })
  const run = () => {
    server.receive(chunk)
    while (server.hasPending) server.receive(nothing)
  }
  return { count, run }
}

function sending(role) {
  const connection = new Connection({ role })
  const run = () => {
    for (let i = 0; i < 100; i++) connection.sendText('a text of 20 letters')
    connection.takeOutput()
  }
  return { count: 100, run }
}

function deflating(codec) {
  const { client, server } = open([permessageDeflate({ codec, threshold: 0 })])
  const message = JSON.stringify(Array.from({ length: 24 }, (_, id) => ({ id, name: `name ${id * 7919}` })))
  const run = () => {
    server.sendText(message)
    client.receive(server.takeOutput())
  }
  return { count: 1, run }
}

function calling(run) {
  return { count: 1, run }
}

function answer(bytes) {
  return acceptHandshake(new RequestHeadParser().push(bytes), { subprotocols: ['v1'] }).response
}

function ask(bytes) {
  const offer = offerHandshake('ws://example.test/chat', { key, subprotocols: ['v1'] })
  formatRequestHead(offer.request)
  return verifyHandshake(new ResponseHeadParser().push(bytes), offer).ok
}

/** `without`: what the runtime lacks, by the prefix of a loop's name. */
export async function main({ without }) {
  for (const [loop, make] of Object.entries(loops)) {
    if (without.some((start) => loop.startsWith(start))) continue
    const { count, run } = await make()
    console.log(JSON.stringify({ loop, ns: measure(run) / count }))
  }
}

/** Nanoseconds for `run`. */
function measure(run) {
  let times = 0
  const start = performance.now()
  let elapsed = 0
  for (; elapsed < WARM_UP; elapsed = performance.now() - start, times++) run()
  const turns = Math.max(1, Math.ceil((times * ROUND) / elapsed))
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    for (let turn = 0; turn < turns; turn++) run()
    return ((performance.now() - start) * 1e6) / turns
  })
  return Math.min(...rounds)
}
