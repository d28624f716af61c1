/**
 * Frames out of chunks, as a cursor: `push` a chunk, step with `next`, read the fields. Knows the format and the rules of
 * frames (`header.ts`, `rules.ts`), nothing of messages, of what a payload means, or of connections.
 *
 * Strategy. A frame that lies whole in the chunk is never copied: `next` leaves numbers, offsets into the chunk, and
 * allocates nothing; `payload()` and `text()` make what they return. Only what a chunk's end has torn is kept: up to 13
 * bytes of a header, or, where whole frames are asked for, the payload so far, unmasked on the way, in a buffer that grows
 * with what has come and never with what was announced. A chunk is referred to until `next` has returned false.
 *
 * ```
 *              ┌──────────── next frame ────────────┐
 *   BETWEEN ──▶ header torn ─▶ HEADER ─▶ payload torn ─▶ PAYLOAD ─▶ GATHERED (whole frames only)
 *      └── whole frame in the chunk: stays ──┘                any broken rule ─▶ FAILED, for good
 * ```
 *
 * @module
 */

import { decodeText } from '../bytes/utf8.ts'
import type { ProtocolError } from '../errors.ts'
import { type Limits, resolveLimits } from '../limits.ts'
import type { Bytes, Role } from '../types.ts'
import { FIN_BIT, LENGTH_BITS, lengthSizeOf, MASK_BIT, readLength } from './header.ts'
import { maskInPlace, maskInto, readMaskKey } from './mask.ts'
import { FIRST_CONTROL, frameError, frameFault } from './rules.ts'

const BETWEEN = 0
const HEADER = 1
const PAYLOAD = 2
const GATHERED = 3
const FAILED = 4

/** Bits of `mode`: one field for four options keeps an idle decoder small. The allowed RSV bits stand above them. */
const SERVER = 1
const OWNS = 2
const PIECES = 4
const RSV_SHIFT = 3

/** The longest header: 2 bytes, 8 of length, 4 of mask key. */
const MAX_HEADER = 14

/** What a gathered payload begins with, if that much has been announced: one-byte chunks soon fill it. */
const FIRST_GATHER = 256

/** Stands in for "no chunk"; of length 0, so it can be shared. */
const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/** Everything that a {@link FrameDecoder} can be told. */
export interface FrameDecoderOptions {
  /** The side that decodes: a server takes masked frames, a client unmasked ones (RFC 6455 §5.1). */
  readonly role: Role
  /** `maxFrameSize` is read: payload bytes, judged by the header. */
  readonly limits?: Limits | undefined
  /** The RSV bits that extensions may set on the first frame of a message. Default 0. */
  readonly rsv?: number | undefined
  /** The chunks are given away: payloads are unmasked in them and handed out as views. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /** Hand out payloads of data frames piece by piece, as they come. Default: false, whole frames. */
  readonly pieces?: boolean | undefined
}

/** The fields that a user reads and `next` writes. */
interface Seen {
  fin: boolean
  rsv: number
  opcode: number
  payloadLength: number
  first: boolean
  last: boolean
}

function show(seen: Seen, firstByte: number, payloadLength: number): void {
  seen.fin = firstByte >= FIN_BIT
  seen.rsv = (firstByte >> 4) & 7
  seen.opcode = firstByte & 15
  seen.payloadLength = payloadLength
}

function place(seen: Seen, first: boolean, last: boolean): void {
  seen.first = first
  seen.last = last
}

/**
 * Frames out of chunks: a cursor. Nothing is allocated for a frame until {@link payload} or {@link text} is asked for.
 *
 * Chunks are borrowed: they are read, never written (unless `ownsChunks`), and referred to until `next` has returned false.
 * Memory: what has come of the current payload, twice at most; nothing is allocated for a length that was only announced.
 *
 * @see RFC 6455 §5
 * @example
 * const decoder = new FrameDecoder({ role: 'server' })
 * decoder.push(chunk)
 * while (decoder.next()) if (decoder.opcode === Opcode.Text) console.log(decoder.text())
 */
export class FrameDecoder implements Readonly<Seen> {
  readonly fin: boolean = false
  /** RSV bits of the frame, 0–7. */
  readonly rsv: number = 0
  readonly opcode: number = 0
  /** Bytes of the whole frame's payload, as its header says. */
  readonly payloadLength: number = 0
  /** Whether this is the frame's first piece. Always true without `pieces`. */
  readonly first: boolean = false
  /** Whether this is the frame's last piece. Always true without `pieces`. */
  readonly last: boolean = false

  private readonly mode: number
  private readonly maxFrameSize: number
  private state: number = BETWEEN
  /** Whether a message has begun and not ended. */
  private open = false
  private chunk: Uint8Array = NOTHING
  /** In the chunk: where the current piece begins, and what is to be read next, which is where the piece ends. */
  private start = 0
  private position = 0
  /** Bytes of room behind the chunk, if it is our own copy of several. */
  private spare = 0
  /** Bytes of the stream before the chunk. */
  private base = 0
  /** Whether the current piece is still as the peer masked it. */
  private masked = false
  private key = 0
  /** Bytes so far: of the torn header, or of the current payload. */
  private received = 0
  /** The torn header, or the payload that is gathered. */
  private held: Uint8Array | undefined = undefined
  private error: ProtocolError | undefined = undefined

  /** @throws RangeError for a limit or an `rsv` that is none. */
  constructor(options: FrameDecoderOptions) {
    const { role, limits, rsv = 0, ownsChunks = false, pieces = false } = options
    if (!(Number.isInteger(rsv) && rsv >= 0 && rsv <= 7))
      throw new RangeError(`rsv is a whole number from 0 to 7; this one is ${rsv}`)
    this.mode = (role === 'server' ? SERVER : 0) | (ownsChunks ? OWNS : 0) | (pieces ? PIECES : 0) | (rsv << RSV_SHIFT)
    this.maxFrameSize = Math.min(resolveLimits(limits).maxFrameSize, Number.MAX_SAFE_INTEGER)
  }

  /**
   * Takes the next bytes of the stream. What the last chunk still holds unread is kept and comes first, at the price of a
   * copy. After `next` has thrown, nothing is taken.
   */
  push(chunk: Uint8Array): void {
    if (this.state === FAILED) return
    if (this.position < this.chunk.length) this.append(chunk)
    else {
      this.base += this.chunk.length
      this.chunk = chunk
      this.spare = 0
      this.start = 0
      this.position = 0
    }
  }

  /**
   * Steps to the next frame, or with `pieces` to the next piece of one: the fields then tell what it is. Control frames always
   * come whole; a data frame whose header ends the chunk is announced by an empty first piece.
   *
   * @returns `false`: all that was pushed has been read.
   * @throws ProtocolError for a header that breaks a rule or a limit, before any of its payload is kept, and the same error
   *   again ever after: `reserved-bits`, `reserved-opcode`, `unmasked`, `masked`, `length`, `control-frame`, `continuation`
   *   (close code 1002), `too-large` (1009). `offset`: bytes of the stream before the frame.
   */
  next(): boolean {
    if (this.state !== BETWEEN) return this.resume()
    return this.enter(this.chunk, this.position, this.position)
  }

  /**
   * The payload of this piece, unmasked. A copy, the caller's own; with `ownsChunks` a view of the chunk, which the transport
   * must not use again. Asked twice for a payload that came in several chunks, it returns the same array.
   */
  payload(): Bytes {
    if (this.state === GATHERED) return this.held as Bytes
    const { chunk, start } = this
    const size = this.position - start
    if (this.mode & OWNS) {
      this.unmask()
      return new Uint8Array(chunk.buffer, chunk.byteOffset + start, size) as Bytes
    }
    const copy = new Uint8Array(size)
    if (this.masked) maskInto(chunk, start, copy, 0, size, this.key, this.received - size)
    else copy.set(size === chunk.length ? chunk : chunk.subarray(start, this.position))
    return copy
  }

  /** The payload of this piece as text. Not judged: what is no UTF-8 (a piece may end inside a character) becomes U+FFFD. */
  text(): string {
    if (this.state === GATHERED || (this.masked && !(this.mode & OWNS))) {
      const bytes = this.payload()
      return decodeText(bytes, 0, bytes.length)
    }
    this.unmask()
    return decodeText(this.chunk, this.start, this.position)
  }

  /** In place, once: only what is ours is ever asked for. */
  private unmask(): void {
    if (!this.masked) return
    const size = this.position - this.start
    maskInPlace(this.chunk, this.start, size, this.key, this.received - size)
    this.masked = false
  }

  /**
   * Reads the header at `at` of `bytes` (the chunk, or a torn header that is now whole) and steps into the frame, whose
   * payload begins behind it, or at `position` of the chunk.
   */
  private enter(bytes: Uint8Array, at: number, position: number): boolean {
    const available = bytes.length - at
    if (available < 2) return this.holdHeader()
    const first = bytes[at] as number
    const second = bytes[at + 1] as number
    let length = second & LENGTH_BITS
    let lengthSize = 0
    let size = second < MASK_BIT ? 2 : 6
    if (length > 125) {
      lengthSize = lengthSizeOf(second)
      size += lengthSize
      if (available < size) return this.holdHeader()
      length = readLength(bytes, at + 2, lengthSize)
    } else if (available < size) return this.holdHeader()
    const { mode, maxFrameSize } = this
    const server = (mode & SERVER) !== 0
    const fault = frameFault(first, second, length, lengthSize, server, this.open, mode >> RSV_SHIFT, maxFrameSize)
    if (fault !== 0) this.fail(fault, first, length, lengthSize)
    if (server) this.key = readMaskKey(bytes, at + size - 4)
    this.masked = server
    show(this, first, length)
    if ((first & 15) < FIRST_CONTROL) this.open = first < FIN_BIT
    return this.enterPayload(bytes === this.chunk ? at + size : position, length)
  }

  private enterPayload(start: number, length: number): boolean {
    const end = start + length
    this.start = start
    if (end <= this.chunk.length) {
      this.position = end
      this.received = length
      this.state = BETWEEN
      place(this, true, true)
      return true
    }
    this.state = PAYLOAD
    this.position = start
    this.received = 0
    place(this, true, false)
    if (this.gathers()) return this.gather()
    this.received = this.chunk.length - start
    this.position = this.chunk.length
    return true
  }

  /** Whether the current payload is handed out whole. */
  private gathers(): boolean {
    return (this.mode & PIECES) === 0 || this.opcode >= FIRST_CONTROL
  }

  /** Everything but the usual case of standing between two frames with nothing held. */
  private resume(): boolean {
    switch (this.state) {
      case HEADER:
        return this.resumeHeader()
      case PAYLOAD:
        return this.gathers() ? this.gather() : this.nextPiece()
      case FAILED:
        throw this.error
      default:
        this.held = undefined
        this.state = BETWEEN
        return this.enter(this.chunk, this.position, this.position)
    }
  }

  private nextPiece(): boolean {
    const size = Math.min(this.chunk.length - this.position, this.payloadLength - this.received)
    if (size === 0) return this.release()
    this.start = this.position
    this.position += size
    this.received += size
    this.masked = (this.mode & SERVER) !== 0
    place(this, false, this.received === this.payloadLength)
    if (this.last) this.state = BETWEEN
    return true
  }

  /** Moves what has come of the payload out of the chunk, unmasked. */
  private gather(): boolean {
    const { chunk, position, received, payloadLength } = this
    const size = Math.min(chunk.length - position, payloadLength - received)
    if (size === 0) return this.release()
    const held = this.room(received + size)
    if (this.mode & SERVER) maskInto(chunk, position, held, received, size, this.key, received)
    else held.set(chunk.subarray(position, position + size), received)
    this.position = position + size
    this.received = received + size
    if (this.received < payloadLength) return this.release()
    place(this, true, true)
    this.state = GATHERED
    return true
  }

  /** The gathered payload with room for `needed` bytes: doubled when full, never larger than the payload will be. */
  private room(needed: number): Uint8Array {
    const { held } = this
    if (held !== undefined && held.length >= needed) return held
    const grown = new Uint8Array(Math.min(this.payloadLength, Math.max(2 * needed, FIRST_GATHER)))
    if (held !== undefined) grown.set(held.subarray(0, this.received))
    this.held = grown
    return grown
  }

  /** The chunk ends inside a header, or at its start: what has come of it is kept. */
  private holdHeader(): boolean {
    const { chunk, position } = this
    if (position === chunk.length) return this.release()
    this.held = new Uint8Array(MAX_HEADER)
    this.received = 0
    this.state = HEADER
    return this.resumeHeader()
  }

  /** Adds to the torn header, a byte at a time until its length is known and reached. */
  private resumeHeader(): boolean {
    const { chunk } = this
    const held = this.held as Uint8Array
    while (this.position < chunk.length) {
      held[this.received++] = chunk[this.position++] as number
      if (this.received < 2) continue
      const second = held[1] as number
      if (this.received < 2 + lengthSizeOf(second) + (second < MASK_BIT ? 0 : 4)) continue
      this.held = undefined
      return this.enter(held, 0, this.position)
    }
    return this.release()
  }

  /** All is read: lets go of the chunk. */
  private release(): false {
    this.base += this.chunk.length
    this.chunk = NOTHING
    this.start = 0
    this.position = 0
    return false
  }

  private fail(fault: number, first: number, length: number, lengthSize: number): never {
    // A torn header has been read past; one that lies in the chunk has not.
    const offset = this.base + this.position - (this.state === HEADER ? this.received : 0)
    const header = { opcode: first & 15, rsv: (first >> 4) & 7, payloadLength: length, lengthSize }
    this.error = frameError(fault, header, this.maxFrameSize, offset)
    this.state = FAILED
    this.held = undefined
    this.release()
    throw this.error
  }

  /** Puts a chunk behind one that has not been read to its end. Room is doubled, never shifted: linear overall. */
  private append(chunk: Uint8Array): void {
    const { chunk: old, position } = this
    if (this.spare >= chunk.length) {
      this.chunk = new Uint8Array(old.buffer, old.byteOffset, old.length + chunk.length)
      this.chunk.set(chunk, old.length)
      this.spare -= chunk.length
      return
    }
    const size = old.length - position + chunk.length
    const room = new Uint8Array(2 * size)
    room.set(old.subarray(position))
    room.set(chunk, old.length - position)
    this.base += position
    this.chunk = room.subarray(0, size)
    this.spare = size
    this.start = 0
    this.position = 0
  }
}
