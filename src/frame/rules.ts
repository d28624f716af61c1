/**
 * What a header must be like: RFC 6455 §5.1 to §5.5, for a side that receives it. Judges headers, never payloads; remembers
 * nothing, so that whoever walks frames keeps the one bit of state (is a message open?) itself.
 *
 * The hot way works on numbers and makes an error only when there is one.
 *
 * @module
 */

import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import { FIN_BIT, type FrameHeader, MASK_BIT, minimalLengthSize } from './header.ts'

/** Opcodes from here on are control frames (RFC 6455 §5.5). */
export const FIRST_CONTROL = 8
/** Bytes that the payload of a control frame may have (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD = 125

/** Past this a number no longer counts bytes exactly. */
const MOST = Number.MAX_SAFE_INTEGER

/** What can be wrong with a header. 0 is nothing. */
const RESERVED_BITS = 1
const RESERVED_OPCODE = 2
const UNMASKED = 3
const MASKED = 4
const TOP_BIT = 5
const NOT_MINIMAL = 6
const CONTROL_FRAGMENTED = 7
const CONTROL_LONG = 8
const NO_MESSAGE = 9
const MESSAGE_OPEN = 10
const BEYOND_EXACT = 11
const BEYOND_LIMIT = 12

/**
 * The number of the first rule that a header breaks; 0 if it breaks none.
 *
 * @param first The first byte.
 * @param second The second one, of which only MASK counts.
 * @param server Whether the receiver is a server.
 * @param open Whether a message has begun and not ended.
 * @param rsv Bits that extensions may set on the first frame of a message.
 * @param maxFrameSize In bytes, 2^53−1 at most.
 */
export function frameFault(
  first: number,
  second: number,
  length: number,
  lengthSize: number,
  server: boolean,
  open: boolean,
  rsv: number,
  maxFrameSize: number,
): number {
  const opcode = first & 15
  // §5.2: "MUST be 0 unless an extension is negotiated"; those that exist (RFC 7692 §6) mark a message on its first frame.
  if ((first & 0x70) !== 0 && ((first >> 4) & 7 & ~(opcode === 1 || opcode === 2 ? rsv : 0)) !== 0) return RESERVED_BITS
  if (opcode > 10 || (opcode > 2 && opcode < FIRST_CONTROL)) return RESERVED_OPCODE // §5.2
  if (second >= MASK_BIT !== server) return server ? UNMASKED : MASKED // §5.1
  const wrongLength = lengthSize === 0 ? 0 : lengthFault(length, lengthSize)
  if (wrongLength !== 0) return wrongLength
  const misplaced = opcode < FIRST_CONTROL ? orderFault(opcode, open) : controlFault(first, length)
  if (misplaced !== 0) return misplaced
  // A control frame has a bound of its own.
  if (length <= maxFrameSize || opcode >= FIRST_CONTROL) return 0
  return length > MOST ? BEYOND_EXACT : BEYOND_LIMIT // §10.4
}

/** §5.2: "the most significant bit MUST be 0", and "the minimal number of bytes MUST be used". */
function lengthFault(length: number, lengthSize: number): number {
  if (length >= 2 ** 63) return TOP_BIT
  return lengthSize === minimalLengthSize(length) ? 0 : NOT_MINIMAL
}

/** §5.5: control frames are of 125 bytes at most and "MUST NOT be fragmented". */
function controlFault(first: number, length: number): number {
  if (first < FIN_BIT) return CONTROL_FRAGMENTED
  return length > MAX_CONTROL_PAYLOAD ? CONTROL_LONG : 0
}

/** §5.4: the frames of a message follow each other, the first with its opcode, all others with 0. */
function orderFault(opcode: number, open: boolean): number {
  if ((opcode === 0) === open) return 0
  return open ? MESSAGE_OPEN : NO_MESSAGE
}

/** Code, section and close code of each fault, by its number. RFC 6455 §7.4.1 names 1009 for what is too big. */
const faults: readonly (readonly [ProtocolErrorCode, section: string, closeCode: number] | undefined)[] = [
  undefined,
  ['reserved-bits', '§5.2', 1002],
  ['reserved-opcode', '§5.2', 1002],
  ['unmasked', '§5.1', 1002],
  ['masked', '§5.1', 1002],
  ['length', '§5.2', 1002],
  ['length', '§5.2', 1002],
  ['control-frame', '§5.5', 1002],
  ['control-frame', '§5.5', 1002],
  ['continuation', '§5.4', 1002],
  ['continuation', '§5.4', 1002],
  ['too-large', '§10.4', 1009],
  ['too-large', '§10.4', 1009],
]

/** What of a header its message may need. */
export interface FaultyHeader {
  readonly opcode: number
  readonly rsv: number
  readonly payloadLength: number
  readonly lengthSize: number
}

/** The error that tells a fault of {@link frameFault}. `offset`: bytes of the stream before the frame, if known. */
export function frameError(fault: number, header: FaultyHeader, maxFrameSize: number, offset?: number): ProtocolError {
  const [code, section, closeCode] = faults[fault] as readonly [ProtocolErrorCode, string, number]
  const details = { reference: `RFC 6455 ${section}`, closeCode }
  const message = messageOf(fault, header, maxFrameSize)
  return new ProtocolError(code, message, offset === undefined ? details : { ...details, offset })
}

function messageOf(fault: number, header: FaultyHeader, maxFrameSize: number): string {
  const { opcode, rsv, payloadLength, lengthSize } = header
  switch (fault) {
    case RESERVED_BITS:
      return `${bitNames(rsv)} set on a frame with opcode ${opcode}, where no extension that was agreed on allows it`
    case RESERVED_OPCODE:
      return `opcode ${opcode} is reserved, and no extension that was agreed on claims it`
    case UNMASKED:
      return 'a frame without a mask; every frame from a client is masked'
    case MASKED:
      return 'a masked frame; no frame from a server is masked'
    case TOP_BIT:
      return 'a payload length with its top bit set; it has 63 bits'
    case NOT_MINIMAL:
      return `a payload length of ${payloadLength} in ${lengthSize} bytes more; it takes ${minimalLengthSize(payloadLength)}`
    case CONTROL_FRAGMENTED:
      return `a control frame (opcode ${opcode}) without FIN; control frames are never fragmented`
    case CONTROL_LONG:
      return `a control frame (opcode ${opcode}) of ${payloadLength} bytes; ${MAX_CONTROL_PAYLOAD} are allowed`
    case NO_MESSAGE:
      return 'a continuation frame, but no message has begun'
    case MESSAGE_OPEN:
      return `a new message (opcode ${opcode}) inside one that has not ended; a continuation was due`
    case BEYOND_EXACT:
      return 'a frame of more than 2^53−1 bytes, which cannot even be counted exactly'
    default:
      return `a frame of ${payloadLength} bytes; limits.maxFrameSize is ${maxFrameSize}`
  }
}

function bitNames(rsv: number): string {
  return ['RSV1', 'RSV2', 'RSV3'].filter((_, i) => rsv & (4 >> i)).join(', ')
}

/** What the receiver of a header knows. */
export interface HeaderState {
  /** The side that received it. */
  readonly role: Role
  /** Whether a message has begun and not ended. */
  readonly message: 'none' | 'open'
  /** The bits that extensions may set on the first frame of a message, 0–7. Default 0. */
  readonly rsv?: number | undefined
  /** Reserved opcodes that extensions have claimed (3–7, 11–15). Any other opcode here changes nothing. Default: none. */
  readonly opcodes?: readonly number[] | undefined
}

/**
 * Judges a header that came from the peer: may it stand here, now? Knows no limit but 2^53−1 bytes; a frame's size is for
 * `limits.maxFrameSize` of whoever stores it. An opcode that an extension has claimed is judged by its number: 3–7 begin a
 * message, as text and binary do, 11–15 are control frames (RFC 6455 §5.2, §5.8).
 *
 * @param header As {@link decodeFrameHeader} gives it.
 * @returns What is wrong, to be thrown, logged or answered; `undefined` if nothing is. Codes: `reserved-bits`,
 *   `reserved-opcode`, `unmasked`, `masked`, `length`, `control-frame`, `continuation` (close code 1002) and `too-large`
 *   (1009). If several apply, it is the first of them.
 * @see RFC 6455 §5.1–§5.5
 * @example
 * const header = decodeFrameHeader(Uint8Array.of(0x81, 0x05))
 * if (header) checkFrameHeader(header, { role: 'server', message: 'none' })?.code // 'unmasked'
 */
export function checkFrameHeader(header: FrameHeader, state: HeaderState): ProtocolError | undefined {
  const { opcode, rsv, payloadLength, lengthSize } = header
  const judgedAs = state.opcodes?.includes(opcode) ? standIn(opcode) : opcode
  const first = (header.fin ? FIN_BIT : 0) | (rsv << 4) | judgedAs
  const second = header.maskKey === undefined ? 0 : MASK_BIT
  if (state.role !== 'client' && state.role !== 'server')
    throw new TypeError(`role is 'client' or 'server', not ${JSON.stringify(state.role)}`)
  const server = state.role === 'server'
  const open = state.message === 'open'
  const fault = frameFault(first, second, payloadLength, lengthSize, server, open, state.rsv ?? 0, MOST)
  return fault === 0 ? undefined : frameError(fault, header, MOST)
}

/**
 * An opcode of RFC 6455 with the rules of a claimed one: "%x3-7 are reserved for further non-control frames", "%xB-F are
 * reserved for further control frames" (§5.2). Those that are not reserved stand for themselves.
 */
function standIn(opcode: number): number {
  if (opcode > Opcode.Pong) return Opcode.Pong
  return opcode > Opcode.Binary && opcode < FIRST_CONTROL ? Opcode.Binary : opcode
}
