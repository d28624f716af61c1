/**
 * Frames that every peer must take, and what it receives by them: the examples of RFC 6455 §5.7 and RFC 7692 §7.2.3, by their
 * bytes, and as a client sends them. Judges nothing itself.
 *
 * @module
 */

import type { FrameInit } from '../frame/encode.ts'
import type { Bytes, Role } from '../types.ts'
import { clientFrames, hexBytes, joinFrames } from './vector-bytes.ts'

/** A message, a ping or a pong, as the peer's application sees it. */
export interface ReceivedVector {
  /** What it is. */
  readonly type: 'text' | 'binary' | 'ping' | 'pong'
  /** Its payload, unmasked and inflated; a text as UTF-8. Fresh on each reading. */
  readonly data: Bytes
}

/** Frames without a fault. */
export interface GoodFrames {
  /** What they are, in a few words; no two vectors share one. */
  readonly title: string
  /** All frames in one array. Fresh on each reading, and yours to cut, mask again or overwrite. */
  readonly bytes: Bytes
  /** Who sends them: a client masks its frames. */
  readonly from: Role
  /**
   * `'none'`: no extension. `'message'`: permessage-deflate, whatever its parameters. `'takeover'`: permessage-deflate whose sender
   * has not agreed to `…_no_context_takeover`, for a message refers to one before it.
   */
  readonly compression: 'none' | 'message' | 'takeover'
  /** In order. */
  readonly received: readonly ReceivedVector[]
  /** Where the example stands, e.g. `'RFC 6455 §5.7'`. */
  readonly reference: string
}

/** Bytes in hexadecimal, or as many as that: 0, 1, 2 … 255, 0 … */
type Payload = string | number
type Frame = readonly [opcode: number, payload: Payload, more?: Pick<FrameInit, 'fin' | 'rsv'>]
type Received = readonly [type: ReceivedVector['type'], data: Payload]
type Row = readonly [
  title: string,
  frames: readonly Frame[],
  received: readonly Received[],
  reference: string,
  compression?: GoodFrames['compression'],
]

const HELLO = '48 65 6c 6c 6f'
const hello: Received = ['text', HELLO]
const DEFLATED_HELLO = 'f2 48 cd c9 c9 07 00'
/** The first frame of several. */
const begins = { fin: false }
const deflated = { rsv: 4 }

/**
 * Each example as a server and as a client sends it. One pure call for all rows, so that a bundler may drop the table: what stands
 * inside is not looked at before.
 */
function table(rows: () => readonly Row[]): readonly GoodFrames[] {
  return Object.freeze(rows().flatMap((row) => [toVector(row, 'server'), toVector(row, 'client')]))
}

function toVector([title, frames, received, reference, compression = 'none']: Row, from: Role): GoodFrames {
  return Object.freeze({
    title: `${title}, from a ${from}`,
    get bytes(): Bytes {
      const inits = frames.map(toFrame)
      return from === 'client' ? clientFrames(inits) : joinFrames(inits)
    },
    from,
    compression,
    received: Object.freeze(received.map(toReceived)),
    reference,
  })
}

function toFrame([opcode, payload, more]: Frame): FrameInit {
  return { opcode, payload: payloadBytes(payload), ...more }
}

function toReceived([type, data]: Received): ReceivedVector {
  return Object.freeze({
    type,
    get data(): Bytes {
      return payloadBytes(data)
    },
  })
}

function payloadBytes(payload: Payload): Bytes {
  if (typeof payload === 'string') return hexBytes(payload)
  return new Uint8Array(payload).map((_, index) => index)
}

function example(section: number): string {
  return `RFC 7692 §7.2.3.${section}`
}

/**
 * The examples of the RFCs, each as a server sends it, bare, and as a client does, masked. The list grows with minor versions.
 *
 * @example
 * const mine = goodFrames.filter(({ from, compression }) => from === 'client' && compression === 'none')
 * test.each(mine)('$title ($reference)', async ({ bytes, received }) => {
 *   expect(await whatMyServerReceives(bytes)).toEqual(received)
 * })
 */
export const goodFrames: readonly GoodFrames[] = /* @__PURE__ */ table(() => [
  ['a text in one frame', [[1, HELLO]], [hello], 'RFC 6455 §5.7'],
  [
    'a text in two frames',
    [
      [1, '48 65 6c', begins],
      [0, '6c 6f'],
    ],
    [hello],
    'RFC 6455 §5.7',
  ],
  ['a ping', [[9, HELLO]], [['ping', HELLO]], 'RFC 6455 §5.7'],
  ['a pong that nobody asked for', [[10, HELLO]], [['pong', HELLO]], 'RFC 6455 §5.7'],
  ['256 bytes in one frame', [[2, 256]], [['binary', 256]], 'RFC 6455 §5.7'],
  ['64 KiB in one frame', [[2, 65_536]], [['binary', 65_536]], 'RFC 6455 §5.7'],
  [
    'a ping between two fragments',
    [
      [1, '48 65 6c', begins],
      [9, ''],
      [0, '6c 6f'],
    ],
    [['ping', ''], hello],
    'RFC 6455 §5.4',
  ],
  ['a compressed text', [[1, DEFLATED_HELLO, deflated]], [hello], example(1), 'message'],
  [
    'a compressed text in two frames',
    [
      [1, 'f2 48 cd', { ...deflated, ...begins }],
      [0, 'c9 c9 07 00'],
    ],
    [hello],
    example(1),
    'message',
  ],
  [
    'a compressed text that refers to the one before it',
    [
      [1, DEFLATED_HELLO, deflated],
      [1, 'f2 00 11 00 00', deflated],
    ],
    [hello, hello],
    example(2),
    'takeover',
  ],
  ['a block that is not compressed', [[1, `00 05 00 fa ff ${HELLO} 00`, deflated]], [hello], example(3), 'message'],
  ['a block that is final', [[1, 'f3 48 cd c9 c9 07 00 00', deflated]], [hello], example(4), 'message'],
  [
    'two blocks in one message',
    [[1, 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00', deflated]],
    [hello],
    example(5),
    'message',
  ],
  ['a compressed message of nothing', [[1, '00', deflated]], [['text', '']], example(6), 'message'],
])
