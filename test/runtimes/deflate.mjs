/**
 * Knows what compression must do in every runtime, with each codec: connections through memory, RFC 7692's own examples, data
 * cut short, and a bomb. To add a codec, add it to `codecs`.
 */

import { pako } from '../../dist/codec/pako.js'
import { zlib } from '../../dist/codec/zlib.js'
import { encodeFrame, permessageDeflate } from '../../dist/index.js'
import { equal, list, open, receiveIn, runCases } from './tools.mjs'

const codecs = [pako, zlib]
const RSV1 = 0x40
const text = Array.from({ length: 40 }, (_, index) => `line ${index * 7919}: wörld €\n`).join('')

/** Compressed payloads of `Hello`, RFC 7692 §7.2.3.1, §7.2.3.3 to §7.2.3.5. */
const hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
const stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]
const final = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
const twoBlocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]

/** Messages of many sizes there and back, in chunks of odd sizes, some of them as they are. */
function exchangesMessages(codec) {
  const { client, server } = open([permessageDeflate({ codec, threshold: 0 })])
  for (const size of [0, 1, 2, 5, 125, 126, 1023, 1024, 65_536, 300_000]) {
    const long = text.repeat(Math.ceil(size / text.length)).slice(0, size)
    equal(
      carry(client, server, (end) => end.sendText(long), long),
      size > 100,
    )
    equal(
      carry(server, client, (end) => end.sendText(long, { compress: false }), long),
      false,
    )
    equal(
      carry(server, client, (end) => end.sendText(long), long),
      size > 100,
    )
    const even = Uint8Array.from({ length: size }, (_, index) => index % 7)
    equal(
      carry(server, client, (end) => end.sendBinary(even), list(even)),
      size > 100,
    )
    const noise = makeNoise(size)
    carry(client, server, (end) => end.sendBinary(noise), list(noise))
  }
}

/** A message comes at the other end as it was sent. Whether it was compressed on its way. */
function carry(sender, receiver, send, expected) {
  send(sender)
  const sent = sender.takeOutput()
  const [event, ...others] = receiveIn(receiver, sent, 977)
  equal([event.type, others.length].join(' '), `${typeof event.data === 'string' ? 'text' : 'binary'} 0`)
  equal(typeof event.data === 'string' ? event.data : list(event.data), expected)
  return (sent[0] & RSV1) !== 0
}

/** Nothing in it repeats. */
function makeNoise(size) {
  let state = 1
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
    return state >>> 16
  })
}

/** Two connections with one compressor, in turn: each finds it as the other one's, and goes on from its own window all the same. */
function takesContextOver(codec) {
  const extensions = [permessageDeflate({ codec, threshold: 0, maxCompressors: 1 })]
  for (const pairs of [[open(extensions)], [open(extensions), open(extensions)]])
    for (let round = 0; round < 4; round++)
      for (const [index, { client, server }] of pairs.entries())
        for (const [sender, receiver] of [
          [client, server],
          [server, client],
        ]) {
          const noise = makeNoise(1000 + index).reverse()
          sender.sendBinary(noise)
          const sent = sender.takeOutput()
          equal(round === 0 ? sent.length >= 1000 : sent.length < 100, round === 0)
          const [event] = receiveIn(receiver, sent, 977)
          equal(list(event.data), list(noise))
        }
}

/** RFC 7692 §7.2.3, read by a client: in one frame, in two, and byte by byte. */
function readsExamples(codec) {
  for (const payload of [hello, stored, [...final, 0x00], twoBlocks]) {
    for (let cut = 0; cut <= payload.length; cut++)
      equal(read(codec, fragments(payload.slice(0, cut), payload.slice(cut))), 'text Hello')
    equal(read(codec, frame(payload), 1), 'text Hello')
  }
  equal(read(codec, [...frame(hello), ...frame([0xf2, 0x00, 0x11, 0x00, 0x00])]), 'text Hello, text Hello')
  equal(read(codec, frame([0x00])), 'text ')
}

/** A final block is no end: more may follow, in the same message and in the next. */
function goesOnBehindFinalBlocks(codec) {
  equal(read(codec, frame([...final, ...final, ...hello])), 'text HelloHelloHello')
  equal(read(codec, [...frame(final), ...frame([0xf2, 0x00, 0x11, 0x00, 0x00])]), 'text Hello, text Hello')
}

function passesRawMessages(codec) {
  const raw = [0x81, 0x03, 0x72, 0x61, 0x77]
  const bytes = [...frame(hello), ...raw, ...frame([0xf2, 0x00, 0x11, 0x00, 0x00]), ...raw]
  equal(read(codec, bytes, 2), 'text Hello, text raw, text Hello, text raw')
}

function refusesWhatIsCutShort(codec) {
  const { server } = open([permessageDeflate({ codec, threshold: 0 })])
  server.sendText(text.slice(0, 500))
  const sent = server.takeOutput()
  // Behind a header of four bytes.
  const long = [...sent.subarray(4)]
  equal(read(codec, frame(long)), `text ${text.slice(0, 500)}`)
  // What ends where a block was flushed is whole, as far as anybody can tell.
  const whole = new Map([
    [stored, { 1: 'text ' }],
    [twoBlocks, { 4: 'text He' }],
  ])
  for (const payload of [hello, stored, twoBlocks, long])
    for (let size = 1; size < payload.length; size++)
      equal(read(codec, frame(payload.slice(0, size))), whole.get(payload)?.[size] ?? 'close 1007')
}

function stopsBombs(codec) {
  const { client } = open([permessageDeflate({ codec })])
  client.sendBinary(new Uint8Array(2 ** 23))
  const bomb = client.takeOutput()
  equal(bomb.length < 20_000, true)
  for (const size of [bomb.length, 1000]) {
    const { server } = open([permessageDeflate({ codec })], { maxMessageSize: 2 ** 20 })
    equal(tell(receiveIn(server, bomb, size)), 'close 1009')
  }
}

/** What a client makes of these bytes, in chunks. */
function read(codec, bytes, size = bytes.length) {
  const { client } = open([permessageDeflate({ codec })])
  return tell(receiveIn(client, Uint8Array.from(bytes), size))
}

function tell(events) {
  return Array.from(events, ({ type, data, code }) => `${type} ${data ?? code}`).join(', ')
}

function frame(payload, init = {}) {
  return [...encodeFrame({ opcode: 1, rsv: 4, payload: Uint8Array.from(payload), ...init })]
}

function fragments(first, second) {
  return [...frame(first, { fin: false }), ...frame(second, { opcode: 0, rsv: 0 })]
}

const parts = [
  exchangesMessages,
  takesContextOver,
  readsExamples,
  goesOnBehindFinalBlocks,
  passesRawMessages,
  refusesWhatIsCutShort,
  stopsBombs,
]
runCases(
  Object.fromEntries(codecs.map((codec) => [`deflate-${codec.name}`, () => parts.forEach((part) => void part(codec))])),
)
