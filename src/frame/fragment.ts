/**
 * Splits outgoing messages into frames (RFC 6455 §5.4), which `encode.ts` then writes.
 *
 * @module
 */

import { describeValue, type Kinds, requireOptions, requireWhole } from '../arguments.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { type LoneSurrogates, requirePayload } from './encode.ts'
import { toFirstByte } from './header.ts'
import { CONTINUATION, FIRST_CONTROL } from './rules.ts'

/**
 * A message to split into frames.
 *
 * @category Frames and messages
 */
export interface MessageInit {
  /** 1 text, 2 binary; 0 continues an open message; 3–7 belong to extensions. */
  readonly opcode: number
  /** Bytes, which are not written to, or a string, which is sent as UTF-8. Default: empty. */
  readonly payload?: Uint8Array | string | undefined
  /** The RSV bits of the first frame, 0–7; the other frames have 0. Default: 0. */
  readonly rsv?: number | undefined
  /** Whether the last frame has FIN. `false`: more of the message follows. Default: true. */
  readonly fin?: boolean | undefined
  /** `'random'`: each frame gets its own key when it is encoded. Default: none. */
  readonly maskKey?: 'random' | undefined
  /** What to do with a lone surrogate in a string. Default: `'replace'`, with U+FFFD. */
  readonly loneSurrogates?: LoneSurrogates | undefined
}

const messageKinds: Kinds = {
  opcode: 'any',
  payload: 'any',
  rsv: 'any',
  fin: 'boolean',
  // A four-byte key would be the same for all frames (RFC 6455 §5.3).
  maskKey: ['random'],
  loneSurrogates: 'any',
}

/**
 * A frame of a message, for `encodeFrame` and its variants.
 *
 * @category Frames and messages
 */
export interface Fragment {
  /** The message's opcode for the first frame, 0 for the rest. */
  readonly opcode: number
  /** Whether the message ends with this frame. */
  readonly fin: boolean
  /** The message's RSV bits for the first frame, 0 for the rest. */
  readonly rsv: number
  /** A view of the message's bytes. */
  readonly payload: Uint8Array
  /** The `maskKey` of the message. */
  readonly maskKey: 'random' | undefined
}

/**
 * Splits a message into frames, one at a time, so that you can send pings, pongs and a Close between them. The first frame has the
 * opcode and `rsv`, the others are continuations, and the last has FIN. An empty message is one empty frame. A text is cut between
 * bytes, possibly inside a character (RFC 6455 §5.6).
 *
 * @param message Its bytes are not copied: do not change them until the last frame has been encoded. A string is encoded once.
 * @param maxFramePayload The most payload bytes in a frame, 1 or more; `Infinity`: one frame.
 * @returns The frames, created lazily.
 * @throws RangeError for an invalid maximum or `rsv`; TypeError for an opcode that is not 0–7 (control frames are never
 *   fragmented), for members of the wrong type and unknown ones, and with `loneSurrogates: 'error'` for a string with a lone
 *   surrogate. It throws before it returns the first frame.
 * @see RFC 6455 §5.4
 * @example
 * for (const frame of fragmentMessage({ opcode: Opcode.Binary, payload: file }, 16_384)) {
 *   await write(encodeFrame(frame))
 *   for (const ping of pings.splice(0)) await write(encodeFrame({ opcode: Opcode.Pong, payload: ping }))
 * }
 */
export function fragmentMessage(message: MessageInit, maxFramePayload: number): Generator<Fragment, void, undefined> {
  requireOptions(message, messageKinds, 'a message')
  const { opcode, payload, loneSurrogates } = message
  if (!(Number.isInteger(opcode) && opcode >= 0 && opcode < FIRST_CONTROL))
    throw new TypeError(`\`opcode\` of a message must be 0 to 7, not ${describeValue(opcode)}`)
  toFirstByte(opcode, message.fin, message.rsv)
  if (maxFramePayload !== Infinity) requireWhole(maxFramePayload, '`maxFramePayload`', 1)
  const source = requirePayload(payload, loneSurrogates)
  return fragments(message, typeof source === 'string' ? encodeUtf8(source) : source, maxFramePayload)
}

/** Computes where to cut a message: an iterator of numbers, so that cutting allocates nothing per frame. */
export class Cuts {
  /** The current frame: its range in the payload, and the first-byte bits that depend on it. */
  start = 0
  end = 0
  declare opcode: number
  fin = false
  #begun = false
  readonly #size: number
  readonly #max: number

  constructor(opcode: number, size: number, max: number) {
    this.opcode = opcode
    this.#size = size
    this.#max = max
  }

  // "A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0, followed by zero or
  // more frames with the FIN bit clear and the opcode set to 0, and terminated by a single frame with the FIN bit set and an
  // opcode of 0."                                                                                      RFC 6455 §5.4
  /** Steps to the next frame; returns `false` if there is none. */
  next(): boolean {
    if (this.fin) return false
    if (this.#begun) this.opcode = CONTINUATION
    this.#begun = true
    this.start = this.end
    this.end = Math.min(this.start + this.#max, this.#size)
    this.fin = this.end === this.#size
    return true
  }
}

function* fragments(
  { opcode, rsv = 0, fin = true, maskKey }: MessageInit,
  payload: Uint8Array,
  max: number,
): Generator<Fragment, void, undefined> {
  const cuts = new Cuts(opcode, payload.length, max)
  while (cuts.next())
    yield {
      opcode: cuts.opcode,
      fin: fin && cuts.fin,
      rsv: cuts.start === 0 ? rsv : 0,
      payload: payload.subarray(cuts.start, cuts.end),
      maskKey,
    }
}
