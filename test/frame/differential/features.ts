/**
 * Features of a stream of frames, for the classes of differences. Reads frames as simply as possible, so that it does not share bugs
 * with the code under test.
 */

import type { Difference, Pattern } from './difference.ts'

/** A frame in the stream; its payload may be cut off at the end. */
interface PlainFrame {
  readonly at: number
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly lengthSize: number
  readonly length: bigint
  /** The unmasked payload, as far as it has arrived. */
  readonly payload: Uint8Array
  readonly whole: boolean
}

/** Returns the frame at `at`; `undefined` if its header is incomplete. */
function frameAt(bytes: Uint8Array, at: number): PlainFrame | undefined {
  const [first = -1, second = -1] = bytes.subarray(at)
  const short = second & 127
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0
  const masked = second >= 128
  const start = at + 2 + lengthSize + (masked ? 4 : 0)
  if (second < 0 || bytes.length < start) return undefined
  const digits = Buffer.from(bytes.subarray(at + 2, at + 2 + lengthSize)).toString('hex')
  const length = lengthSize === 0 ? BigInt(short) : BigInt(`0x${digits}`)
  const end = length > BigInt(bytes.length) ? bytes.length : Math.min(bytes.length, start + Number(length))
  const key = masked ? bytes.subarray(start - 4, start) : [0]
  const payload = bytes.slice(start, end).map((byte, i) => byte ^ (key[i % key.length] as number))
  const whole = BigInt(end - start) === length
  return {
    at,
    fin: first >= 128,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    masked,
    lengthSize,
    length,
    payload,
    whole,
  }
}

/** Returns all frames in order; the last may be cut off. */
function framesOf(bytes: Uint8Array): PlainFrame[] {
  const frames: PlainFrame[] = []
  for (let frame = frameAt(bytes, 0); frame !== undefined; ) {
    frames.push(frame)
    if (!frame.whole) break
    frame = frameAt(bytes, frame.at + 2 + frame.lengthSize + (frame.masked ? 4 : 0) + frame.payload.length)
  }
  return frames
}

/** Whether the frame that we reject has this feature. */
function refused(isLike: (frame: PlainFrame) => boolean): (difference: Difference) => boolean {
  return ({ bytes, offset }) => {
    const frame = offset === undefined ? undefined : frameAt(bytes, offset)
    return frame !== undefined && isLike(frame)
  }
}

/** Whether the header that we reject is incomplete. */
export function isTorn({ bytes, offset }: Difference): boolean {
  return offset !== undefined && frameAt(bytes, offset) === undefined
}

/** Whether the length is longer than necessary. */
export function isLong({ lengthSize, length }: PlainFrame): boolean {
  return lengthSize > (length < 126n ? 0 : length < 65_536n ? 2 : 8)
}

export const hasTopBit = ({ length }: PlainFrame): boolean => length >= 2n ** 63n

/** Whether a text is invalid UTF-8 before the end of the message has arrived. */
export function isBadBeforeItsEnd({ bytes }: Difference): boolean {
  let text: Uint8Array[] | undefined
  for (const { opcode, fin, payload, whole } of framesOf(bytes)) {
    if (opcode === 1 || opcode === 2) text = opcode === 1 ? [] : undefined
    if (opcode > 2 || text === undefined) continue
    text.push(payload)
    if (!isBeginOfUtf8(Buffer.concat(text))) return !(fin && whole)
    if (fin && whole) text = undefined
  }
  return false
}

function isBeginOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** Whether we reject a frame at its header with this message. */
export function weRefuse(words: RegExp, isLike?: (frame: PlainFrame) => boolean, theirs = /^/): Pattern {
  return { ours: words, theirs, ...(isLike && { holds: refused(isLike) }) }
}
