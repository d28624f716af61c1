/**
 * What the frame codec must do in every runtime: the RFC's own frames, every length encoding, masks at any offset with the words
 * that this engine uses, streams cut anywhere, errors with their codes, and text compared with the platform's UTF-8.
 */

import {
  applyMask,
  encodeFrameInto,
  encodeFrameParts,
  fitCloseReason,
  formatClosePayload,
  fragmentMessage,
  frameBytes,
  frameSize,
  generateMaskKey,
  parseClosePayload,
  prepareFrame,
  Utf8Validator,
} from '../../../dist/frame/index.js'
import { Connection, encodeFrame, FrameDecoder, isValidCloseCode, MessageAssembler } from '../../../dist/index.js'
import { bytesOf, chance, concat, cut, maskKeys, pattern, utf8 } from './tools.mjs'
import { hex } from './transcript.mjs'

const maskKey = bytesOf('37 fa 21 3d')

/** RFC 6455 §5.7, except the large ones. */
const examples = [
  ['client', { opcode: 1, payload: 'Hello' }, '81 05 48 65 6c 6c 6f'],
  ['server', { opcode: 1, payload: 'Hello', maskKey }, '81 85 37 fa 21 3d 7f 9f 4d 51 58'],
  ['client', { opcode: 1, fin: false, payload: 'Hel' }, '01 03 48 65 6c'],
  ['client', { opcode: 9, payload: 'Hello' }, '89 05 48 65 6c 6c 6f'],
  ['server', { opcode: 10, payload: 'Hello', maskKey }, '8a 85 37 fa 21 3d 7f 9f 4d 51 58'],
]

/** What a server must reject, with its code and close code (RFC 6455 §5, §7.4, §8.1). */
const errors = [
  ['81 01 61', 'unmasked', 1002],
  ['c1 80 00 00 00 00', 'reserved-bits', 1002],
  ['83 80 00 00 00 00', 'reserved-opcode', 1002],
  ['8b 80 00 00 00 00', 'reserved-opcode', 1002],
  ['82 fe 00 7d 00 00 00 00', 'length', 1002],
  ['82 ff 00 00 00 00 00 00 ff ff 00 00 00 00', 'length', 1002],
  ['82 ff 80 00 00 00 00 00 00 00 00 00 00 00', 'length', 1002],
  ['82 ff 00 20 00 00 00 00 00 00 00 00 00 00', 'too-large', 1009],
  ['82 ff 00 00 00 00 01 00 00 01 00 00 00 00', 'too-large', 1009],
  ['09 80 00 00 00 00', 'control-frame', 1002],
  ['89 fe 00 7e 00 00 00 00', 'control-frame', 1002],
  ['80 80 00 00 00 00', 'continuation', 1002],
  ['01 80 00 00 00 00 81 80 00 00 00 00', 'continuation', 1002],
]

/** Texts, each with the offset of the first invalid byte (`undefined`: none). */
const texts = [
  ['', undefined],
  ['\ufeffa leading BOM is kept', undefined],
  ['Käse 世界 👋🏽 \0 \u2028 \ufffd \u{10ffff} ÿ', undefined],
  [`${'ASCII of more than a few bytes. '.repeat(40)}`, undefined],
  [`${'пятьдесят 五十 👋'.repeat(3000)}`, undefined],
  [bytesOf('ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80'), 12],
  [bytesOf('c0 af'), 0],
  [bytesOf('61 f4 90 80 80'), 2],
  [bytesOf('61 62 80'), 2],
  [bytesOf('e2 82'), 2],
]

/** Ways to put bytes into each kind of memory available here; the first is the usual one. */
function memories() {
  const copyTo = (buffer, bytes, ...size) => {
    const view = new Uint8Array(buffer, 3, ...size)
    view.set(bytes)
    return view
  }
  const ways = [
    (bytes) => copyTo(new ArrayBuffer(bytes.length + 3), bytes, bytes.length),
    (bytes) => copyTo(new ArrayBuffer(bytes.length + 3, { maxByteLength: bytes.length + 99 }), bytes, bytes.length),
    // A view at the end of its memory.
    (bytes) => copyTo(new ArrayBuffer(bytes.length + 3, { maxByteLength: bytes.length + 99 }), bytes),
  ]
  const Shared = sharedBuffer()
  if (Shared !== undefined) {
    ways.push((bytes) => copyTo(new Shared(bytes.length + 3), bytes, bytes.length))
    ways.push((bytes) =>
      copyTo(new Shared(bytes.length + 3, { maxByteLength: bytes.length + 99 }), bytes, bytes.length),
    )
  }
  return ways
}

/** A page that is not isolated has the class, but no name for it. */
function sharedBuffer() {
  if (typeof SharedArrayBuffer === 'function') return SharedArrayBuffer
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.constructor
  } catch {
    return undefined
  }
}

export const frame = {
  'RFC 6455 §5.7, both ways'(transcript) {
    for (const [role, init, expected] of examples) {
      transcript.equal(encodeFrame(init), bytesOf(expected))
      for (const size of [1, 2, 3, 100])
        transcript.equal(walk(role, bytesOf(expected), size), [[init.opcode, init.fin ?? true, 0, utf8(init.payload)]])
    }
    for (const [size, head] of [
      [256, '82 7e 01 00'],
      [65_536, '82 7f 00 00 00 00 00 01 00 00'],
    ]) {
      const payload = pattern(size)
      const bytes = encodeFrame({ opcode: 2, payload })
      transcript.equal(bytes, concat(bytesOf(head), payload))
      transcript.equal(walk('client', bytes, 1000), [[2, true, 0, payload]])
    }
  },

  'lengths in three encodings'(transcript) {
    for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
      for (const key of [undefined, maskKey]) {
        const init = { opcode: 2, payload: pattern(size), maskKey: key }
        const bytes = encodeFrame(init)
        const target = new Uint8Array(frameSize(init) + 3)
        transcript.equal(encodeFrameInto(init, target, 3), target.length)
        transcript.equal(target.subarray(3), bytes)
        transcript.equal(concat(...encodeFrameParts(init)), bytes)
        transcript.equal(frameBytes(prepareFrame({ ...init, maskKey: undefined }), key), bytes)
        transcript.equal(init.payload, pattern(size))
      }
  },

  'masks at any offset in memory'(transcript) {
    for (const size of [1, 7, 31, 32, 127, 128, 255, 256, 1000, 70_001])
      for (let start = 0; start < 9; start++) {
        const bytes = pattern(size + 16)
        const expected = bytes.map((byte, i) =>
          i < start || i >= start + size ? byte : byte ^ maskKey[(i - start + 3) % 4],
        )
        transcript.equal(applyMask(bytes.subarray(start, start + size), maskKey, 3), size + 3)
        transcript.equal(bytes, expected)
      }
  },

  'streams split anywhere'(transcript) {
    const frames = mixedFrames(60)
    const bytes = concat(...frames.map((each) => encodeFrame(each)))
    transcript.note(bytes)
    const expected = frames.map(({ opcode, fin, payload }) => [opcode, fin, 0, payload])
    for (const size of [1, 2, 3, 5, 7, 64, 977, 4096, bytes.length])
      for (const ownsChunks of [false, true]) transcript.equal(walk('server', bytes, size, { ownsChunks }), expected)
  },

  'bytes in shared and in resizable memory'(transcript) {
    const text = 'Käse 世界 👋🏽, '.repeat(200)
    const wire = concat(encodeFrame({ opcode: 1, payload: 'ab' }), encodeFrame({ opcode: 1, payload: text }))
    const bad = encodeFrame({ opcode: 1, payload: bytesOf(`${'61 '.repeat(60)}ff`) })
    const seen = new Set()
    for (const place of memories()) {
      const decoder = new FrameDecoder({ role: 'client' })
      decoder.push(place(wire))
      const texts = []
      while (decoder.next()) texts.push(decoder.text(), decoder.validText())
      const events = new Connection({ role: 'client' }).receive(place(concat(wire, bad)))
      const bytes = new Connection({ role: 'client', text: 'bytes' }).receive(place(wire))
      const assembler = new MessageAssembler()
      assembler.push(
        { opcode: 1, fin: true, first: true, last: true, payloadLength: utf8(text).length },
        place(utf8(text)),
      )
      const [target, masked] = [place(new Uint8Array(9000)), place(utf8(text))]
      const end = encodeFrameInto({ opcode: 1, payload: text, maskKey }, target, 5)
      applyMask(masked, maskKey)
      const { reason } = parseClosePayload(place(formatClosePayload(1000, 'Käse, '.repeat(17))))
      const lines = [texts, events.map(({ type, data, error }) => [type, data, error?.code, error?.offset])]
      lines.push(
        bytes.map(({ data }) => hex(data)),
        assembler.text(),
        hex(target.subarray(5, end)),
        hex(masked),
        reason,
      )
      lines.push(hex(encodeFrame({ opcode: 2, payload: place(utf8(text)), maskKey: place(maskKey) })))
      lines.push(new Utf8Validator().push(place(utf8(text))))
      seen.add(JSON.stringify(lines))
    }
    transcript.equal(seen.size, 1)
    transcript.note([...seen][0])
  },

  errors(transcript) {
    for (const [bytes, code, closeCode] of errors)
      for (const size of [1, 100]) {
        const error = errorOf(() => walk('server', bytesOf(bytes), size))
        transcript.equal([error.code, error.closeCode], [code, closeCode])
        transcript.note([error, error.offset, error.reference])
      }
  },

  'valid and invalid UTF-8'(transcript) {
    for (const [text, badAt] of texts) {
      const payload = utf8(text)
      for (const size of [1, 3, payload.length || 1]) {
        const judged = errorOf(() => assemble(payload, size))
        transcript.equal(judged?.code, badAt === undefined ? undefined : 'utf8')
        if (badAt === undefined) transcript.equal(assemble(payload, size), text)
        else transcript.note(judged)
      }
      const validator = new Utf8Validator()
      for (const piece of cut(payload, 2)) validator.push(piece)
      transcript.equal([validator.end(), validator.badOffset], [badAt === undefined, badAt])
    }
    // A lone surrogate is sent as U+FFFD.
    transcript.equal(encodeFrame({ opcode: 1, payload: 'a\ud800b' }), bytesOf('81 05 61 ef bf bd 62'))
  },

  'long texts, written and read'(transcript) {
    for (const text of ['plain ASCII ', 'Käse ', '世界 👋🏽 '])
      for (const times of [1, 5, 11, 40, 700, 9000]) {
        const payload = text.repeat(times)
        const bytes = encodeFrame({ opcode: 1, payload, maskKey })
        transcript.note(bytes)
        const decoder = new FrameDecoder({ role: 'server' })
        decoder.push(bytes)
        transcript.equal([decoder.next(), decoder.text()], [true, payload])
      }
  },

  'messages in fragments'(transcript) {
    const payload = 'wörld €𝄞 '.repeat(50)
    for (const size of [1, 7, 100, 1000]) {
      const bytes = concat(...Array.from(fragmentMessage({ opcode: 1, payload }, size), (each) => encodeFrame(each)))
      transcript.note(bytes)
      const decoder = new FrameDecoder({ role: 'client' })
      const messages = new MessageAssembler()
      decoder.push(bytes)
      let whole = false
      while (decoder.next()) whole = messages.push(decoder, decoder.payload())
      transcript.equal([whole, messages.text()], [true, payload])
    }
  },

  'close codes and reasons'(transcript) {
    transcript.equal(formatClosePayload(1000, 'tschüß'), bytesOf('03 e8 74 73 63 68 c3 bc c3 9f'))
    transcript.equal(parseClosePayload(bytesOf('0f a1 6f 6b')), { code: 4001, reason: 'ok' })
    for (const payload of ['03', '03 ed', '03 e8 ff'])
      transcript.note(errorOf(() => parseClosePayload(bytesOf(payload))))
    transcript.equal(fitCloseReason('ü'.repeat(100)), 'ü'.repeat(61))
    const travelling = Array.from({ length: 5001 }, (_, code) => code).filter(isValidCloseCode)
    transcript.equal([travelling.length, travelling.slice(0, 12)], [2012, [...range(1000, 1003), ...range(1007, 1014)]])
  },

  'random mask keys'(transcript) {
    const keys = new Set(Array.from({ length: 2000 }, () => hex(generateMaskKey())))
    transcript.equal(keys.size > 1990, true)
    const [first, second] = [0, 1].map(() => encodeFrame({ opcode: 2, payload: pattern(8), maskKey: 'random' }))
    transcript.equal(hex(first) === hex(second), false)
  },
}

/** The frames of `bytes` in chunks of `size`. */
function walk(role, bytes, size, options = {}) {
  const decoder = new FrameDecoder({ role, ...options })
  const seen = []
  for (const chunk of cut(bytes, size)) {
    decoder.push(chunk)
    while (decoder.next()) seen.push([decoder.opcode, decoder.fin, decoder.rsv, Uint8Array.from(decoder.payload())])
  }
  return seen
}

function assemble(payload, size) {
  const messages = new MessageAssembler()
  const pieces = payload.length === 0 ? [payload] : [...cut(payload, size)]
  for (const [index, piece] of pieces.entries()) {
    const fin = index === pieces.length - 1
    const opcode = index === 0 ? 1 : 0
    messages.push({ opcode, fin, payloadLength: piece.length, first: true, last: true }, piece)
  }
  return messages.text()
}

/** Masked frames of all kinds and many sizes, in a valid order. */
function mixedFrames(count) {
  const next = chance(7)
  const keys = maskKeys()
  let open = false
  return Array.from({ length: count }, (_, index) => {
    const maskKey = keys()
    if (next() % 4 === 0) return { opcode: 9 + (next() % 2), fin: true, payload: pattern(next() % 126), maskKey }
    const fin = index > count - 5 || next() % 2 === 0
    const opcode = open ? 0 : 2
    open = !fin
    return { opcode, fin, payload: pattern(next() % [10, 200, 3000, 70_000][next() % 4]), maskKey }
  })
}

function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** The error that `work` throws; `undefined`: none. */
function errorOf(work) {
  try {
    work()
    return undefined
  } catch (error) {
    if (error.name !== 'ProtocolError') throw error
    return error
  }
}
