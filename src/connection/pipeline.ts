/**
 * The extensions of a connection at work: each message passes those that have marked it, or will (RFC 6455 §5.8, §9.1). Knows
 * their order, bits and limits; no extension.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import type { FrameDecoder } from '../frame/decoder.ts'
import { toFirstByte } from '../frame/header.ts'
import type { DataPiece } from '../frame/message.ts'
import type { PieceInfo, Transform } from '../frame/transform.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Extension } from '../handshake/extension.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Role } from '../types.ts'

interface Stage {
  readonly name: string
  readonly rsv: number
  readonly transform: Transform
}

/** One object for all pieces, so that none is made for each. */
class Piece implements PieceInfo {
  opcode = 0
  first = false
  last = false
  room = 0
  compress: boolean | undefined = undefined
}

/** A frame's piece as the assembler sees it: what the header announced was counted before it was inflated. */
class InflatedPiece implements DataPiece {
  opcode = 0
  fin = false
  first = false
  last = false
  readonly payloadLength = 0
}

/** Bytes that a message may inflate to before their ratio counts: texts of little content are small. */
const RATIO_FROM = 2 ** 20

/** The transforms of a connection's agreement. */
export class Pipeline {
  /** The RSV bits that messages may carry. */
  readonly rsv: number
  /** What was decoded last, for the assembler. */
  readonly piece: DataPiece
  /** The opcode of the message that was encoded last, with its RSV bits as they stand in a first byte. */
  encodedOpcode = 0

  // "if the header field |Sec-WebSocket-Extensions| sent by the server has the value 'foo, bar', then operations on the data
  // will be made as bar(foo(data))": in the agreement's order outwards, and back inwards.               RFC 6455 §9.1
  private readonly stages: readonly Stage[]
  private readonly marksNothing: boolean
  private readonly inflated = new InflatedPiece()
  private readonly incoming = new Piece()
  private readonly outgoing = new Piece()
  /** Of the current message: its bits, and its bytes before and after decoding. */
  private bits = 0
  private received = 0
  private produced = 0
  private readonly limits: ResolvedLimits

  constructor(stages: readonly Stage[], limits: ResolvedLimits) {
    this.stages = stages
    this.limits = limits
    this.rsv = stages.reduce((bits, { rsv }) => bits | rsv, 0)
    this.marksNothing = stages.some(({ rsv }) => rsv === 0)
    this.piece = this.inflated
  }

  /** Whether the current piece belongs to a message that is to be decoded. */
  takes(decoder: FrameDecoder): boolean {
    if (decoder.first && decoder.opcode !== Opcode.Continuation) this.begin(decoder)
    return this.bits !== 0 || this.marksNothing
  }

  /** Decodes the current piece. Throws ProtocolError for what its extension does not take, and past the limits on a message. */
  decode(decoder: FrameDecoder): Uint8Array {
    const { incoming, inflated } = this
    inflated.opcode = decoder.opcode
    inflated.fin = decoder.fin
    inflated.first = decoder.first
    inflated.last = decoder.last
    incoming.last = decoder.fin && decoder.last
    let bytes: Uint8Array = decoder.payload()
    this.received += bytes.length
    incoming.room = this.room()
    for (let index = this.stages.length - 1; index >= 0; index--) {
      const { rsv, transform } = this.stages[index] as Stage
      if ((rsv & this.bits) === rsv) bytes = transform.decode(bytes, incoming)
    }
    if (bytes.length > incoming.room) throw tooLarge(this.produced + incoming.room)
    this.produced += bytes.length
    incoming.first = false
    return bytes
  }

  /** A whole message as it goes out, its opcode in {@link encodedOpcode}. */
  encode(opcode: number, message: Uint8Array, compress: boolean | undefined): Uint8Array {
    const { outgoing } = this
    outgoing.opcode = opcode
    outgoing.first = true
    outgoing.last = true
    outgoing.compress = compress
    let rsvBits = 0
    let bytes = message
    for (const { rsv, transform } of this.stages) {
      const encoded = transform.encode(bytes, outgoing)
      if (encoded === undefined) continue
      bytes = encoded
      rsvBits |= rsv
    }
    this.encodedOpcode = toFirstByte(opcode, false, rsvBits)
    return bytes
  }

  close(): void {
    for (const { transform } of this.stages) transform.close?.()
  }

  private begin({ opcode, rsv }: FrameDecoder): void {
    for (const stage of this.stages)
      if ((stage.rsv & rsv) !== 0 && (stage.rsv & rsv) !== stage.rsv) throw halfMarked(stage, rsv)
    this.bits = rsv
    this.received = 0
    this.produced = 0
    this.incoming.opcode = opcode
    this.incoming.first = true
  }

  /** What is left for the current message. Checked before and while it is inflated, not after. */
  private room(): number {
    const { maxMessageSize, maxInflateRatio } = this.limits
    const ratio = maxInflateRatio === Infinity ? Infinity : Math.max(RATIO_FROM, maxInflateRatio * this.received)
    return Math.max(0, Math.min(maxMessageSize, ratio) - this.produced)
  }
}

/**
 * The pipeline of an agreement; `undefined` if nothing was agreed on.
 *
 * @throws {TypeError} where `extensions` has not just what the agreement names.
 */
export function openPipeline(
  agreement: Agreement | undefined,
  extensions: readonly Extension[] | undefined,
  role: Role,
  limits: ResolvedLimits,
): Pipeline | undefined {
  if (agreement === undefined || agreement.extensions.length === 0) return undefined
  const stages = agreement.extensions.map(({ name, params }) => {
    const extension = extensions?.find((candidate) => candidate.name === name)
    if (extension === undefined)
      throw new TypeError(
        `the agreement names the extension ${JSON.stringify(name)}, which \`extensions\` lacks; a connection without it would misread its peer`,
      )
    return { name, rsv: extension.rsv, transform: extension.open(params, role) }
  })
  return new Pipeline(stages, limits)
}

function halfMarked({ name, rsv }: Stage, found: number): ProtocolError {
  const message = `a message with RSV bits ${found}, where ${name} sets all of ${rsv} or none`
  return new ProtocolError('reserved-bits', message, { reference: 'RFC 6455 §5.2', closeCode: 1002 })
}

function tooLarge(limit: number): ProtocolError {
  const message = `a message that decodes to more than ${limit} bytes; limits.maxMessageSize and limits.maxInflateRatio say how much`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}
