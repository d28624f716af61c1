/**
 * The rules for frame headers, on the receiving side: RFC 6455 §5.1 to §5.5. Checks headers, whole or partial, never payloads. It
 * keeps no state: the caller passes whether a message is open.
 *
 * The first wrong byte decides which fault is reported: one in the first byte before one in the second, and those before one in the
 * length. So a header split across chunks is rejected at its first wrong byte, with the same fault as a whole one.
 *
 * @module
 */

import { checkOptionNames, describeValue } from '../arguments.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import { requireRole, requireWhole } from './checks.ts'
import { FIN_BIT, type FrameHeader, LENGTH_BITS, MASK_BIT, requireHeader, toSecondByte } from './header.ts'

/** Opcodes from here on are control frames (RFC 6455 §5.5). */
export const FIRST_CONTROL = 8
/** The most payload bytes in a control frame (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD = 125

/** Above this a number no longer counts bytes exactly. */
const MOST = Number.MAX_SAFE_INTEGER

/** The faults of a header. 0 is none. */
const RESERVED_BITS = 1
const RESERVED_OPCODE = 2
const CONTROL_FRAGMENTED = 3
const NO_MESSAGE = 4
const MESSAGE_OPEN = 5
const UNMASKED = 6
const MASKED = 7
const CONTROL_LONG = 8
const CLOSE_OF_ONE = 9
const TOP_BIT = 10
const NOT_MINIMAL = 11
const BEYOND_EXACT = 12
const BEYOND_LIMIT = 13

/**
 * The number of the first rule that a header breaks; 0 if none. For a partial header: the first that it breaks whatever follows.
 *
 * @param first The first byte.
 * @param second The second byte.
 * @param least The length, or its minimum, with all missing bytes 0.
 * @param most The length, or its maximum.
 * @param server Whether the receiver is a server.
 * @param open Whether a message has begun and not ended.
 * @param rsv Bits that extensions may set on the first frame of a message.
 * @param maxFrameSize In bytes, 2^53−1 at most.
 */
export function frameFault(
  first: number,
  second: number,
  least: number,
  most: number,
  server: boolean,
  open: boolean,
  rsv: number,
  maxFrameSize: number,
): number {
  const fault = firstByteFault(first, open, rsv)
  if (fault !== 0) return fault
  if (second >= MASK_BIT !== server) return server ? UNMASKED : MASKED // §5.1
  const short = second & LENGTH_BITS
  if ((first & 15) >= FIRST_CONTROL) return controlFault(first, short)
  if (short > 125) return longFault(short, least, most, maxFrameSize)
  return short > maxFrameSize ? BEYOND_LIMIT : 0 // §10.4
}

/** The same for the first byte alone. */
export function firstByteFault(first: number, open: boolean, rsv: number): number {
  const opcode = first & 15
  // §5.2: "MUST be 0 unless an extension is negotiated"; existing ones (RFC 7692 §6) mark the first frame of a message.
  if ((first & 0x70) !== 0 && ((first >> 4) & 7 & ~(opcode === 1 || opcode === 2 ? rsv : 0)) !== 0) return RESERVED_BITS
  if (opcode < 3) return orderFault(opcode, open)
  if (opcode < FIRST_CONTROL || opcode > 10) return RESERVED_OPCODE // §5.2
  return first < FIN_BIT ? CONTROL_FRAGMENTED : 0 // §5.5: "MUST NOT be fragmented"
}

/** §5.4: the frames of a message follow each other, the first with its opcode, all others with 0. */
export function orderFault(opcode: number, open: boolean): number {
  if ((opcode === 0) === open) return 0
  return open ? MESSAGE_OPEN : NO_MESSAGE
}

/**
 * §5.5: "All control frames MUST have a payload length of 125 bytes or less". §5.5.1: a body of a Close begins with "a 2-byte
 * unsigned integer". The second byte decides both.
 */
function controlFault(first: number, short: number): number {
  if (short > MAX_CONTROL_PAYLOAD) return CONTROL_LONG
  return short === 1 && (first & 15) === Opcode.Close ? CLOSE_OF_ONE : 0
}

/**
 * §5.2: "the most significant bit MUST be 0", and "the minimal number of bytes MUST be used". Only then is a length checked against
 * the limit, so that further bytes of a split header never turn a 1009 into a 1002.
 */
function longFault(short: number, least: number, most: number, maxFrameSize: number): number {
  if (least >= 2 ** 63) return TOP_BIT
  const minimum = short === 126 ? 126 : 65_536
  if (most < minimum) return NOT_MINIMAL
  if (least <= maxFrameSize || least < minimum) return 0
  return maxFrameSize === MOST ? BEYOND_EXACT : BEYOND_LIMIT // §10.4
}

/** Code, section and close code of each fault, by its number. RFC 6455 §7.4.1 names 1009 for messages that are too big. */
const faults: readonly (readonly [ProtocolErrorCode, section: string, closeCode: number] | undefined)[] = [
  undefined,
  ['reserved-bits', '§5.2', 1002],
  ['reserved-opcode', '§5.2', 1002],
  ['control-frame', '§5.5', 1002],
  ['continuation', '§5.4', 1002],
  ['continuation', '§5.4', 1002],
  ['unmasked', '§5.1', 1002],
  ['masked', '§5.1', 1002],
  ['control-frame', '§5.5', 1002],
  ['close-payload', '§5.5.1', 1002],
  ['length', '§5.2', 1002],
  ['length', '§5.2', 1002],
  ['too-large', '§10.4', 1009],
  ['too-large', '§10.4', 1009],
]

/** Header data for error messages. */
export interface FaultyHeader {
  readonly opcode: number
  readonly rsv?: number
  /** Bytes of the extended length. */
  readonly lengthSize?: number
  /** Bytes of the payload, as far as the deciding bytes show. */
  readonly least?: number
  /** The limit that applies, such as `limits.maxFrameSize is 5`. */
  readonly limit?: string
}

/** The error for a fault from {@link frameFault} and its helpers. `offset`: bytes of the stream before the frame, if known. */
export function frameError(fault: number, header: FaultyHeader, offset?: number): ProtocolError {
  const [code, section, closeCode] = faults[fault] as readonly [ProtocolErrorCode, string, number]
  const details = { reference: `RFC 6455 ${section}`, closeCode }
  return new ProtocolError(code, messageOf(fault, header), offset === undefined ? details : { ...details, offset })
}

function messageOf(fault: number, { opcode, rsv = 0, lengthSize = 0, least = 0, limit = '' }: FaultyHeader): string {
  switch (fault) {
    case RESERVED_BITS:
      return `${bitNames(rsv)} set on a frame with opcode ${opcode}, where no extension that was agreed on allows it`
    case RESERVED_OPCODE:
      return `opcode ${opcode} is reserved, and no extension that was agreed on claims it`
    case CONTROL_FRAGMENTED:
      return `a control frame (opcode ${opcode}) without FIN; control frames are never fragmented`
    case NO_MESSAGE:
      return 'a continuation frame, but no message has begun'
    case MESSAGE_OPEN:
      return `a new message (opcode ${opcode}) inside one that has not ended; a continuation was due`
    case UNMASKED:
      return 'a frame without a mask; every frame from a client is masked'
    case MASKED:
      return 'a masked frame; no frame from a server is masked'
    case CONTROL_LONG:
      return `a control frame (opcode ${opcode}) whose length takes more than its second byte; ${MAX_CONTROL_PAYLOAD} bytes are allowed`
    case CLOSE_OF_ONE:
      return 'a Close frame of one byte; its code takes two'
    case TOP_BIT:
      return 'a payload length with its top bit set; it has 63 bits'
    case NOT_MINIMAL:
      return `a payload length in ${lengthSize} bytes more that is less than ${lengthSize === 2 ? 126 : 65_536}; the fewest bytes that hold it are required`
    case BEYOND_EXACT:
      return 'a frame of more than 2^53−1 bytes, which cannot even be counted exactly'
    default:
      return `a frame of at least ${least} bytes; ${limit}`
  }
}

function bitNames(rsv: number): string {
  return ['RSV1', 'RSV2', 'RSV3'].filter((_, i) => rsv & (4 >> i)).join(', ')
}

/** The receiver's state for {@link checkFrameHeader}. */
export interface HeaderState {
  /** The side that received it. */
  readonly role: Role
  /** Whether a message has begun and not ended. */
  readonly message: 'none' | 'open'
  /** The bits that extensions may set on the first frame of a message, 0–7. Default 0. */
  readonly rsv?: number | undefined
  /** Reserved opcodes used by extensions (3–7, 11–15). Any other opcode here has no effect. Default: none. */
  readonly opcodes?: readonly number[] | undefined
}

const stateNames: readonly string[] = ['role', 'message', 'rsv', 'opcodes']

/**
 * Checks whether a header from the peer is valid in the current state. The only limit is 2^53−1 bytes: the decoder checks
 * `limits.maxFrameSize`. An extension's opcode is checked by its number: 3–7 begin a message, as text and binary do, 11–15 are
 * control frames (RFC 6455 §5.2, §5.8).
 *
 * @param header As {@link decodeFrameHeader} returns it.
 * @returns The error, to throw, log or send; `undefined` if the header is valid. Codes: `reserved-bits`, `reserved-opcode`,
 *   `control-frame`, `continuation`, `unmasked`, `masked`, `close-payload`, `length` (close code 1002) and `too-large` (1009). If
 *   several apply, the first wrong byte decides.
 * @throws TypeError or RangeError for an invalid header or state.
 * @see RFC 6455 §5.1–§5.5
 * @example
 * const header = decodeFrameHeader(Uint8Array.of(0x81, 0x05))
 * if (header) checkFrameHeader(header, { role: 'server', message: 'none' })?.code // 'unmasked'
 */
export function checkFrameHeader(header: FrameHeader, state: HeaderState): ProtocolError | undefined {
  requireHeader(header)
  checkOptionNames(state, stateNames, 'the state of a header')
  const { role, message, rsv = 0, opcodes } = state
  requireRole(role)
  if (message !== 'none' && message !== 'open')
    throw new TypeError(`message must be 'none' or 'open', not ${describeValue(message)}`)
  requireWhole(rsv, 'rsv', 7)
  if (opcodes !== undefined && !Array.isArray(opcodes))
    throw new TypeError(`opcodes must be an array of numbers, not ${describeValue(opcodes)}`)
  const { opcode, payloadLength, lengthSize } = header
  const judgedAs = opcodes?.includes(opcode) ? standIn(opcode) : opcode
  const first = (header.fin ? FIN_BIT : 0) | (header.rsv << 4) | judgedAs
  const second = toSecondByte(header.maskKey !== undefined, payloadLength, lengthSize)
  const fault = frameFault(
    first,
    second,
    payloadLength,
    payloadLength,
    role === 'server',
    message === 'open',
    rsv,
    MOST,
  )
  return fault === 0 ? undefined : frameError(fault, header)
}

/**
 * A standard opcode with the same rules as an extension's: "%x3-7 are reserved for further non-control frames", "%xB-F are reserved
 * for further control frames" (§5.2). Standard opcodes are returned unchanged.
 */
function standIn(opcode: number): number {
  if (opcode > Opcode.Pong) return Opcode.Pong
  return opcode > Opcode.Binary && opcode < FIRST_CONTROL ? Opcode.Binary : opcode
}
