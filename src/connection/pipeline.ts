/**
 * Runs the extensions of a connection on its messages: in the agreed order going out, in reverse coming in (RFC 6455 §5.8, §9.1).
 * Also limits how far a message may grow.
 *
 * @module
 */

import { describeValue, wrongAnswer } from '../arguments.ts'
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { nothing } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import type { FrameDecoder } from '../frame/decoder.ts'
import { toFirstByte } from '../frame/header.ts'
import type { DataPiece } from '../frame/messages.ts'
import type { PieceInfo, Transform } from '../frame/transform.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Extension } from '../handshake/extension.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import { openStages, type Stage } from './stages.ts'

/** One object for all pieces, to avoid an allocation for each. */
class Piece implements PieceInfo {
  opcode = 0
  first = false
  last = false
  room = 0
  wanted = Infinity
  compress: boolean | undefined = undefined
  /** Hidden from extensions. */
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  get roomLimit(): string {
    return this.#budget.name
  }
}

/** A frame's piece for the assembler: the length in the header was counted before it was decoded. */
class InflatedPiece implements DataPiece {
  opcode = 0
  fin = false
  first = false
  last = false
  readonly payloadLength = 0
}

/** Bytes that a message may inflate to before the ratio applies: small texts compress well. */
const RATIO_FROM = 2 ** 20

/** How far the current message may grow. */
class Budget {
  /**
   * Its bytes before and after decoding; a frame's length counts once its header is read, so that chunk sizes make no difference.
   */
  received = 0
  produced = 0
  private readonly limits: ResolvedLimits

  constructor(limits: ResolvedLimits) {
    this.limits = limits
  }

  /** Bytes that the message may still produce. Checked before and during decoding, not after. */
  get room(): number {
    return Math.max(0, Math.min(this.limits.maxMessageSize, this.byRatio) - this.produced)
  }

  /** The limit that applies. */
  get name(): string {
    const { maxMessageSize, maxInflateRatio } = this.limits
    return maxMessageSize <= this.byRatio
      ? `limits.maxMessageSize is ${maxMessageSize}`
      : `limits.maxInflateRatio is ${maxInflateRatio}`
  }

  private get byRatio(): number {
    const { maxInflateRatio } = this.limits
    return maxInflateRatio === Infinity ? Infinity : Math.max(RATIO_FROM, maxInflateRatio * this.received)
  }
}

/** The state of a pipeline, as plain data. */
export interface PipelineState {
  readonly bits: number
  readonly leaves: boolean
  readonly received: number
  readonly produced: number
  readonly encodedOpcode: number
  readonly incoming: { readonly opcode: number; readonly fin: boolean; readonly endsFrame: boolean }
  /** Output not returned yet, base64. */
  readonly waiting?: string | undefined
  readonly stages: readonly { readonly encodes: boolean; readonly fresh: boolean; readonly state: unknown }[]
}

/** The transforms of a connection's agreement. */
export class Pipeline {
  /** The RSV bits that messages may carry. */
  readonly rsv: number
  /** The last decoded piece, for the assembler. */
  readonly piece: DataPiece
  /** The opcode of the message encoded last, with its RSV bits as in a first byte. */
  encodedOpcode = 0

  // "if the header field |Sec-WebSocket-Extensions| sent by the server has the value 'foo, bar', then operations on the data
  // will be made as bar(foo(data))": in the agreement's order outwards, and back inwards.               RFC 6455 §9.1
  private readonly stages: readonly Stage[]
  private readonly marksNothing: boolean
  private readonly inflated = new InflatedPiece()
  private readonly budget: Budget
  private readonly incoming: Piece
  private readonly outgoing: Piece
  /** Whether an extension without a transform leaves the current message to the application: it is not decoded here. */
  leaves = false
  /** The RSV bits of the current message. */
  bits = 0
  /** Whether the current piece is the last of its frame. */
  private endsFrame = false
  /** Whether {@link decodeMore} can return more of the current piece. */
  hasMore = false
  /** Output of the current piece that has not been returned. */
  private waiting: Uint8Array | undefined = undefined
  private closed = false

  constructor(stages: readonly Stage[], limits: ResolvedLimits) {
    this.stages = stages
    this.budget = new Budget(limits)
    this.incoming = new Piece(this.budget)
    this.outgoing = new Piece(this.budget)
    this.rsv = stages.reduce((bits, { rsv }) => bits | rsv, 0)
    this.marksNothing = stages.some(({ rsv }) => rsv === 0)
    this.piece = this.inflated
  }

  /** Whether extensions process the message of the current piece. */
  takes(decoder: FrameDecoder): boolean {
    if (decoder.begins && decoder.opcode !== Opcode.Continuation) this.begin(decoder)
    if (this.bits === 0 && !this.marksNothing) return false
    const { inflated } = this
    // Text that is still encoded cannot be validated.
    inflated.opcode = this.leaves && decoder.opcode === Opcode.Text ? Opcode.Binary : decoder.opcode
    inflated.fin = decoder.fin
    return true
  }

  /**
   * Decodes the current piece, `bytes`; {@link piece} then describes the result. Output past `wanted` bytes is kept, and
   * {@link hasMore} is true. Throws ProtocolError for data that its extension rejects, and past the limits on a message.
   */
  decode(decoder: FrameDecoder, bytes: Uint8Array, wanted: number): Uint8Array {
    this.endsFrame = decoder.last
    if (decoder.begins) this.budget.received += decoder.payloadLength
    return this.handOut(this.run(this.leaves ? -1 : this.stages.length - 1, bytes, wanted), wanted)
  }

  /** Continues with the output of the current piece, while {@link hasMore}. */
  decodeMore(wanted: number): Uint8Array {
    if (this.waiting !== undefined) return this.handOut(this.waiting, wanted)
    // The stage nearest the output: earlier stages wait until it is done.
    return this.handOut(
      this.run(
        this.stages.findIndex(({ more }) => more),
        nothing,
        wanted,
      ),
      wanted,
    )
  }

  /** Discards all incoming data. */
  stopDecoding(): void {
    this.waiting = undefined
    this.hasMore = false
  }

  /**
   * Encodes an outgoing message or a piece of one; {@link encodedOpcode} is the opcode of its first frame.
   *
   * @param first Whether the message begins with this piece; `last`: whether it ends with it.
   */
  encode(opcode: number, piece: Uint8Array, first: boolean, last: boolean, compress: boolean | undefined): Uint8Array {
    const { outgoing } = this
    outgoing.opcode = opcode
    outgoing.first = first
    outgoing.last = last
    outgoing.compress = compress
    if (first) this.beginEncoding(opcode)
    let bytes = piece
    for (const stage of this.stages) {
      if (!first && !stage.encodes) continue
      const encoded = stage.transform?.encode(bytes, outgoing)
      stage.encodes = encoded !== undefined
      if (encoded === undefined && first) continue
      if (!(encoded instanceof Uint8Array))
        checkBytes('encode', stage.name, encoded, first ? 'a Uint8Array or undefined' : 'a Uint8Array')
      bytes = encoded as Uint8Array
      if (first) this.encodedOpcode |= toFirstByte(0, false, stage.rsv)
    }
    return bytes
  }

  /** Whether messages with exactly these bits are left to the application, which may then send them. */
  leavesAll(rsv: number): boolean {
    const left = this.stages.filter((stage) => stage.transform === undefined && (stage.rsv & rsv) === stage.rsv)
    return left.length > 0 && left.reduce((bits, stage) => bits | stage.rsv, 0) === rsv
  }

  /** The type of the current message, before any processing. */
  get kind(): 'text' | 'binary' {
    return this.incoming.opcode === Opcode.Text ? 'text' : 'binary'
  }

  /** A key shared by pipelines that encode whole messages identically; `undefined`: each message depends on those before it. */
  get sharing(): string | undefined {
    const keys: (string | number)[] = []
    for (const { name, rsv, transform } of this.stages) {
      if (transform === undefined) continue
      if (transform.sharing === undefined) return undefined
      keys.push(name, rsv, transform.sharing)
    }
    // Extensions may use any string, so JSON keeps different lists apart.
    return JSON.stringify(keys)
  }

  /** The state as plain data; `undefined`: an extension cannot move. */
  snapshot(): PipelineState | undefined {
    const { bits, leaves, encodedOpcode } = this
    const { received, produced } = this.budget
    const stages = this.stages.map(({ encodes, fresh, transform }) => ({
      encodes,
      fresh,
      state: transform === undefined ? null : transform.snapshot?.(),
    }))
    if (stages.some(({ state }) => state === undefined)) return undefined
    const incoming = { opcode: this.incoming.opcode, fin: this.inflated.fin, endsFrame: this.endsFrame }
    const waiting = this.waiting && encodeBase64(this.waiting)
    return { bits, leaves, received, produced, encodedOpcode, incoming, waiting, stages }
  }

  /** Restores a snapshot. Throws `TypeError` if it is of other extensions. */
  resume(state: PipelineState): void {
    const { bits, leaves, received, produced, encodedOpcode, incoming, waiting, stages } = requireObject(state)
    if (!Array.isArray(stages) || stages.length !== this.stages.length)
      throw new TypeError('this snapshot is of other extensions')
    this.bits = requireInteger(bits, 0, 7)
    this.leaves = requireFlag(leaves)
    this.budget.received = requireInteger(received, 0, Number.MAX_SAFE_INTEGER)
    this.budget.produced = requireInteger(produced, 0, Number.MAX_SAFE_INTEGER)
    this.encodedOpcode = requireInteger(encodedOpcode, 0, 127)
    this.incoming.opcode = requireInteger(requireObject(incoming).opcode, 0, Opcode.Binary)
    this.inflated.fin = requireFlag(incoming.fin)
    this.endsFrame = requireFlag(incoming.endsFrame)
    for (const [index, told] of stages.entries()) {
      const stage = this.stages[index] as Stage
      stage.encodes = requireFlag(requireObject(told).encodes)
      stage.fresh = requireFlag(told.fresh)
      if (told.state !== null) resumeStage(stage, told.state)
      stage.more = stage.transform !== undefined && hasMore(stage.name, stage.transform)
    }
    if (waiting !== undefined) this.waiting = decodeBase64(waiting)
    this.hasMore = waiting !== undefined || this.stages.some(({ more }) => more)
  }

  /** Runs once, however often the connection ends. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.stopDecoding()
    for (const { transform } of this.stages) {
      try {
        transform?.close?.()
      } catch {
        // The others must still be closed, and the end reported. Nothing useful can be done with the error: as `Transform` says,
        // what `close` throws is ignored.
      }
    }
  }

  private beginEncoding(opcode: number): void {
    this.encodedOpcode = opcode
    for (const stage of this.stages) stage.encodes = false
  }

  /**
   * Passes a piece to the stage at `from`, and its output to those after it. A stage gets an empty piece only if it ends the
   * message, or if the stage has more output.
   */
  private run(from: number, piece: Uint8Array, wanted: number): Uint8Array {
    const { incoming, stages, bits, budget } = this
    incoming.room = budget.room
    incoming.wanted = this.judged ? Math.min(wanted, Math.max(1, Math.floor(incoming.room))) : wanted
    let bytes = piece
    let last = this.inflated.fin && this.endsFrame
    for (let index = from + 1; index < stages.length; index++) if (stages[index]?.more) last = false
    for (let index = from; index >= 0; index--) {
      const stage = stages[index] as Stage
      const { rsv, transform } = stage
      if (transform === undefined || (rsv & bits) !== rsv) continue
      if (bytes.length === 0 && !last && !stage.more) continue
      incoming.first = stage.fresh
      incoming.last = last
      stage.fresh = false
      bytes = transform.decode(bytes, incoming)
      if (!(bytes instanceof Uint8Array)) checkBytes('decode', stage.name, bytes, 'a Uint8Array')
      stage.more = hasMore(stage.name, transform)
      if (stage.more) last = false
    }
    return bytes
  }

  /** Whether the output must be UTF-8. Then what fits is returned before `too-large`: chunk sizes make no difference. */
  private get judged(): boolean {
    return this.incoming.opcode === Opcode.Text && !this.leaves
  }

  /** Returns as much output as wanted, in its own array if it is cut; the rest is kept. Throws ProtocolError past the limits. */
  private handOut(bytes: Uint8Array, wanted: number): Uint8Array {
    const { budget } = this
    const room = Math.floor(budget.room)
    if (bytes.length > room && !(room > 0 && this.judged)) throw tooLarge(budget)
    const most = Math.min(wanted, room)
    const whole = this.waiting === undefined && bytes.length <= most
    this.waiting = bytes.length > most ? bytes.subarray(most) : undefined
    budget.produced += Math.min(bytes.length, most)
    this.hasMore = this.waiting !== undefined
    if (!this.hasMore) for (const { more } of this.stages) if (more) this.hasMore = true
    this.inflated.last = this.endsFrame && !this.hasMore
    return whole ? bytes : new Uint8Array(bytes.subarray(0, most))
  }

  private begin({ opcode, rsv }: FrameDecoder): void {
    for (const stage of this.stages) {
      if ((stage.rsv & rsv) !== 0 && (stage.rsv & rsv) !== stage.rsv) throw halfMarked(stage, rsv)
      stage.fresh = true
    }
    this.bits = rsv
    this.leaves = this.stages.some((stage) => stage.transform === undefined && (stage.rsv & rsv) === stage.rsv)
    this.budget.received = 0
    this.budget.produced = 0
    this.incoming.opcode = opcode
  }
}

/**
 * The pipeline of an agreement; `undefined` without extensions. Throws as {@link openStages} does, and `TypeError` for extensions
 * without an agreement: they would not be used, and the peer would be blamed for using them.
 */
export function openPipeline(
  agreement: Agreement | undefined,
  extensions: readonly Extension[] | undefined,
  role: Role,
  limits: ResolvedLimits,
): Pipeline | undefined {
  if (extensions !== undefined && !Array.isArray(extensions))
    throw new TypeError(`\`extensions\` must be an array of extensions, not ${describeValue(extensions)}`)
  if (agreement === undefined && extensions !== undefined && extensions.length > 0)
    throw new TypeError('extensions without an agreement are not used: give the `agreement` that the handshake came to')
  const stages = agreement === undefined ? [] : openStages(agreement, extensions ?? [], role)
  for (const { name, transform } of stages) checkTransform(name, transform)
  return stages.length === 0 ? undefined : new Pipeline(stages, limits)
}

/** The caller provides snapshots: an error that an extension finds in one is not the peer's. */
function resumeStage({ name, transform }: Stage, state: unknown): void {
  try {
    transform?.resume?.(state)
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof RangeError)) throw error
    throw new TypeError(`a snapshot has a state that the extension ${name} does not take: ${error.message}`, {
      cause: error,
    })
  }
}

/** Throws `TypeError` if `open` returned an invalid transform. */
function checkTransform(name: string, transform: Transform | undefined): void {
  if (transform === undefined) return
  const { decode, encode } = (transform ?? {}) as Partial<Transform>
  if (typeof decode !== 'function' || typeof encode !== 'function')
    throw wrongAnswer(`open of the extension ${name}`, 'an object with `encode` and `decode`, or undefined', transform)
}

function hasMore(name: string, transform: Transform): boolean {
  const more = transform.hasMore?.() ?? false
  if (typeof more !== 'boolean') throw wrongAnswer(`hasMore of the extension ${name}`, 'true or false', more)
  return more
}

/** Throws `TypeError` unless it is a `Uint8Array` of another realm. */
function checkBytes(method: 'decode' | 'encode', name: string, bytes: unknown, expected: string): void {
  if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]')
    throw wrongAnswer(`${method} of the extension ${name}`, expected, bytes)
}

function halfMarked({ name, rsv }: Stage, found: number): ProtocolError {
  const message = `a message with RSV bits ${found}, where ${name} sets all of ${rsv} or none`
  return new ProtocolError('reserved-bits', message, { reference: 'RFC 6455 §5.2', closeCode: 1002 })
}

function tooLarge({ room, produced, name }: Budget): ProtocolError {
  const message = `a message that decodes to more than ${room + produced} bytes; ${name}`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}
