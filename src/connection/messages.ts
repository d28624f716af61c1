/**
 * Incoming messages: turns pieces of frames into events. It stands between the frame decoder and the connection, and passes
 * messages through extensions first.
 *
 * @module
 */

import { requireObject } from '../bytes/plain.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import type { FrameDecoder } from '../frame/decoder.ts'
import { type DataPiece, MessageAssembler, MessagePieces, type MessageProgress } from '../frame/messages.ts'
import {
  type MessageState,
  resumeAssembler,
  resumePieces,
  snapshotAssembler,
  snapshotPieces,
} from '../frame/snapshot.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import type { AnyMessage } from './events.ts'

/** The state of the incoming messages, as plain data. */
export interface MessagesState {
  /** The message in progress. */
  readonly message?: MessageState | undefined
}

/** The most bytes in a piece of a message; for text as strings, before decoding. */
const MAX_PIECE = 65_536

/** The incoming messages of one connection. */
export class Messages {
  /** Assembles whole messages, or returns their pieces. */
  private readonly assembler: MessageAssembler | undefined
  private readonly splitter: MessagePieces | undefined
  /** Checks the header of every data frame, however it is decoded. */
  private readonly progress: MessageProgress
  /** Bytes of data in the last event, before text is decoded. */
  size = 0
  private readonly pipeline: Pipeline | undefined
  private readonly strings: boolean

  /**
   * @param strings Text as strings, or as validated bytes.
   * @param pieces Piece by piece, or whole.
   */
  constructor(limits: ResolvedLimits, pipeline: Pipeline | undefined, strings: boolean, pieces: boolean) {
    this.pipeline = pipeline
    this.strings = strings
    this.splitter = pieces ? new MessagePieces(limits, strings) : undefined
    this.assembler = pieces ? undefined : new MessageAssembler(limits, true)
    this.progress = (this.splitter ?? (this.assembler as MessageAssembler)).progress
  }

  /** Takes the current piece of a data frame. Returns the message it completes, or the part that can be returned now. */
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

  /** Whether an extension has more of the current piece; call {@link readMore} before reading on. */
  get hasMore(): boolean {
    return this.pipeline?.hasMore ?? false
  }

  /** Continues with the piece read last, while {@link hasMore}. Returns as {@link read} does. */
  readMore(): AnyMessage | undefined {
    const pipeline = this.pipeline as Pipeline
    return this.add(pipeline.piece, pipeline.decodeMore(this.wanted) as Bytes)
  }

  /** The most bytes for the next piece. */
  get wanted(): number {
    return this.splitter === undefined ? Infinity : MAX_PIECE - this.splitter.heldSize
  }

  /** The state as plain data. */
  snapshot(): MessagesState {
    if (!this.progress.open) return { message: undefined }
    const { splitter, assembler } = this
    return { message: splitter ? snapshotPieces(splitter) : assembler && snapshotAssembler(assembler) }
  }

  resume(state: MessagesState): void {
    const { message } = requireObject(state)
    if (message === undefined) return
    if (this.splitter !== undefined) resumePieces(this.splitter, message)
    if (this.assembler !== undefined) resumeAssembler(this.assembler, message)
  }

  /** The current piece: data kept until its message is complete shares no memory with data returned in the meantime. */
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
   * The whole message, if it is one frame in one chunk, as most are. A fast path for valid messages; `undefined` for any other
   * piece.
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
