/**
 * Every first byte with every second byte, for either side, with a message open or not: a decoder and `findFrameHeaderError` must
 * agree with RFC 6455 §5.1 to §5.5. The rules are repeated here, each as a sentence of the RFC and a plain condition.
 */

import { expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { decodeFrameHeader, type FrameHeader } from '../../src/frame/header.ts'
import { findFrameHeaderError } from '../../src/frame/rules.ts'
import type { Role } from '../../src/types.ts'
import { columns, long } from '../share.ts'
import { concat, hex } from '../wire.ts'

/** A header, bit by bit, and the receiver's state. */
interface Place {
  readonly role: Role
  readonly open: boolean
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  /** The 7 bits, and the length in them or in the bytes after them. */
  readonly short: number
  readonly length: bigint
}

type Rule = readonly [code: string, reference: string, isBroken: (place: Place) => boolean]

/** In the order of the bytes, which is the order of precedence. No extension has been negotiated. */
const rules: readonly Rule[] = [
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
  ['reserved-bits', 'RFC 6455 §5.2', ({ rsv }) => rsv !== 0],
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
  ['reserved-opcode', 'RFC 6455 §5.2', ({ opcode }) => ![0x0, 0x1, 0x2, 0x8, 0x9, 0xa].includes(opcode)],
  // "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
  ['control-frame', 'RFC 6455 §5.5', ({ opcode, fin }) => opcode >= 0x8 && !fin],
  // "A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0, followed by zero or
  // more frames with the FIN bit clear and the opcode set to 0, and terminated by a single frame with the FIN bit set and an
  // opcode of 0." "The fragments of one message MUST NOT be interleaved between the fragments of another message".
  ['continuation', 'RFC 6455 §5.4', ({ opcode, open }) => opcode === 0x0 && !open],
  ['continuation', 'RFC 6455 §5.4', ({ opcode, open }) => (opcode === 0x1 || opcode === 0x2) && open],
  // "The server MUST close the connection upon receiving a frame that is not masked."
  ['unmasked', 'RFC 6455 §5.1', ({ role, masked }) => role === 'server' && !masked],
  // "A client MUST close a connection if it detects a masked frame."
  ['masked', 'RFC 6455 §5.1', ({ role, masked }) => role === 'client' && masked],
  // From the sentence on control frames above: 126 and 127 mean a longer payload.
  ['control-frame', 'RFC 6455 §5.5', ({ opcode, short }) => opcode >= 0x8 && short > 125],
  // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer".
  ['close-payload', 'RFC 6455 §5.5.1', ({ opcode, short }) => opcode === 0x8 && short === 1],
  // "the most significant bit MUST be 0"
  ['length', 'RFC 6455 §5.2', ({ length }) => length >= 2n ** 63n],
  // "in all cases, the minimal number of bytes MUST be used to encode the length"
  ['length', 'RFC 6455 §5.2', ({ short, length }) => short === 126 && length <= 125n],
  ['length', 'RFC 6455 §5.2', ({ short, length }) => short === 127 && length <= 65_535n],
]

function expectedError(place: Place): string | undefined {
  const rule = rules.find(([, , isBroken]) => isBroken(place))
  return rule && `${rule[0]} 1002 ${rule[1]}`
}

const describeError = (error: ProtocolError | undefined): string | undefined =>
  error && `${error.code} ${error.closeCode} ${error.reference}`

interface Length {
  readonly length: bigint
  /** The bytes after the second one. */
  readonly bytes: Uint8Array
}

/** The bytes that may follow the second byte: lengths at, above and below the minimum for their size, and with the top bit. */
const lengthsIn: Readonly<Record<number, readonly Length[]>> = {
  126: ['007e', 'ffff', '007d'].map(toLength),
  127: ['0000000000010000', '000000000000ffff', '8000000000000000'].map(toLength),
}

function toLength(digits: string): Length {
  return { length: BigInt(`0x${digits}`), bytes: hex(digits) }
}

const nothing = new Uint8Array(0)
const key = hex('37 fa 21 3d')
/** As many bytes as a control frame may have; their values are irrelevant here. */
const payload = new Uint8Array(125)

/** A frame that leaves a message open. */
const opening: Readonly<Record<Role, Uint8Array>> = { client: hex('01 00'), server: hex('01 80 37 fa 21 3d') }

/** Returns the decoder's result for a frame after other bytes: an error, or the decoder with its fields. */
function decode(role: Role, before: Uint8Array, bytes: Uint8Array): FrameDecoder | ProtocolError {
  const decoder = new FrameDecoder({ role, pieces: true })
  decoder.push(before)
  while (decoder.next());
  decoder.push(bytes)
  try {
    if (!decoder.next()) throw new Error('the decoder waits')
    return decoder
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

function fieldsOf(fields: Pick<Place, 'fin' | 'rsv' | 'opcode'>, length: number | bigint): string {
  return `fin ${fields.fin}, rsv ${fields.rsv}, opcode ${fields.opcode}, ${length} bytes`
}

/** Checks one header in one state: both must find the same error, or none and the same fields. */
function check(place: Place, before: Uint8Array, bytes: Uint8Array): void {
  const expected = expectedError(place)
  const header = decodeFrameHeader(bytes) as FrameHeader
  const message = place.open ? 'open' : 'none'
  const judged = describeError(findFrameHeaderError(header, { role: place.role, message }))
  const decoded = decode(place.role, before, bytes)
  const found = decoded instanceof ProtocolError ? describeError(decoded) : undefined
  if (judged !== expected || found !== expected)
    expect({ place, judged, found }).toEqual({ place, judged: expected, found: expected })
  if (decoded instanceof ProtocolError) {
    if (decoded.offset !== before.length) expect(decoded.offset).toBe(before.length)
    return
  }
  const [shown, said] = [fieldsOf(decoded, decoded.payloadLength), fieldsOf(place, place.length)]
  if (shown !== said) expect(shown).toBe(said)
}

function checkBytes(role: Role, open: boolean, first: number, second: number): number {
  const before = open ? opening[role] : nothing
  const masked = second >= 0x80
  const short = second & 0x7f
  const bits = { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, masked, short }
  // Control frames arrive whole; for others a byte is enough.
  const after = [masked ? key : nothing, short === 0 ? nothing : bits.opcode < 8 ? payload.subarray(0, 1) : payload]
  const lengths = lengthsIn[short] ?? [{ length: BigInt(short), bytes: nothing }]
  for (const { length, bytes } of lengths)
    check({ role, open, ...bits, length }, before, concat(Uint8Array.of(first, second), bytes, ...after))
  return lengths.length
}

for (const role of ['client', 'server'] as const)
  for (const open of [false, true])
    test(`a ${role} checks pairs of bytes by the RFC, a message ${open ? 'open' : 'not begun'}`, () => {
      const { stackTraceLimit } = Error
      // Most pairs are rejected, and their stacks are not needed.
      Error.stackTraceLimit = 0
      let checked = 0
      try {
        for (let first = 0; first < 256; first++)
          for (const second of columns(first, 256, 8)) checked += checkBytes(role, open, first, second)
      } finally {
        Error.stackTraceLimit = stackTraceLimit
      }
      expect(checked).toBe((256 * (256 + 4 * 2)) / (long ? 1 : 8))
    })
