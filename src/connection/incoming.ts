/**
 * The reading part of a connection: chunk → frame decoder → extensions → message. The connection pushes chunks and gets control frames,
 * messages, or pieces of messages.
 *
 * @module
 */

import type { Pipeline } from '../extensions/pipeline.ts'
import { FrameDecoder } from '../frame/decoder.ts'
import { type FramePiece, MessageAssembler, MessagePieces, type MessageProgress } from '../frame/messages.ts'
import { CONTINUATION, TEXT } from '../frame/rules.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Native } from '../native.ts'
import type { Bytes, Role } from '../types.ts'
import type { AnyMessage, TextForm } from './events.ts'

/** The options for reading. */
interface IncomingOptions {
  readonly role: Role
  readonly limits: ResolvedLimits
  readonly ownsChunks: boolean
  readonly text: TextForm
  readonly pieces: boolean
  readonly native: Native | undefined
}

/** The most bytes in a piece of a message; for text as strings, counted before decoding. */
const MAX_PIECE = 65_536

/** The most bytes of a whole message that are decoded in one step. */
const MAX_STEP = 262_144

/** Reads the frames and messages that one connection receives. */
export class Incoming {
  declare readonly decoder: FrameDecoder
  /** One of the two is set: the assembler for whole messages, or the splitter for pieces. */
  declare readonly assembler: MessageAssembler | undefined
  declare readonly splitter: MessagePieces | undefined
  /** Bytes of data in the last event, before text is decoded; if there was no event, bytes that an extension has decoded. */
  size = 0
  /** Checks the header of every data frame, however the frame is decoded. */
  readonly #progress: MessageProgress
  readonly #pipeline: Pipeline | undefined
  readonly #strings: boolean

  constructor(options: IncomingOptions, pipeline: Pipeline | undefined) {
    const { role, limits, ownsChunks, text, pieces, native } = options
    this.decoder = new FrameDecoder({ role, limits, rsv: pipeline?.rsv, ownsChunks, pieces: true, native })
    this.#pipeline = pipeline
    this.#strings = text === 'string'
    this.splitter = pieces ? new MessagePieces(limits, this.#strings, native) : undefined
    this.assembler = pieces ? undefined : new MessageAssembler(limits, true, native)
    this.#progress = (this.splitter ?? (this.assembler as MessageAssembler)).progress
  }

  /** Whether nothing of a frame or message has arrived. Never true with extensions, because they have state. */
  get atRest(): boolean {
    return this.#pipeline === undefined && this.decoder.atRest
  }

  /** Whether received bytes are unread, or an extension has more to return. */
  get hasUnread(): boolean {
    return this.decoder.hasUnread || this.hasMore
  }

  /** Whether a message has begun and not ended. */
  get isInMessage(): boolean {
    return this.#progress.open
  }

  /** Whether an extension has more output for the current piece. If so, call {@link readMore} before you read on. */
  get hasMore(): boolean {
    return this.#pipeline?.hasMore ?? false
  }

  /** Steps to the next frame, or the next piece of a data frame. Returns `false` when everything pushed has been read. */
  step(): boolean {
    if (this.splitter !== undefined) this.decoder.maxPiece = this.#wanted()
    return this.decoder.step()
  }

  /**
   * Reads the decoder's current piece of a data frame. Returns the message that it completes, or with `pieces` the part to return now.
   *
   * @throws ProtocolError for a piece that breaks a rule or a limit.
   */
  read(): AnyMessage | undefined {
    const { decoder } = this
    const pipeline = this.#pipeline
    if (pipeline?.takes(decoder)) return this.#readEncoded(pipeline)
    if (decoder.begins) {
      const message = this.#readWhole()
      if (message !== undefined) return message
      this.#progress.beginFrame(decoder)
    }
    return this.#add(decoder, this.#payload(true))
  }

  /** Continues with the last piece, while {@link hasMore} is true. Returns as {@link read} does. */
  readMore(): AnyMessage | undefined {
    const pipeline = this.#pipeline as Pipeline
    return this.#add(pipeline.piece, pipeline.decodeMore(this.#wanted()) as Bytes)
  }

  /**
   * Returns the message if it is one valid frame in one chunk, as most are; otherwise `undefined`. It skips the assembler: a short text is
   * unmasked and decoded in one step.
   */
  #readWhole(): AnyMessage | undefined {
    const { decoder } = this
    const { opcode, payloadLength } = decoder
    const whole = decoder.fin && decoder.last && opcode !== CONTINUATION
    if (!whole || !this.#progress.acceptsWhole(payloadLength)) return undefined
    const text = opcode === TEXT
    if (text && !this.#strings) return undefined
    const data = text ? decoder.validText() : decoder.payload()
    if (data === undefined) return undefined
    this.size = payloadLength
    return { type: text ? 'text' : 'binary', data, first: true, last: true }
  }

  #readEncoded(pipeline: Pipeline): AnyMessage | undefined {
    const { decoder } = this
    const { piece } = pipeline
    if (decoder.begins) this.#progress.beginFrame(piece)
    const message = this.#add(piece, pipeline.decode(decoder, this.#payload(false), this.#wanted()) as Bytes)
    return message && pipeline.leaves ? { ...message, type: 'encoded', of: pipeline.kind, rsv: pipeline.bits } : message
  }

  /**
   * Returns the current piece. If it must be kept until its message is complete, it shares no memory with data returned before that.
   *
   * @param plain Whether the message contains the piece unchanged; the assembler may then copy it.
   */
  #payload(plain: boolean): Bytes {
    const { assembler, decoder } = this
    if (assembler === undefined || (decoder.fin && decoder.last)) return decoder.payload()
    return plain && assembler.copies(decoder.end - decoder.start) ? decoder.payload() : decoder.payloadToKeep()
  }

  /** Returns the most bytes for the next piece. */
  #wanted(): number {
    return this.splitter === undefined ? MAX_STEP : MAX_PIECE - this.splitter.heldSize
  }

  #add(piece: FramePiece, bytes: Bytes): AnyMessage | undefined {
    this.size = bytes.length
    const { assembler } = this
    if (assembler === undefined) return this.splitter?.add(piece, bytes)
    if (!assembler.add(piece, bytes)) {
      if (piece === this.decoder) this.size = 0
      return undefined
    }
    this.size = assembler.size
    const { type } = assembler
    const data = type === 'text' && this.#strings ? assembler.text() : assembler.bytes()
    return { type, data, first: true, last: true }
  }
}
