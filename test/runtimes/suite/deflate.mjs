/**
 * What compression must do in every runtime, with each codec: connections in memory, RFC 7692's own examples, truncated data, and a
 * bomb. To add a codec, add it to `codecs`.
 *
 * Compressed bytes are recorded only for pako, which is the same everywhere; each runtime has its own zlib.
 */

import { encodeFrame, permessageDeflate } from '../../../dist/index.js'
import { open, pattern, receiveIn } from './tools.mjs'

const codecs = {
  pako: async () => (await import('../../../dist/codec/pako.js')).pako,
  zlib: async () => (await import('../../../dist/codec/zlib.js')).zlib,
}
const RSV1 = 0x40
const text = Array.from({ length: 40 }, (_, index) => `line ${index * 7919}: wörld €\n`).join('')

/** Compressed payloads of `Hello`, RFC 7692 §7.2.3.1, §7.2.3.3 to §7.2.3.5. */
const hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
const stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]
const final = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
const twoBlocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]
/** `Hello` once more, by reference to the first one (§7.2.3.2). */
const again = [0xf2, 0x00, 0x11, 0x00, 0x00]

const parts = {
  /** Messages of many sizes in both directions, in chunks of odd sizes, some of them uncompressed. */
  'messages of every size'(transcript, codec) {
    const { client, server } = open([permessageDeflate({ codec, threshold: 0 })])
    for (const size of [0, 1, 2, 5, 125, 126, 1023, 1024, 65_536, 300_000]) {
      const long = text.repeat(Math.ceil(size / text.length)).slice(0, size)
      const even = Uint8Array.from({ length: size }, (_, index) => index % 7)
      const pays = size > 100
      const carried = [
        carry(transcript, codec, client, server, long),
        carry(transcript, codec, server, client, long, { compress: false }),
        carry(transcript, codec, server, client, long),
        carry(transcript, codec, client, server, even),
      ]
      transcript.equal(carried, [pays, false, pays, pays])
      carry(transcript, codec, client, server, makeNoise(size))
    }
  },

  /**
   * Two connections that share one compressor take turns: each finds it in the other one's state, and still continues from its own
   * window.
   */
  'context taken over'(transcript, codec) {
    const extensions = [permessageDeflate({ codec, threshold: 0, maxCompressors: 1 })]
    for (const pairs of [[open(extensions)], [open(extensions), open(extensions)]])
      for (let round = 0; round < 4; round++)
        for (const [index, { client, server }] of pairs.entries())
          for (const [sender, receiver] of [
            [client, server],
            [server, client],
          ]) {
            // Worth compressing, so that it enters the window; otherwise it would be sent uncompressed, and the next time too.
            const noise = makeNoise(1000 + index).map((byte) => byte & 15)
            sender.sendBinary(noise)
            const sent = sender.takeOutput()
            transcript.equal(round === 0 ? sent.length > 500 : sent.length < 40, true)
            const [event] = receiveIn(receiver, sent, 977)
            transcript.equal(event.data, noise)
          }
  },

  /** RFC 7692 §7.2.3, read by a client: in one frame, in two, and byte by byte. */
  'the RFC’s examples'(transcript, codec) {
    for (const payload of [hello, stored, [...final, 0x00], twoBlocks]) {
      for (let cut = 0; cut <= payload.length; cut++)
        transcript.equal(read(codec, fragments(payload.slice(0, cut), payload.slice(cut))), 'text Hello')
      transcript.equal(read(codec, frame(payload), 1), 'text Hello')
    }
    transcript.equal(read(codec, [...frame(hello), ...frame(again)]), 'text Hello, text Hello')
    transcript.equal(read(codec, frame([0x00])), 'text ')
  },

  /** A final block does not end the stream: more may follow, in the same message and in the next. */
  'final blocks in the middle'(transcript, codec) {
    transcript.equal(read(codec, frame([...final, ...final, ...hello])), 'text HelloHelloHello')
    transcript.equal(read(codec, [...frame(final), ...frame(again)]), 'text Hello, text Hello')
  },

  'uncompressed messages in between'(transcript, codec) {
    const raw = [0x81, 0x03, 0x72, 0x61, 0x77]
    const bytes = [...frame(hello), ...raw, ...frame(again), ...raw]
    transcript.equal(read(codec, bytes, 2), 'text Hello, text raw, text Hello, text raw')
  },

  'truncated data'(transcript, codec) {
    const { server } = open([permessageDeflate({ codec, threshold: 0 })])
    server.sendText(text.slice(0, 500))
    // After a header of four bytes.
    const long = [...server.takeOutput().subarray(4)]
    transcript.equal(read(codec, frame(long)), `text ${text.slice(0, 500)}`)
    // Data that ends after a flushed block is complete, as far as anyone can tell.
    const whole = new Map([
      [stored, { 1: 'text ' }],
      [twoBlocks, { 4: 'text He' }],
    ])
    for (const payload of [hello, stored, twoBlocks, long])
      for (let size = 1; size < payload.length; size++) {
        const expected = whole.get(payload)?.[size] ?? 'close 1007'
        const found = read(codec, frame(payload.slice(0, size)))
        // How many bytes `long` takes depends on the codec.
        if (found !== expected) transcript.equal([size, found], [size, expected])
      }
  },

  bombs(transcript, codec) {
    const { client } = open([permessageDeflate({ codec })])
    client.sendBinary(new Uint8Array(2 ** 23))
    const bomb = client.takeOutput()
    transcript.equal(bomb.length < 20_000, true)
    for (const size of [bomb.length, 1000]) {
      const { server } = open([permessageDeflate({ codec })], { limits: { maxMessageSize: 2 ** 20 } })
      transcript.equal(tell(receiveIn(server, bomb, size)), 'close 1009')
    }
  },
}

export const deflate = Object.fromEntries(
  Object.entries(codecs).flatMap(([name, load]) =>
    Object.entries(parts).map(([part, run]) => [
      `${name}, ${part}`,
      async (transcript) => run(transcript, await load()),
    ]),
  ),
)

/** A message arrives as it was sent. Returns whether it was compressed. */
function carry(transcript, codec, sender, receiver, message, options) {
  if (typeof message === 'string') sender.sendText(message, options)
  else sender.sendBinary(message, options)
  const sent = sender.takeOutput()
  if (codec.name === 'pako') transcript.note(sent)
  const [event, ...others] = receiveIn(receiver, sent, 977)
  transcript.equal([event.type, event.data, others], [typeof message === 'string' ? 'text' : 'binary', message, []])
  return (sent[0] & RSV1) !== 0
}

/** Data without repetitions. */
function makeNoise(size) {
  let state = 1
  return pattern(size).map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
    return state >>> 16
  })
}

/** The result of a client that receives these bytes in chunks. */
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
