/**
 * Test vectors for servers: frames that a client must not send once its WebSocket is open, and the required close code.
 *
 * @module
 */

import type { FrameInit } from '../../frame/encode.ts'
import type { Bytes, Role } from '../../types.ts'
import { clientFrames, hexBytes } from './vector-bytes.ts'

/** A client's error, as bytes that directly follow its handshake. */
export interface FaultyFrames {
  /** Short description of the error, unique among the vectors. */
  readonly title: string
  /** All frames in one array. Fresh on each access: you may cut, mask again or overwrite it. */
  readonly bytes: Bytes
  /** The code of the server's Close frame. */
  readonly closeCode: number
  /** The violated section, e.g. `'RFC 6455 §5.1'`. */
  readonly reference: string
}

/** Frames masked as from a client, unless stated otherwise. */
type Row = readonly [title: string, frames: readonly FrameInit[], closeCode: number, reference: string]

const REASSEMBLY = 'RFC 6455 §5.4'
const CONTROL = 'RFC 6455 §5.5'
const HEADER = 'RFC 6455 §5.2'
const UTF8 = 'RFC 6455 §8.1'

/** A single pure call, so that bundlers can drop the table without inspecting its rows. */
function table(rows: () => readonly Row[]): readonly FaultyFrames[] {
  return Object.freeze(rows().map(toVector))
}

function toVector([title, frames, closeCode, reference]: Row): FaultyFrames {
  return Object.freeze({
    title,
    get bytes(): Bytes {
      return clientFrames(frames)
    },
    closeCode,
    reference,
  })
}

/** A Close frame with a code and the bytes of a reason. */
function close(code: number, ...reason: number[]): FrameInit {
  return { opcode: 8, payload: Uint8Array.of(code >> 8, code & 255, ...reason) }
}

function text(payload: string): FrameInit {
  return { opcode: 1, payload: hexBytes(payload) }
}

function reservedOpcode(opcode: number): Row {
  return [`the reserved opcode ${opcode}`, [{ opcode }], 1002, HEADER]
}

function closeCode(code: number): Row {
  return [`close code ${code}, which no frame may carry`, [close(code)], 1002, 'RFC 6455 §7.4']
}

function badText(title: string, payload: string): Row {
  return [`a text with ${title}`, [text(payload)], 1007, UTF8]
}

/**
 * Complete frames that break a rule: messages are finished, and nothing is missing. For a server without extensions. They are
 * masked as from a client, unless the mask is the point.
 *
 * A strict server sends one Close with {@link FaultyFrames.closeCode} and ends. To detect a lenient one without waiting for a
 * timeout, send a valid Close after the bytes: a lenient server answers that Close. The list grows with minor versions.
 *
 * @example
 * test.each(faultyFrames)('$title ($reference)', async ({ bytes, closeCode }) => {
 *   expect(await closeCodeAfter(bytes)).toBe(closeCode)
 * })
 */
export const faultyFrames: readonly FaultyFrames[] = /* @__PURE__ */ table(() => [
  ['a text without a mask', [{ opcode: 1, payload: 'Hello', maskKey: undefined }], 1002, 'RFC 6455 §5.1'],
  ['an empty binary frame without a mask', [{ opcode: 2, maskKey: undefined }], 1002, 'RFC 6455 §5.1'],
  ['a Close without a mask', [{ ...close(1000), maskKey: undefined }], 1002, 'RFC 6455 §5.1'],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(reservedOpcode),
  ['RSV3 on a text', [{ opcode: 1, rsv: 1, payload: 'a' }], 1002, HEADER],
  ['RSV2 on a text', [{ opcode: 1, rsv: 2, payload: 'a' }], 1002, HEADER],
  ['RSV1 on a text', [{ opcode: 1, rsv: 4, payload: 'a' }], 1002, HEADER],
  ['all reserved bits on a text', [{ opcode: 1, rsv: 7, payload: 'a' }], 1002, HEADER],
  ['RSV1 on a ping', [{ opcode: 9, rsv: 4 }], 1002, HEADER],
  [
    'RSV1 on a continuation',
    [
      { opcode: 1, payload: 'a', fin: false },
      { opcode: 0, rsv: 4, payload: 'b' },
    ],
    1002,
    HEADER,
  ],
  ['a length of 5 in two bytes', [{ opcode: 1, payload: 'Hello', lengthSize: 2 }], 1002, HEADER],
  ['a length of 125 in two bytes', [{ opcode: 2, payload: new Uint8Array(125), lengthSize: 2 }], 1002, HEADER],
  ['a length of 5 in eight bytes', [{ opcode: 1, payload: 'Hello', lengthSize: 8 }], 1002, HEADER],
  ['a length of 126 in eight bytes', [{ opcode: 2, payload: new Uint8Array(126), lengthSize: 8 }], 1002, HEADER],
  ['a fragmented ping', [{ opcode: 9, fin: false }], 1002, CONTROL],
  ['a fragmented pong', [{ opcode: 10, fin: false }], 1002, CONTROL],
  ['a fragmented Close', [{ opcode: 8, fin: false }], 1002, CONTROL],
  ['a ping of 126 bytes', [{ opcode: 9, payload: new Uint8Array(126) }], 1002, CONTROL],
  ['a pong of 126 bytes', [{ opcode: 10, payload: new Uint8Array(126) }], 1002, CONTROL],
  ['a Close of 126 bytes', [close(1000, ...new Array<number>(124).fill(0x61))], 1002, CONTROL],
  ['a continuation without a message', [{ opcode: 0, payload: 'lo' }], 1002, REASSEMBLY],
  [
    'a text inside a fragmented text',
    [
      { opcode: 1, payload: 'Hel', fin: false },
      { opcode: 1, payload: 'lo' },
    ],
    1002,
    REASSEMBLY,
  ],
  ['a binary frame inside a fragmented text', [{ opcode: 1, fin: false }, { opcode: 2 }], 1002, REASSEMBLY],
  ['a Close of one byte', [{ opcode: 8, payload: Uint8Array.of(3) }], 1002, 'RFC 6455 §5.5.1'],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(closeCode),
  ['a close reason that is not UTF-8', [close(1000, 0xff)], 1007, UTF8],
  ['a close reason that ends inside a character', [close(1000, 0xc3)], 1007, UTF8],
  badText('a lead byte without a continuation byte', '48 c3 28'),
  badText('a continuation byte alone', '48 80'),
  badText('a character that is cut short', '48 c3'),
  badText('an overlong form', 'c0 af'),
  badText('a surrogate', 'ed a0 80'),
  badText('a character above U+10FFFF', 'f4 90 80 80'),
  [
    'a fragmented text with a truncated character',
    [
      { ...text('e4 b8'), fin: false },
      { opcode: 0, payload: 'H' },
    ],
    1007,
    UTF8,
  ],
])

/**
 * Truncated frames and messages that are already invalid. Endpoints that validate bytes as they arrive answer at once; those that
 * need whole frames or messages wait for the rest, which RFC 6455 allows. Send nothing after them.
 *
 * @example
 * for (const { bytes, closeCode } of unfinishedErrors) console.log(bytes.length, closeCode)
 */
export const unfinishedErrors: readonly FaultyFrames[] = /* @__PURE__ */ table(() => [
  ['a length of 2^62, at its header', [{ opcode: 2, payloadLength: 2 ** 62 }], 1009, 'RFC 6455 §10.4'],
  ['a length with its top bit set, at its header', [{ opcode: 2, payloadLength: 2 ** 63 }], 1002, HEADER],
  [
    'a length of 65 535 in eight bytes, at its header',
    [{ opcode: 2, payloadLength: 65_535, lengthSize: 8 }],
    1002,
    HEADER,
  ],
  ['a text that is not UTF-8, before the end of its frame', [{ ...text('ff'), payloadLength: 1024 }], 1007, UTF8],
  ['a first fragment that is not UTF-8', [{ ...text('48 ff'), fin: false }], 1007, UTF8],
  [
    'a middle fragment that does not continue a character',
    [
      { ...text('e4 b8'), fin: false },
      { opcode: 0, payload: 'H', fin: false },
    ],
    1007,
    UTF8,
  ],
])

/** The beginning of a frame header that already breaks a rule, whatever follows. */
export interface HeaderPrefix extends FaultyFrames {
  /** The sender. */
  readonly from: Role
}

type PrefixRow = readonly [title: string, client: string, server: string, reference: string]

/** One row per side: a client masks, a server does not. */
function prefixTable(rows: () => readonly PrefixRow[]): readonly HeaderPrefix[] {
  return Object.freeze(
    rows().flatMap(([title, client, server, reference]) => [
      toPrefix(title, client, 'client', reference),
      toPrefix(title, server, 'server', reference),
    ]),
  )
}

function toPrefix(title: string, digits: string, from: Role, reference: string): HeaderPrefix {
  return Object.freeze({
    title: `${title}, from a ${from}`,
    get bytes(): Bytes {
      return hexBytes(digits)
    },
    from,
    closeCode: 1002,
    reference,
  })
}

/**
 * One or two bytes of a frame that already break a rule. Endpoints that validate bytes as they arrive answer at once, as `ws` and
 * Python's websockets do. Others wait for more bytes, which change nothing. For endpoints without extensions. Send nothing after
 * them.
 *
 * @example
 * for (const { bytes, from } of headerPrefixes) if (from === 'client') console.log(bytes[0])
 */
export const headerPrefixes: readonly HeaderPrefix[] = /* @__PURE__ */ prefixTable(() => [
  ['a reserved opcode, in one byte', '83', '8b', HEADER],
  ['a reserved opcode', '83 ff', '83 7f', HEADER],
  ['all reserved bits', 'ff ff', 'ff 7f', HEADER],
  ['RSV1', 'c1 80', 'c1 00', HEADER],
  ['a fragmented ping, in one byte', '09', '09', CONTROL],
  ['a fragmented ping', '09 ff', '09 7f', CONTROL],
  ['a fragmented Close', '08 80', '08 00', CONTROL],
  ['a ping of more than 125 bytes', '89 fe', '89 7e', CONTROL],
  ['a pong of more than 65 535 bytes', '8a ff', '8a 7f', CONTROL],
  ['a Close of more than 125 bytes', '88 fe', '88 7e', CONTROL],
  ['a Close of one byte', '88 81', '88 01', 'RFC 6455 §5.5.1'],
  ['a continuation without a message', '80 ff', '80 7f', REASSEMBLY],
  ['the wrong masking', '82 7e', '82 fe', 'RFC 6455 §5.1'],
])
