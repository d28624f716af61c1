/**
 * The rules of RFC 6455 §5 for received frames: headers, the order of frames, and the limits on frames and messages. The decoder checks
 * each header here, and `messages.ts` each message; payloads are not examined. Sent frames are not checked here:
 * `connection/output.ts` writes only valid frames, and `encode.ts` writes any.
 *
 * The first wrong byte decides which error is reported. A header that is split across chunks is therefore rejected at its first wrong
 * byte, with the same error as a whole header.
 *
 * @module
 */

import { type Kinds, requireOneOf, requireOptions, requireWhole } from '../arguments.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Role } from '../types.ts'
import {
  FIN_BIT,
  type FrameHeader,
  LENGTH_BITS,
  lengthSizeOf,
  MASK_BIT,
  requireHeader,
  toSecondByte,
} from './header.ts'

/** Both roles, for tables of options. */
export const roles: readonly Role[] = ['client', 'server']

// Opcodes (RFC 6455 §11.8). They are constants here, as in `close.ts`, so that programs do not bundle the whole registry.
export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** Opcodes from here on are control frames (RFC 6455 §5.5). */
export const FIRST_CONTROL = 8
/** The most payload bytes in a control frame (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD = 125

// The rules of a header, as numbers, so that checking a valid header allocates nothing. `headerError` lists them in this order.
const RESERVED_BITS = 1
const RESERVED_OPCODE = 2
const NO_MESSAGE = 3
const MESSAGE_OPEN = 4
const CONTROL_FRAGMENTED = 5
const UNMASKED = 6
const MASKED = 7
const CONTROL_LONG = 8
const CLOSE_OF_ONE = 9
const TOP_BIT = 10
const NOT_MINIMAL = 11
const TOO_LARGE = 12

/**
 * Returns the first rule that a header breaks, as a number for {@link headerError}; 0 if none. For a part of a header, it returns the
 * first rule that the part breaks whatever follows.
 *
 * @param first The first byte.
 * @param second The second byte; -1 if it is missing.
 * @param least The payload length if the header is whole; otherwise the shortest possible, with all missing bytes 0.
 * @param most The payload length if the header is whole; otherwise the longest possible, with all missing bytes 255.
 * @param server Whether the receiver is a server.
 * @param open Whether a message has begun and not ended.
 * @param rsv Bits that extensions may set on the first frame of a message.
 * @param maxFrameSize In bytes, 2^53−1 at most.
 */
export function findBrokenRule(
  first: number,
  second: number,
  least: number,
  most: number,
  server: boolean,
  open: boolean,
  rsv: number,
  maxFrameSize: number,
): number {
  const rule = findByFirstByte(first, open, rsv)
  if (rule !== 0 || second < 0) return rule
  // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames" RFC 6455 §5.1
  const masked = second >= MASK_BIT
  if (masked !== server) return server ? UNMASKED : MASKED
  const short = second & LENGTH_BITS
  if ((first & 15) >= FIRST_CONTROL) {
    // "All control frames MUST have a payload length of 125 bytes or less" RFC 6455 §5.5
    if (short > MAX_CONTROL_PAYLOAD) return CONTROL_LONG
    // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer" RFC 6455 §5.5.1
    return short === 1 && (first & 15) === CLOSE ? CLOSE_OF_ONE : 0
  }
  if (short > 125) return findByLength(second, least, most, maxFrameSize)
  return least > maxFrameSize ? TOO_LARGE : 0
}

function findByFirstByte(first: number, open: boolean, rsv: number): number {
  const opcode = first & 15
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values." RFC 6455 §5.2. Known extensions mark the
  // first frame of a message (RFC 7692 §6.1).
  if ((first & 0x70) !== 0 && ((first >> 4) & 7 & ~(opcode === TEXT || opcode === BINARY ? rsv : 0)) !== 0)
    return RESERVED_BITS
  if (opcode <= BINARY) return findByOrder(opcode, open)
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_." RFC 6455 §5.2
  if (opcode < FIRST_CONTROL || opcode > PONG) return RESERVED_OPCODE
  // "All control frames … MUST NOT be fragmented." RFC 6455 §5.5
  return first < FIN_BIT ? CONTROL_FRAGMENTED : 0
}

/**
 * "The fragments of one message MUST NOT be interleaved between the fragments of another message", and all but the first have
 * opcode 0. RFC 6455 §5.4
 */
function findByOrder(opcode: number, open: boolean): number {
  if ((opcode === 0) === open) return 0
  return open ? MESSAGE_OPEN : NO_MESSAGE
}

/** Checks a length of 16 or 64 bits. */
function findByLength(second: number, least: number, most: number, maxFrameSize: number): number {
  // "the most significant bit MUST be 0" RFC 6455 §5.2
  if (least >= 2 ** 63) return TOP_BIT
  // "in all cases, the minimal number of bytes MUST be used to encode the length" RFC 6455 §5.2
  const minimum = minimumIn(second)
  if (most < minimum) return NOT_MINIMAL
  // Further bytes must never turn a 1009 into a 1002, so a length that may still break the rule above is not compared with the limit.
  // "implementation-specific limits regarding the frame size or total message size" RFC 6455 §10.4
  return least >= minimum && least > maxFrameSize ? TOO_LARGE : 0
}

/** Returns the smallest length that needs the extended length announced by the second byte. */
function minimumIn(second: number): number {
  return lengthSizeOf(second) === 2 ? 126 : 65_536
}

/**
 * Creates the error for a rule from {@link findBrokenRule}.
 *
 * @param least The shortest payload length that the deciding bytes allow.
 * @param limit The limit that applies, such as `limits.maxFrameSize is 5`.
 * @param offset Bytes of the stream before the frame, if known.
 */
export function headerError(
  rule: number,
  first: number,
  second: number,
  least: number,
  limit: string,
  offset?: number,
): ProtocolError {
  const opcode = `opcode ${first & 15}`
  const all: readonly (readonly [ProtocolErrorCode, section: string, message: string])[] = [
    ['reserved-bits', '5.2', `${bitNames(first)} set on ${opcode} but not negotiated`],
    ['reserved-opcode', '5.2', `${opcode} is reserved`],
    ['continuation', '5.4', 'continuation without a message'],
    ['continuation', '5.4', `${opcode} inside an unfinished message`],
    ['control-frame', '5.5', `control frame (${opcode}) without FIN`],
    ['unmasked', '5.1', 'unmasked frame from a client'],
    ['masked', '5.1', 'masked frame from a server'],
    ['control-frame', '5.5', `control frame (${opcode}) with an extended length`],
    ['close-payload', '5.5.1', 'Close payload of 1 byte'],
    ['length', '5.2', 'payload length with its top bit set'],
    ['length', '5.2', `payload length below ${minimumIn(second)} in ${lengthSizeOf(second)} bytes`],
    ['too-large', '10.4', `frame of at least ${least} bytes; ${limit}`],
  ]
  const [code, section, message] = all[rule - 1] as (typeof all)[number]
  return rfcError(code, section, message, offset)
}

function bitNames(first: number): string {
  return ['RSV1', 'RSV2', 'RSV3'].filter((_, i) => first & (0x40 >> i)).join(', ')
}

/** Returns the error for a data frame that is out of order, `continuation` (1002); `undefined` for any other. */
export function findOrderError(opcode: number, open: boolean): ProtocolError | undefined {
  const rule = findByOrder(opcode, open)
  return rule === 0 ? undefined : headerError(rule, opcode, 0, 0, '')
}

/** Returns the error for a message that exceeds a limit, `too-many` or `too-large` (1009, RFC 6455 §10.4); `undefined` for any other. */
export function findMessageError(frames: number, size: number, limits: ResolvedLimits): ProtocolError | undefined {
  const { maxFragments, maxMessageSize } = limits
  return frames <= maxFragments && size <= maxMessageSize ? undefined : messageError(frames, size, limits)
}

function messageError(frames: number, size: number, { maxFragments, maxMessageSize }: ResolvedLimits): ProtocolError {
  return frames > maxFragments
    ? rfcError('too-many', '10.4', `message of ${frames} frames; limits.maxFragments is ${maxFragments}`)
    : rfcError('too-large', '10.4', `message of at least ${size} bytes; limits.maxMessageSize is ${maxMessageSize}`)
}

/** Creates the error for a broken rule of RFC 6455, with the close code that answers it (§7.4.1). */
export function rfcError(code: ProtocolErrorCode, section: string, message: string, offset?: number): ProtocolError {
  const closeCode = code === 'utf8' ? 1007 : code.startsWith('too-') ? 1009 : 1002
  const details = { reference: `RFC 6455 §${section}`, closeCode }
  return new ProtocolError(code, message, offset === undefined ? details : { ...details, offset })
}

/**
 * The receiver's state for {@link findFrameHeaderError}.
 *
 * @category Frames and messages
 */
export interface HeaderState {
  /** The side that received the header. */
  readonly role: Role
  /** `'open'` if a message has begun and not ended. */
  readonly message: 'none' | 'open'
  /** The RSV bits that extensions may set on the first frame of a message, 0–7. Default: 0. */
  readonly rsv?: number | undefined
  /** Reserved opcodes that extensions use (3–7, 11–15). Other opcodes here have no effect. Default: none. */
  readonly opcodes?: readonly number[] | undefined
}

const stateKinds: Kinds = { role: roles, message: ['none', 'open'], rsv: 'any', opcodes: 'array' }

/**
 * Checks whether a header from the peer is valid in the current state. The only size limit is 2^53−1 bytes; the decoder checks
 * `limits.maxFrameSize`. The opcode of an extension is checked by its number: 3–7 begin a message, as text and binary do; 11–15 are
 * control frames (RFC 6455 §5.2, §5.8).
 *
 * @param header A result of {@link decodeFrameHeader}.
 * @returns The error, for you to throw, log or send; `undefined` if the header is valid. Its code is `reserved-bits`,
 *   `reserved-opcode`, `control-frame`, `continuation`, `unmasked`, `masked`, `close-payload` or `length` (close code 1002), or
 *   `too-large` (1009). If several apply, the first wrong byte decides.
 * @throws TypeError or RangeError for an invalid header or state.
 * @see RFC 6455 §5.1–§5.5
 * @example
 * const header = decodeFrameHeader(Uint8Array.of(0x81, 0x05))
 * if (header) findFrameHeaderError(header, { role: 'server', message: 'none' })?.code // 'unmasked'
 *
 * @category Frames and messages
 */
export function findFrameHeaderError(header: FrameHeader, state: HeaderState): ProtocolError | undefined {
  requireHeader(header)
  requireOptions(state, stateKinds, 'the state of a header')
  const { role, message, rsv = 0, opcodes } = state
  requireOneOf(role, roles, '`role`')
  requireOneOf(message, ['none', 'open'], '`message`')
  requireWhole(rsv, '`rsv`', 0, 7)
  const { opcode, payloadLength, lengthSize } = header
  const bits = (header.fin ? FIN_BIT : 0) | (header.rsv << 4)
  const second = toSecondByte(header.maskKey !== undefined, payloadLength, lengthSize)
  const rule = findBrokenRule(
    bits | (opcodes?.includes(opcode) ? toStandardOpcode(opcode) : opcode),
    second,
    payloadLength,
    payloadLength,
    role === 'server',
    message === 'open',
    rsv,
    Number.MAX_SAFE_INTEGER,
  )
  return rule === 0 ? undefined : headerError(rule, bits | opcode, second, payloadLength, 'the limit is 2^53−1')
}

/**
 * Returns a standard opcode with the same rules as an extension's opcode: "%x3-7 are reserved for further non-control frames", "%xB-F
 * are reserved for further control frames" (§5.2). Returns a standard opcode unchanged.
 */
function toStandardOpcode(opcode: number): number {
  if (opcode > PONG) return PONG
  return opcode > BINARY && opcode < FIRST_CONTROL ? BINARY : opcode
}
