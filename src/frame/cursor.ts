/**
 * Decodes chunks into pieces of frames: reads headers (`header.ts`) and checks them (`rules.ts`). `piece.ts` turns payloads into
 * arrays or text, and `decoder.ts` assembles whole frames.
 *
 * Nothing in a chunk is copied: `next` sets numbers, offsets into the chunk, and allocates nothing; `payload()` and `text()` create
 * what they return. Of a header split across chunks, up to 13 bytes are kept, and checked as they arrive. Chunks are referenced
 * until `next` has returned false.
 *
 * ```
 *              ┌──────── next frame ────────┐
 *   BETWEEN ──▶ header torn ─▶ HEADER ─▶ payload torn ─▶ PAYLOAD
 *      └── whole frame in the chunk: stays ──┘        any broken rule ─▶ FAILED, for good
 * ```
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { join } from '../bytes/join.ts'
import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { ChunkQueue } from '../bytes/queue.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import type { ProtocolError } from '../errors.ts'
import { resolveLimits } from '../limits.ts'
import { type CursorState, checkFrameState } from './cursor-state.ts'
import {
  BY_MESSAGE,
  checkDecoderOptions,
  type FrameDecoderOptions,
  OWNS,
  packMode,
  RSV_SHIFT,
  SERVER,
} from './decoder-options.ts'
import { boundLength, FIN_BIT, LENGTH_BITS, lengthSizeOf, MASK_BIT, minimalLengthSize, readLength } from './header.ts'
import { readMaskKey } from './mask.ts'
import { Piece } from './piece.ts'
import { FIRST_CONTROL, firstByteFault, frameError, frameFault } from './rules.ts'
import { TornHeader } from './torn-header.ts'

const BETWEEN = 0
const HEADER = 1
const PAYLOAD = 2
const FAILED = 3

/** The default maximum size of a piece: a small integer, which costs an idle cursor nothing. */
const MAX_PIECE = 2 ** 31 - 1

/** Bytes of a valid header. */
function headerSize(payloadLength: number, masked: boolean): number {
  return 2 + minimalLengthSize(payloadLength) + (masked ? 4 : 0)
}

/** The pieces of one stream, in order; its fields describe the current one. */
export class FrameCursor extends Piece {
  fin = false
  rsv = 0
  opcode = 0
  /** Bytes of the whole frame's payload, from its header. */
  payloadLength = 0
  /** Whether the frame's header has just been read: this is its first piece, which is empty if the chunk ends here. */
  begins = false
  /** Whether this is the frame's last piece. */
  last = false

  private readonly mode: number
  private readonly maxFrameSize: number
  private state: number = BETWEEN
  /** Whether a message has begun and not ended. */
  private open = false
  /** Chunks after the current one, if several are pushed before they are read. */
  private pending: ChunkQueue | undefined = undefined
  /** Bytes of the stream before the chunk. */
  base = 0
  /** The most bytes in a piece of a data frame; more than a control frame may have. */
  maxPiece: number = MAX_PIECE
  /** Unread bytes of the chunk that {@link keepUnread} kept. */
  private unread = 0
  private torn: TornHeader | undefined = undefined
  private error: ProtocolError | undefined = undefined

  /** @throws RangeError and TypeError for invalid options. */
  constructor(options: FrameDecoderOptions) {
    checkDecoderOptions(options)
    const limits = resolveLimits(options.limits)
    const mode = packMode(options, limits)
    super((mode & OWNS) !== 0)
    this.mode = mode
    this.maxFrameSize = Math.min(limits.maxFrameSize, Number.MAX_SAFE_INTEGER)
  }

  protected get fillsChunk(): boolean {
    if (this.unread > 0 || this.position < this.chunk.length) return false
    // The first piece of a frame follows its header.
    return this.start <= (this.begins ? headerSize(this.payloadLength, (this.mode & SERVER) !== 0) : 0)
  }

  /** Adds the next bytes of the stream, after any still unread. After an error, they are ignored. */
  push(chunk: Uint8Array): void {
    if (this.state === FAILED) return
    requireBytes(chunk, 'a chunk')
    // Until `next` has returned false, the current piece lies in the current chunk.
    if (this.chunk.length === 0 && this.pending === undefined) this.chunk = chunk
    else {
      this.pending ??= new ChunkQueue()
      this.pending.push(chunk)
    }
  }

  /** Steps to the next piece. A header that ends the chunk produces an empty first piece. */
  next(): boolean {
    while (!this.step()) if (this.pending === undefined || !this.takePending(this.pending)) return false
    return true
  }

  /** Whether anything that {@link keepUnread} kept is still unread. */
  get hasUnread(): boolean {
    return this.unread > 0
  }

  /**
   * Ends the current piece if its reader stops before the end of the chunks: the parts already read are released.
   *
   * @param borrowed The chunk pushed last belongs to the caller: its unread part is copied.
   */
  keepUnread(borrowed: boolean): void {
    if (this.position >= this.chunk.length) {
      this.release()
      if (this.pending !== undefined) this.takePending(this.pending)
    }
    const copies = borrowed && this.pending?.copyLast() !== true
    const rest = this.chunk.subarray(this.position)
    this.base += this.position
    this.chunk = copies && rest.length > 0 ? new Uint8Array(rest) : rest
    this.unread = rest.length
    this.memory = undefined
    this.start = 0
    this.position = 0
  }

  /** Throws `TypeError` if kept bytes are gone: their memory was given away, and has been transferred. */
  requireUnread(): void {
    if (this.unread > 0 && this.chunk.length === 0)
      throw new TypeError(
        'a chunk that `ownsChunks` gave away was transferred before all of it was read; with `ownsChunks` copy data before you transfer them, or read until `hasPending` is false',
      )
  }

  /** The state for `resume`, including kept unread bytes; undefined after an error. */
  snapshot(): CursorState | undefined {
    const { base, open, state, torn, fin, rsv, opcode, payloadLength, key, received, pending } = this
    this.requireUnread()
    if (state === FAILED || (this.chunk.length > 0 && this.unread === 0)) return undefined
    return {
      base,
      open,
      header: state === HEADER && torn !== undefined ? encodeBase64(torn.bytes.subarray(0, torn.size)) : undefined,
      frame: state === PAYLOAD ? { fin, rsv, opcode, payloadLength, key, received } : undefined,
      unread: this.unread > 0 ? encodeBase64(join([this.chunk, ...(pending?.list() ?? [])])) : undefined,
    }
  }

  /** Restores a snapshot. Call it only in the initial state. */
  resume(state: CursorState): void {
    const { base, open, header, frame, unread } = requireObject(state)
    this.base = requireInteger(base, 0, Number.MAX_SAFE_INTEGER)
    this.open = requireFlag(open)
    if (header !== undefined) this.resumeTorn(decodeBase64(header))
    else if (frame !== undefined) {
      Object.assign(this, checkFrameState(frame))
      this.state = PAYLOAD
    }
    if (unread === undefined) return
    this.chunk = decodeBase64(unread)
    this.unread = this.chunk.length
  }

  private resumeTorn(header: Uint8Array): void {
    this.torn = new TornHeader()
    if (this.torn.add(header, 0) < header.length || this.torn.whole || this.faultIn(header, 0, header.length) !== 0)
      throw new TypeError('a snapshot has no part of a sound header where one is expected')
    this.state = HEADER
  }

  /** Whether it is between two messages with nothing to read: its only state is {@link base}. */
  get atRest(): boolean {
    return this.state === BETWEEN && !this.open && this.chunk.length === 0 && this.pending === undefined
  }

  private step(): boolean {
    if (this.state !== BETWEEN) return this.goOn()
    return this.enter(this.chunk, this.position, this.position)
  }

  /** Continues with the waiting chunks, all of which may be read until `next` returns false. */
  private takePending(pending: ChunkQueue): boolean {
    const chunk = pending.take()
    if (chunk === undefined) this.pending = undefined
    else this.chunk = chunk
    return chunk !== undefined
  }

  /**
   * Reads the header at `at` of `bytes` (the chunk, or a split header that is now whole) and enters the frame, whose payload
   * follows it, or begins at `position` of the chunk.
   */
  private enter(bytes: Uint8Array, at: number, position: number): boolean {
    const available = bytes.length - at
    if (available < 2) return this.holdHeader()
    const first = bytes[at] as number
    const second = bytes[at + 1] as number
    let length = second & LENGTH_BITS
    let size = second < MASK_BIT ? 2 : 6
    if (length > 125) {
      const lengthSize = lengthSizeOf(second)
      size += lengthSize
      if (available < size) return this.holdHeader()
      length = readLength(bytes, at + 2, lengthSize)
    } else if (available < size) return this.holdHeader()
    const { mode, maxFrameSize } = this
    const server = (mode & SERVER) !== 0
    if (frameFault(first, second, length, length, server, this.open, mode >> RSV_SHIFT, maxFrameSize) !== 0)
      this.fail(bytes, at, size)
    this.torn = undefined
    if (server) this.key = readMaskKey(bytes, at + size - 4)
    this.masked = server
    this.fin = first >= FIN_BIT
    this.rsv = (first >> 4) & 7
    this.opcode = first & 15
    this.payloadLength = length
    this.begins = true
    if ((first & 15) < FIRST_CONTROL) this.open = first < FIN_BIT
    return this.enterPayload(bytes === this.chunk ? at + size : position, length)
  }

  private enterPayload(start: number, length: number): boolean {
    const end = start + length
    this.start = start
    if (end <= this.chunk.length && length <= this.maxPiece) {
      this.position = end
      this.received = length
      this.state = BETWEEN
      this.last = true
      return true
    }
    this.state = PAYLOAD
    this.last = false
    this.received = Math.min(this.chunk.length - start, this.maxPiece)
    this.position = start + this.received
    return true
  }

  /** Everything except the usual case, between two frames with no bytes held. */
  private goOn(): boolean {
    if (this.state === PAYLOAD) return this.nextPiece()
    if (this.torn !== undefined) return this.resumeHeader(this.torn)
    throw this.error
  }

  private nextPiece(): boolean {
    const size = Math.min(this.chunk.length - this.position, this.payloadLength - this.received, this.maxPiece)
    if (size <= 0) return this.release()
    this.start = this.position
    this.position += size
    this.received += size
    this.masked = (this.mode & SERVER) !== 0
    this.begins = false
    this.last = this.received === this.payloadLength
    if (this.last) this.state = BETWEEN
    return true
  }

  /** The chunk ends inside a header, or at its start: keeps the part received. */
  private holdHeader(): boolean {
    if (this.position >= this.chunk.length) return this.release()
    this.torn = new TornHeader()
    this.state = HEADER
    return this.resumeHeader(this.torn)
  }

  private resumeHeader(torn: TornHeader): boolean {
    this.position = torn.add(this.chunk, this.position)
    if (torn.whole) return this.enter(torn.bytes, 0, this.position)
    if (torn.size > 0 && this.faultIn(torn.bytes, 0, torn.size) !== 0) this.fail(torn.bytes, 0, torn.size)
    return this.release()
  }

  /** Everything is read: releases the chunk. */
  private release(): false {
    if (this.position > this.chunk.length)
      throw new TypeError(`a chunk has shrunk to ${this.chunk.length} bytes while it was read`)
    this.base += this.chunk.length
    this.chunk = nothing
    this.unread = 0
    this.memory = undefined
    this.start = 0
    this.position = 0
    return false
  }

  /** The fault in the first `size` bytes of a header, whatever follows them; 0: none yet. */
  private faultIn(bytes: Uint8Array, at: number, size: number): number {
    const first = bytes[at] as number
    if (size < 2) return firstByteFault(first, this.open, this.mode >> RSV_SHIFT)
    const second = bytes[at + 1] as number
    const { mode, open, maxFrameSize } = this
    const least = boundLength(bytes, at, size, 0)
    const most = boundLength(bytes, at, size, 0xff)
    const server = (mode & SERVER) !== 0
    return frameFault(first, second, least, most, server, open, mode >> RSV_SHIFT, maxFrameSize)
  }

  /** Rejects a header with `size` bytes received, for the fault in its first wrong byte: so chunk sizes make no difference. */
  private fail(bytes: Uint8Array, at: number, size: number): never {
    let decisive = 1
    while (decisive < size && this.faultIn(bytes, at, decisive) === 0) decisive++
    const fault = this.faultIn(bytes, at, decisive)
    const first = bytes[at] as number
    const second = bytes[at + 1] as number
    const name = (this.mode & BY_MESSAGE) !== 0 ? 'maxMessageSize' : 'maxFrameSize'
    const header = {
      opcode: first & 15,
      rsv: (first >> 4) & 7,
      lengthSize: lengthSizeOf(second),
      least: boundLength(bytes, at, decisive, 0),
      limit: `limits.${name} is ${this.maxFrameSize}`,
    }
    // A split header has already been consumed; one inside the chunk has not.
    this.error = frameError(fault, header, this.base + this.position - (this.torn?.size ?? 0))
    this.state = FAILED
    this.torn = undefined
    this.pending = undefined
    this.release()
    throw this.error
  }
}
