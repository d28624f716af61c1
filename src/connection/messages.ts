/**
 * Messages as they come in: pieces of frames become events. Knows which messages need nobody to put them together, which pass
 * extensions first, and how they are wanted; what is wrong with a message others tell.
 *
 * @module
 */

import type { FrameDecoder } from '../frame/decoder.ts'
import { MessageAssembler, type MessageState } from '../frame/message.ts'
import { MessagePieces, type PiecesState } from '../frame/message-pieces.ts'
import type { DataPiece } from '../frame/message-progress.ts'
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
  private assembler: MessageAssembler | undefined = undefined
  private splitter: MessagePieces | undefined = undefined
  /** Bytes of the message or piece that was handed out last, as they were before a text became a string. */
  size = 0
  private readonly limits: ResolvedLimits
  private readonly pipeline: Pipeline | undefined
  private readonly strings: boolean
  private readonly pieces: boolean

  /**
   * @param strings Texts as strings, or as bytes that have been judged.
   * @param pieces Piece by piece, or whole.
   */
  constructor(limits: ResolvedLimits, pipeline: Pipeline | undefined, strings: boolean, pieces: boolean) {
    this.limits = limits
    this.pipeline = pipeline
    this.strings = strings
    this.pieces = pieces
  }

  /** Takes the current piece of a data frame. Returns the message that it completes, or what of it can be handed out. */
  read(decoder: FrameDecoder): AnyMessage | undefined {
    const { pipeline } = this
    if (pipeline?.takes(decoder)) {
      const message = this.add(pipeline.piece, pipeline.decode(decoder, this.wanted) as Bytes)
      return message && pipeline.leaves
        ? { ...message, type: 'encoded', of: pipeline.kind, rsv: pipeline.bits }
        : message
    }
    return this.readWhole(decoder) ?? this.add(decoder, decoder.payload())
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
    return this.pieces ? MAX_PIECE - (this.splitter?.heldSize ?? 0) : Infinity
  }

  /** Where they stand, as plain data. */
  snapshot(): MessagesState {
    const state = this.pieces ? this.splitter?.snapshot() : this.assembler?.snapshot()
    return { message: state?.progress.open ? state : undefined }
  }

  resume({ message }: MessagesState): void {
    if (message === undefined) return
    if (this.pieces) this.split().resume(message as PiecesState)
    else this.assemble().resume(message)
  }

  private split(): MessagePieces {
    this.splitter ??= new MessagePieces(this.limits, this.strings)
    return this.splitter
  }

  private assemble(): MessageAssembler {
    this.assembler ??= new MessageAssembler(this.limits, true)
    return this.assembler
  }

  private add(piece: DataPiece, bytes: Bytes): AnyMessage | undefined {
    this.size = bytes.length
    if (this.pieces) return this.split().push(piece, bytes) as AnyMessage | undefined
    const { strings } = this
    const assembler = this.assemble()
    if (!assembler.push(piece, bytes)) return undefined
    this.size = assembler.size
    return assembler.type === 'text' && strings
      ? { type: 'text', data: assembler.text(), first: true, last: true }
      : { type: assembler.type, data: assembler.bytes(), first: true, last: true }
  }

  /**
   * The message that the current piece of a data frame is by itself, as most are: one frame, all of it in one chunk. `undefined`
   * for any other piece, and for a message that is too large or no UTF-8: others find out what is wrong with it.
   */
  private readWhole(decoder: FrameDecoder): AnyMessage | undefined {
    const { opcode } = decoder
    const whole = decoder.fin && decoder.first && decoder.last && opcode !== Opcode.Continuation
    if (!whole || decoder.payloadLength > this.limits.maxMessageSize) return undefined
    this.size = decoder.payloadLength
    if (opcode === Opcode.Binary) return { type: 'binary', data: decoder.payload(), first: true, last: true }
    if (!this.strings) return undefined
    const data = decoder.validText()
    return data === undefined ? undefined : { type: 'text', data, first: true, last: true }
  }
}
