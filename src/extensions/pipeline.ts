/**
 * Runs the agreed extensions of a connection on its messages: in the agreed order for outgoing messages, in reverse order for incoming
 * ones (RFC 6455 §5.8, §9.1). It runs between the frame decoder and the events, and between the sending API and the frame encoder. Only
 * extension objects refer to this module, so a connection without extensions does not load it.
 *
 * @module
 */

import { requireType, wrongAnswer } from '../arguments.ts'
import { isBytes, nothing } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import type { FrameDecoder } from '../frame/decoder.ts'
import { toFirstByte } from '../frame/header.ts'
import type { FramePiece } from '../frame/messages.ts'
import { BINARY, CONTINUATION, TEXT } from '../frame/rules.ts'
import type { PieceInfo, Transform } from '../frame/transform.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Role } from '../types.ts'
import { type AgreedExtension, type Extension, missingExtension } from './extension.ts'

/** One open extension. */
export interface Stage {
  readonly name: string
  readonly rsv: number
  /** `undefined` if the application encodes and decodes the messages. */
  readonly transform: Transform | undefined
  /** Whether it processes the current outgoing message. */
  encodes: boolean
  /** Whether it has received nothing of the current incoming message. */
  fresh: boolean
  /** Whether it has more output for the input so far. */
  more: boolean
}

/** Describes a piece to an extension. Reused for all pieces, to avoid an allocation for each. */
class Piece implements PieceInfo {
  opcode = 0
  first = false
  last = false
  remaining = 0
  wanted = Infinity
  compress: boolean | undefined = undefined
  readonly #pipeline: Pipeline

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
  }

  get limitName(): string {
    return this.#pipeline.limitName
  }
}

/** A message may decode to this many bytes before `maxInflateRatio` applies, because small texts compress well. */
const RATIO_FROM = 1_048_576

/** An extension whose `hasMore` stays true may return this many empty outputs; otherwise decoding might never end. */
const MAX_EMPTY = 10_000

/** The extensions of one connection. */
export class Pipeline {
  // "if the header field |Sec-WebSocket-Extensions| sent by the server has the value 'foo, bar', then operations on the data
  // will be made as bar(foo(data))": in the agreement's order outwards, and back inwards.               RFC 6455 §9.1
  readonly stages: readonly Stage[]
  /** The RSV bits that messages may have. */
  readonly rsv: number
  /** Describes the last decoded piece to the message assembler. The frame's length was counted before it was decoded. */
  readonly piece: { -readonly [Name in keyof FramePiece]: FramePiece[Name] } = {
    opcode: 0,
    fin: false,
    payloadLength: 0,
    first: false,
    last: false,
  }
  /** The opcode of the last encoded message, with its RSV bits, as in the first byte of a frame. */
  encodedOpcode = 0
  /** The RSV bits of the current incoming message, and its opcode. */
  bits = 0
  opcode = 0
  /** Whether the current message is not decoded here, because its extension has no transform and leaves it to the application. */
  leaves = false
  /** Whether the current piece is the last of its frame. */
  endsFrame = false
  /** Whether {@link decodeMore} can return more of the current piece. */
  hasMore = false
  /** Output of the current piece that has not been returned. */
  waiting: Uint8Array | undefined = undefined
  /**
   * Bytes of the current message before and after decoding. A frame counts as soon as its header is read, so chunk sizes make no
   * difference.
   */
  received = 0
  produced = 0
  /** Whether each extension marks its messages. */
  readonly #marksAll: boolean
  readonly #limits: ResolvedLimits
  readonly #incoming: Piece
  readonly #outgoing: Piece
  /** Consecutive empty outputs of an extension that has more. */
  #empty = 0
  #closed = false

  constructor(stages: readonly Stage[], rsv: number, limits: ResolvedLimits) {
    this.stages = stages
    this.rsv = rsv
    this.#marksAll = stages.every((stage) => stage.rsv !== 0)
    this.#limits = limits
    this.#incoming = new Piece(this)
    this.#outgoing = new Piece(this)
  }

  /** Whether extensions process the message of the current piece. */
  takes(decoder: FrameDecoder): boolean {
    if (decoder.begins && decoder.opcode !== CONTINUATION) this.#begin(decoder)
    if (this.bits === 0 && this.#marksAll) return false
    const { piece } = this
    // Text that is still encoded cannot be validated.
    piece.opcode = this.leaves && decoder.opcode === TEXT ? BINARY : decoder.opcode
    piece.fin = decoder.fin
    return true
  }

  /**
   * Decodes the current piece, `bytes`; {@link piece} then describes the result. Output past `wanted` bytes is kept, and then
   * {@link hasMore} is true. Throws ProtocolError for data that an extension rejects, and for a message that exceeds the limits.
   */
  decode(decoder: FrameDecoder, bytes: Uint8Array, wanted: number): Uint8Array {
    this.endsFrame = decoder.last
    if (decoder.begins) this.received += decoder.payloadLength
    return this.#deliver(this.#run(this.leaves ? -1 : this.stages.length - 1, bytes, wanted), wanted)
  }

  /** Continues with the output of the current piece, while {@link hasMore} is true. */
  decodeMore(wanted: number): Uint8Array {
    // The stage nearest to the output: earlier stages wait until it is done.
    const next = this.stages.findIndex(({ more }) => more)
    return this.#deliver(this.waiting ?? this.#run(next, nothing, wanted), wanted)
  }

  /** Discards all incoming data. */
  stopDecoding(): void {
    this.waiting = undefined
    this.hasMore = false
  }

  /**
   * Encodes an outgoing message or a piece of one; {@link encodedOpcode} is the opcode of its first frame.
   *
   * @param first Whether the message begins with this piece.
   * @param last Whether the message ends with this piece.
   */
  encode(opcode: number, piece: Uint8Array, first: boolean, last: boolean, compress: boolean | undefined): Uint8Array {
    const info = this.#outgoing
    info.opcode = opcode
    info.first = first
    info.last = last
    info.compress = compress
    if (first) this.encodedOpcode = opcode
    let bytes = piece
    for (const stage of this.stages) {
      if (!first && !stage.encodes) continue
      const encoded = stage.transform?.encode(bytes, info)
      stage.encodes = encoded !== undefined
      if (encoded === undefined && first) continue
      bytes = checkedBytes(stage, 'encode', encoded, first)
      if (first) this.encodedOpcode |= toFirstByte(0, false, stage.rsv)
    }
    return bytes
  }

  /** Whether messages with exactly these bits are left to the application, so that it may send them. */
  leavesAll(rsv: number): boolean {
    const left = this.stages.filter((stage) => stage.transform === undefined && (stage.rsv & rsv) === stage.rsv)
    return left.length > 0 && left.reduce((bits, stage) => bits | stage.rsv, 0) === rsv
  }

  /** The type of the current message, from its opcode. */
  get kind(): 'text' | 'binary' {
    return this.opcode === TEXT ? 'text' : 'binary'
  }

  /** A key shared by pipelines that encode whole messages identically; `undefined` if each message depends on earlier ones. */
  get sharing(): string | undefined {
    const transforming = this.stages.filter(({ transform }) => transform !== undefined)
    if (transforming.some(({ transform }) => transform?.sharing === undefined)) return undefined
    // Extensions may use any string; JSON keeps different lists distinct.
    return JSON.stringify(transforming.map(({ name, rsv, transform }) => [name, rsv, transform?.sharing]))
  }

  /** Whether whole messages of this size are encoded, and may be encoded in pieces. */
  encodesInPieces(size: number, compress: boolean | undefined): boolean {
    return this.stages.every(
      ({ transform }) => transform?.threshold !== undefined && (compress ?? size >= transform.threshold),
    )
  }

  /** Runs once, however often the connection ends. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.stopDecoding()
    for (const { transform } of this.stages) {
      try {
        transform?.close?.()
      } catch {
        // As `Transform` documents, exceptions of `close` are ignored: the other extensions must still be closed, and the end reported.
      }
    }
  }

  #begin({ opcode, rsv }: FrameDecoder): void {
    this.leaves = false
    for (const stage of this.stages) {
      const marked = stage.rsv & rsv
      if (marked !== 0 && marked !== stage.rsv) {
        const message = `RSV bits ${rsv}, expected all or none of ${stage.rsv} (${stage.name})`
        throw new ProtocolError('reserved-bits', message, { reference: 'RFC 6455 §5.2', closeCode: 1002 })
      }
      if (stage.transform === undefined && marked === stage.rsv) this.leaves = true
      stage.fresh = true
    }
    this.bits = rsv
    this.opcode = opcode
    this.received = 0
    this.produced = 0
  }

  /**
   * Passes a piece to the stage at `from`, and its output to the stages after it. A stage gets an empty piece only if the piece ends
   * the message, or if the stage has more output.
   */
  #run(from: number, piece: Uint8Array, wanted: number): Uint8Array {
    const { stages, bits } = this
    const info = this.#incoming
    info.opcode = this.opcode
    info.remaining = this.#remaining
    info.wanted = this.#isValidated ? Math.min(wanted, Math.max(1, info.remaining)) : wanted
    let bytes = piece
    let last = this.piece.fin && this.endsFrame
    for (let index = from + 1; index < stages.length; index++) if (stages[index]?.more) last = false
    for (let index = from; index >= 0; index--) {
      const stage = stages[index] as Stage
      const { rsv, transform } = stage
      if (transform === undefined || (rsv & bits) !== rsv) continue
      if (bytes.length === 0 && !last && !stage.more) continue
      info.first = stage.fresh
      info.last = last
      stage.fresh = false
      bytes = checkedBytes(stage, 'decode', transform.decode(bytes, info), false)
      stage.more = readMore(stage)
      if (stage.more) last = false
      this.#empty = stage.more && bytes.length === 0 ? this.#empty + 1 : 0
      if (this.#empty > MAX_EMPTY)
        throw new TypeError(`\`${stage.name}.hasMore\` stays true, but \`decode\` returned nothing ${MAX_EMPTY} times`)
    }
    return bytes
  }

  /** Returns at most `wanted` bytes of output and keeps the rest; a part gets its own array. Throws ProtocolError past the limits. */
  #deliver(bytes: Uint8Array, wanted: number): Uint8Array {
    const remaining = this.#remaining
    if (bytes.length > remaining && !(remaining > 0 && this.#isValidated)) {
      const message = `message decodes to more than ${remaining + this.produced} bytes; ${this.limitName}`
      throw new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
    }
    const most = Math.min(wanted, remaining)
    const whole = this.waiting === undefined && bytes.length <= most
    this.waiting = bytes.length > most ? bytes.subarray(most) : undefined
    this.produced += Math.min(bytes.length, most)
    this.hasMore = this.waiting !== undefined || this.stages.some(({ more }) => more)
    this.piece.last = this.endsFrame && !this.hasMore
    return whole ? bytes : new Uint8Array(bytes.subarray(0, most))
  }

  /** Whether the output must be UTF-8. If so, the part within the limit is returned before `too-large`, whatever the chunk sizes. */
  get #isValidated(): boolean {
    return this.opcode === TEXT && !this.leaves
  }

  /** Bytes that the current message may still produce. Checked before and during decoding, not after. */
  get #remaining(): number {
    return Math.max(0, Math.floor(Math.min(this.#limits.maxMessageSize, this.#byRatio) - this.produced))
  }

  /** The limit that applies, with its value. */
  get limitName(): string {
    const { maxMessageSize, maxInflateRatio } = this.#limits
    return maxMessageSize <= this.#byRatio
      ? `limits.maxMessageSize is ${maxMessageSize}`
      : `limits.maxInflateRatio is ${maxInflateRatio}`
  }

  get #byRatio(): number {
    const { maxInflateRatio } = this.#limits
    return maxInflateRatio === Infinity ? Infinity : Math.max(RATIO_FROM, maxInflateRatio * this.received)
  }
}

/**
 * Opens the extensions of an agreement, in its order.
 *
 * @throws TypeError for an agreement that names an extension twice or one that `extensions` lacks, for extensions that share an RSV bit,
 *   for parameters that an extension rejects, and if `open` returns anything but a transform.
 */
export function openPipeline(
  agreed: readonly AgreedExtension[],
  extensions: readonly Extension[],
  role: Role,
  limits: ResolvedLimits,
): Pipeline {
  let bits = 0
  const stages: Stage[] = []
  for (const { name, params } of agreed) {
    requireType(name, 'string', "an extension's name")
    const extension = extensions.find((candidate) => candidate.name === name)
    if (extension === undefined) throw missingExtension(name)
    const { rsv } = extension
    if (stages.some((stage) => stage.name === name))
      throw new TypeError(`\`agreement\` names ${JSON.stringify(name)} twice`)
    if ((rsv & bits) !== 0) throw new TypeError(`the RSV bits of ${name}, ${rsv}, are in use`)
    bits |= rsv
    const transform = blameCaller(`the agreed parameters of ${name}`, () => extension.open(params, role))
    if (transform !== undefined && (typeof transform?.decode !== 'function' || typeof transform.encode !== 'function'))
      throw wrongAnswer(`${name}.open`, 'an object with `encode` and `decode`, or undefined', transform)
    stages.push({ name, rsv, transform, encodes: false, fresh: true, more: false })
  }
  return new Pipeline(stages, bits, limits)
}

/**
 * Calls `read`, and throws a `TypeError` for a `ProtocolError` or `RangeError`: the caller provides agreements and snapshots, so an
 * error in them is not the peer's, even if they were stored in between.
 */
export function blameCaller<Result>(message: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof RangeError)) throw error
    throw new TypeError(`${message}: ${error.message}`, { cause: error })
  }
}

/** Whether a stage has more output. */
export function readMore({ name, transform }: Stage): boolean {
  const more = transform?.hasMore?.() ?? false
  if (typeof more !== 'boolean') throw wrongAnswer(`${name}.hasMore`, 'true or false', more)
  return more
}

/** Returns a `Uint8Array`, perhaps from another realm. Throws `TypeError` for anything else. */
function checkedBytes({ name }: Stage, method: string, bytes: unknown, orNone: boolean): Uint8Array {
  if (!isBytes(bytes)) throw wrongAnswer(`${name}.${method}`, `a Uint8Array${orNone ? ' or undefined' : ''}`, bytes)
  return bytes as Uint8Array
}
