/**
 * Test vectors for both sides: frames that every endpoint must accept, and what it receives from them. They are the examples of RFC
 * 6455 §5.7 and RFC 7692 §7.2.3, also masked as from a client.
 *
 * @module
 */

import type { FrameInit } from '../../frame/encode.ts'
import type { Bytes, Role } from '../../types.ts'
import { clientFrames, hexBytes, joinFrames } from './vector-bytes.ts'

/** A message, ping or pong, as the peer's application receives it. */
export interface ReceivedVector {
  /** Its type. */
  readonly type: 'text' | 'binary' | 'ping' | 'pong'
  /** The payload, unmasked and inflated; text as UTF-8. Fresh on each access. */
  readonly data: Bytes
}

/** Valid frames. */
export interface GoodFrames {
  /** Short description, unique among the vectors. */
  readonly title: string
  /** All frames in one array. Fresh on each access: you may cut, mask again or overwrite it. */
  readonly bytes: Bytes
  /** The sender: a client masks its frames. */
  readonly from: Role
  /**
   * `'none'`: no extension. `'message'`: permessage-deflate with any parameters. `'takeover'`: permessage-deflate without
   * `…_no_context_takeover` for the sender, because a message refers to an earlier one.
   */
  readonly compression: 'none' | 'message' | 'takeover'
  /** What the endpoint receives, in order. */
  readonly received: readonly ReceivedVector[]
  /** The section of the example, e.g. `'RFC 6455 §5.7'`. */
  readonly reference: string
}

/** Bytes in hexadecimal, or a count of bytes: 0, 1, 2 … 255, 0 … */
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
/** The first of several frames. */
const begins = { fin: false }
const deflated = { rsv: 4 }

/**
 * Each example from a server and from a client. A single pure call, so that bundlers can drop the table without inspecting its
 * rows.
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
 * The examples of the RFCs, each unmasked from a server and masked from a client. The list grows with minor versions.
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
  ['an unsolicited pong', [[10, HELLO]], [['pong', HELLO]], 'RFC 6455 §5.7'],
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
  ['an uncompressed block', [[1, `00 05 00 fa ff ${HELLO} 00`, deflated]], [hello], example(3), 'message'],
  ['a final block', [[1, 'f3 48 cd c9 c9 07 00 00', deflated]], [hello], example(4), 'message'],
  [
    'two blocks in one message',
    [[1, 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00', deflated]],
    [hello],
    example(5),
    'message',
  ],
  ['an empty compressed message', [[1, '00', deflated]], [['text', '']], example(6), 'message'],
])
