/**
 * Messages as they come in: pieces of frames become events. Knows which messages need nobody to put them together, which pass
 * extensions first, and how they are wanted; what is wrong with a message others tell.
 *
 * @module
 */

import { requireObject } from '../bytes/plain.ts'
import type { FrameDecoder } from '../frame/decoder.ts'
import { MessageAssembler, type MessageState } from '../frame/message.ts'
import { MessagePieces, type PiecesState } from '../frame/message-pieces.ts'
import type { DataPiece, MessageProgress } from '../frame/message-progress.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import type { AnyMessage } from './events.ts'
import type { Pipeline } from './pipeline.ts'

/** Where the incoming messages stand: plain data. */
export interface MessagesState {
  /** The one that has begun and not ended. */
  readonly message?: MessageState | PiecesState | undefined
}

/** A piece of a message has at most so many bytes; of a text as strings: before they are decoded. */
const MAX_PIECE = 65_536

/** The incoming messages of one connection. */
export class Messages {
  /** What whole messages are put together by, or what hands out their pieces. */
  private readonly assembler: MessageAssembler | undefined
  private readonly splitter: MessagePieces | undefined
  /** Judges the header of every data frame, whatever decodes it. */
  private readonly progress: MessageProgress
  /** Bytes of the data of the last event, as they were before a text became a string. */
  size = 0
  private readonly pipeline: Pipeline | undefined
  private readonly strings: boolean

  /**
   * @param strings Texts as strings, or as bytes that have been judged.
   * @param pieces Piece by piece, or whole.
   */
  constructor(limits: ResolvedLimits, pipeline: Pipeline | undefined, strings: boolean, pieces: boolean) {
    this.pipeline = pipeline
    this.strings = strings
    this.splitter = pieces ? new MessagePieces(limits, strings) : undefined
    this.assembler = pieces ? undefined : new MessageAssembler(limits, true)
    this.progress = (this.splitter ?? (this.assembler as MessageAssembler)).progress
  }

  /** Takes the current piece of a data frame. Returns the message that it completes, or what of it can be handed out. */
  read(decoder: FrameDecoder): AnyMessage | undefined {
    const { pipeline } = this
    if (pipeline?.takes(decoder)) {
      const { piece } = pipeline
      if (decoder.begins) this.progress.beginFrame(piece)
      const message = this.add(piece, pipeline.decode(decoder, this.payload(decoder), this.wanted) as Bytes)
      return message && pipeline.leaves
        ? { ...message, type: 'encoded', of: pipeline.kind, rsv: pipeline.bits }
        : message
    }
    if (decoder.begins) {
      const message = this.readWhole(decoder)
      if (message !== undefined) return message
      this.progress.beginFrame(decoder)
    }
    return this.add(decoder, this.payload(decoder))
  }

  /** Whether an extension has more of the current piece; then that comes first, by {@link readMore}. */
  get hasMore(): boolean {
    return this.pipeline?.hasMore ?? false
  }

  /** Goes on with the piece that was read last, while {@link hasMore}. Returns as {@link read} does. */
  readMore(): AnyMessage | undefined {
    const pipeline = this.pipeline as Pipeline
    return this.add(pipeline.piece, pipeline.decodeMore(this.wanted) as Bytes)
  }

  /** Bytes that the next piece may have. */
  get wanted(): number {
    return this.splitter === undefined ? Infinity : MAX_PIECE - this.splitter.heldSize
  }

  /** Where they stand, as plain data. */
  snapshot(): MessagesState {
    if (!this.progress.open) return { message: undefined }
    return { message: this.splitter?.snapshot() ?? this.assembler?.snapshot() }
  }

  resume(state: MessagesState): void {
    const { message } = requireObject(state)
    if (message === undefined) return
    this.splitter?.resume(message as PiecesState)
    this.assembler?.resume(message)
  }

  /** The current piece: what is kept until its message is complete shares no memory with what is handed out meanwhile. */
  private payload(decoder: FrameDecoder): Bytes {
    const kept = this.assembler !== undefined && !(decoder.fin && decoder.last)
    return kept ? decoder.payloadToKeep() : decoder.payload()
  }

  private add(piece: DataPiece, bytes: Bytes): AnyMessage | undefined {
    this.size = bytes.length
    const { assembler } = this
    if (assembler === undefined) return this.splitter?.add(piece, bytes)
    if (!assembler.add(piece, bytes)) return undefined
    this.size = assembler.size
    return assembler.type === 'text' && this.strings
      ? { type: 'text', data: assembler.text(), first: true, last: true }
      : { type: assembler.type, data: assembler.bytes(), first: true, last: true }
  }

  /**
   * The message that the current frame is by itself, as most are: one frame, all of it in one chunk. A short cut for messages that
   * break no rule; `undefined` for any other piece.
   */
  private readWhole(decoder: FrameDecoder): AnyMessage | undefined {
    const { opcode, payloadLength } = decoder
    const whole = decoder.fin && decoder.last && opcode !== Opcode.Continuation
    if (!whole || !this.progress.acceptsWhole(payloadLength)) return undefined
    const text = opcode === Opcode.Text
    if (text && !this.strings) return undefined
    const data = text ? decoder.validText() : decoder.payload()
    if (data === undefined) return undefined
    this.size = payloadLength
    return { type: text ? 'text' : 'binary', data, first: true, last: true }
  }
}
