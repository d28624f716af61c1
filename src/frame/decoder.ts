/**
 * Decodes chunks into frames: `push` a chunk, step with `next`, read the fields. Received data arrives here first; `rules.ts` checks
 * each header, and `messages.ts` assembles the frames.
 *
 * `next` sets numbers and allocates nothing; the decoder refers to a chunk until `next` has returned false. It keeps up to 13 bytes of
 * a header that is split across chunks. It collects a split payload that is wanted whole: memory grows with the bytes received, never
 * with an announced length.
 *
 * ```
 *              ┌──────── next frame ────────┐
 *   BETWEEN ──▶ split header ─▶ HEADER ─▶ split payload ─▶ PAYLOAD
 *      └── whole frame in the chunk: stays ──┘        any broken rule ─▶ FAILED, permanently
 * ```
 *
 * @module
 */

import { type Kinds, requireOneOf, requireOptions, requireWhole } from '../arguments.ts'
import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { Queue } from '../bytes/queue.ts'
import { decodeStrictly, decodeText, SHORT_TEXT, unmaskShortAscii } from '../bytes/utf8.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import type { ProtocolError } from '../errors.ts'
import { type Limits, limitKinds, resolveLimits } from '../limits.ts'
import { type Native, nativeKinds } from '../native.ts'
import type { Bytes, Role } from '../types.ts'
import {
  boundLength,
  FIN_BIT,
  headerSize,
  LENGTH_BITS,
  LENGTH_IN_2,
  lengthSizeOf,
  MASK_BIT,
  readInt32,
  readLength,
  requireFit,
  turnKey,
} from './header.ts'
import { maskInPlace, maskInto } from './mask.ts'
import { KEPT_WORDS_FROM, MAX_VIEWED, VIEWS_FROM, type Words, wordsOf } from './mask-words.ts'
import { FIRST_CONTROL, findBrokenRule, headerError, roles } from './rules.ts'

/**
 * Options of a {@link FrameDecoder}.
 *
 * @category Frames and messages
 */
export interface FrameDecoderOptions {
  /** The side that decodes: a server expects masked frames, a client unmasked ones (RFC 6455 §5.1). */
  readonly role: Role
  /** Only `maxFrameSize` is used: payload bytes of a data frame, checked when its header is read. */
  readonly limits?: Limits | undefined
  /** The RSV bits that extensions may set on the first frame of a message. Default: 0. */
  readonly rsv?: number | undefined
  /** Whether chunks are given away: the decoder then unmasks payloads in place and returns views. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /**
   * Whether to return the payloads of data frames in pieces, as they arrive. No piece is empty, except the only piece of an empty
   * frame. Default: false, whole frames.
   */
  readonly pieces?: boolean | undefined
  /** Its `decodeUtf8` decodes text. Default: `TextDecoder`. */
  readonly native?: Native | undefined
}

const optionKinds: Kinds = {
  role: roles,
  limits: limitKinds,
  rsv: 'any',
  ownsChunks: 'boolean',
  pieces: 'boolean',
  native: nativeKinds,
}

/** The options as bits of one number, which keeps an idle decoder small. The allowed RSV bits are the higher bits. */
const SERVER = 1
const OWNS = 2
const PIECES = 4
/** Error messages name `maxMessageSize` as the limit on a frame, because `maxFrameSize` equals it. */
const BY_MESSAGE = 8
const RSV_SHIFT = 4

/** The states: see the diagram at the top of this file. */
const BETWEEN = 0
export const HEADER = 1
export const PAYLOAD = 2
export const FAILED = 3

/**
 * The first bytes of ordinary frames, outside and inside a message: bit `opcode`, or bit `opcode + 16` with FIN. A Close is not
 * ordinary, because its payload has its own rule.
 */
const ORDINARY_OUTSIDE = 0b110 | (0b110_0000_0110 << 16)
const ORDINARY_INSIDE = 0b1 | (0b110_0000_0001 << 16)
/** The bits of data frames in these sets. */
const DATA_ONLY = 0b111 | (0b111 << 16)

/** The longest header in bytes: 2, 8 for the length, 4 for the mask key (RFC 6455 §5.2). */
const MAX_HEADER = 14

/** The default maximum size of a piece in bytes: a small integer, which costs an idle decoder no memory. */
const MAX_PIECE = 2 ** 31 - 1

/**
 * Decodes chunks into frames. It is a cursor: it allocates nothing for a frame until you call {@link payload} or {@link text}.
 *
 * The decoder borrows chunks: it reads them, never writes to them (unless `ownsChunks` is true), and refers to them until `next` has
 * returned false. Memory: at most twice the received part of the current payload; a length that was only announced allocates nothing.
 *
 * @see RFC 6455 §5
 * @example
 * const decoder = new FrameDecoder({ role: 'server' })
 * decoder.push(chunk)
 * while (decoder.next()) if (decoder.opcode === Opcode.Text) console.log(decoder.text())
 *
 * @category Frames and messages
 */
export class FrameDecoder {
  // Here `last` and `first` refer to the frame; in `connection/events.ts` they refer to the message.

  /** Whether the message ends with this frame. */
  fin = false
  /** The RSV bits of the frame, 0–7. */
  rsv = 0
  /** 0–15; see {@link Opcode}. */
  opcode = 0
  /** Bytes of the whole frame's payload, as its header announces them. */
  payloadLength = 0
  /** Whether this is the frame's last piece. Always true without `pieces`. */
  last = false
  /**
   * Whether the frame's header has just been read: true once per frame.
   *
   * @internal
   */
  begins = false
  /**
   * Bytes of the stream before the chunk; error offsets are relative to them.
   *
   * @internal
   */
  base = 0
  /**
   * With `pieces`: the most bytes in a piece of a data frame, at least 125. A longer frame is returned in several pieces, even if the
   * chunk contains all of it.
   *
   * @internal
   */
  maxPiece: number = MAX_PIECE

  // The state that a snapshot contains.

  /** @internal */
  state: number = BETWEEN
  /**
   * Whether a message has begun and not ended.
   *
   * @internal
   */
  open = false
  /** @internal */
  key = 0
  /**
   * Bytes of the current payload so far.
   *
   * @internal
   */
  received = 0
  /** @internal */
  chunk: Uint8Array = nothing
  /**
   * Unread bytes of the chunk that {@link keepUnread} kept.
   *
   * @internal
   */
  unread = 0
  /**
   * Chunks after the current one, if several are pushed before they are read.
   *
   * @internal
   */
  pending: Queue<Uint8Array> | undefined = undefined
  /**
   * The first `tornSize` bytes of a header that is split across chunks.
   *
   * @internal
   */
  torn: Uint8Array | undefined = undefined
  /** @internal */
  tornSize = 0
  /**
   * The payload so far of a frame that is wanted whole but arrived in pieces.
   *
   * @internal
   */
  collector: Collector | undefined = undefined

  readonly #mode: number
  readonly #maxFrameSize: number
  readonly #native: Native | undefined
  /** Offsets in the chunk: where the current piece begins, and where it ends. Reading continues at its end. */
  #start = 0
  #position = 0
  /** Whether the current piece is still masked. */
  #masked = false
  /** The payload of the current frame, if it was collected. */
  #collected: Bytes | undefined = undefined
  /** Word views of a large chunk, for unmasking. */
  #words: Words | undefined = undefined
  /** Word views of the target of the last copy. */
  #target: Words | undefined = undefined
  #error: ProtocolError | undefined = undefined

  /** @throws RangeError for an invalid limit or `rsv`; TypeError for other invalid or unknown options. */
  constructor(options: FrameDecoderOptions) {
    requireOptions(options, optionKinds, 'the options of FrameDecoder')
    const { role, rsv = 0, ownsChunks, pieces, native } = options
    requireOneOf(role, roles, '`role`')
    requireWhole(rsv, '`rsv`', 0, 7)
    const { maxFrameSize, maxMessageSize } = resolveLimits(options.limits)
    this.#mode =
      (role === 'server' ? SERVER : 0) |
      (ownsChunks ? OWNS : 0) |
      (pieces ? PIECES : 0) |
      (maxFrameSize === maxMessageSize ? BY_MESSAGE : 0) |
      (rsv << RSV_SHIFT)
    this.#maxFrameSize = Math.min(maxFrameSize, Number.MAX_SAFE_INTEGER)
    this.#native = native
  }

  /** Whether this is the frame's first piece. Always true without `pieces`. */
  get first(): boolean {
    return this.#collected !== undefined || this.received === this.#position - this.#start
  }

  /** Adds the next bytes of the stream, after any unread bytes. After `next` has thrown, they are ignored. */
  push(chunk: Uint8Array): void {
    if (this.state === FAILED) return
    requireBytes(chunk, 'a chunk')
    // Until `next` has returned false, the current piece is in the current chunk.
    if (this.chunk.length === 0 && this.pending === undefined) this.chunk = chunk
    else {
      this.pending ??= new Queue()
      this.pending.push(chunk)
    }
  }

  /**
   * Steps to the next frame, or with `pieces` to the next piece of a frame, and sets the fields. Control frames are always whole. A
   * piece has at least one byte, except the only piece of an empty frame, so every frame has a {@link first} and a {@link last} piece.
   *
   * @returns `false` when everything pushed has been read.
   * @throws ProtocolError for a header that breaks a rule or a limit, as soon as the deciding bytes have arrived, and the same error on
   *   every later call. Its code is `reserved-bits`, `reserved-opcode`, `control-frame`, `continuation`, `unmasked`, `masked`,
   *   `close-payload` (a Close of one byte) or `length` (close code 1002), or `too-large` (1009). If several apply, the first wrong byte
   *   decides. Its `offset` is the number of bytes of the stream before the frame. TypeError for a chunk whose memory has shrunk since
   *   it was pushed.
   */
  next(): boolean {
    return this.#readOrdinary() || this.#advance(false)
  }

  /**
   * Like {@link next}, but also stops at the header of a data frame if the chunk ends after it, with {@link begins} true and an empty
   * piece. For callers that check messages by their headers.
   *
   * @internal
   */
  step(): boolean {
    return this.#readOrdinary() || this.#advance(true)
  }

  /**
   * Returns the payload of this piece, unmasked: a copy that belongs to you. With `ownsChunks` it is a view of the chunk if the chunk
   * contains the whole piece; the transport must not reuse that memory. For a payload that arrived in several chunks, every call returns
   * the same array.
   */
  payload(): Bytes {
    if (this.#collected !== undefined) return this.#collected
    if ((this.#mode & OWNS) !== 0) {
      this.#unmask()
      return this.#view()
    }
    const copy = new Uint8Array(this.#position - this.#start)
    this.#write(copy, 0)
    return copy
  }

  /**
   * Unmasks this piece in place, without an allocation. The piece is then in {@link bytes}, from {@link start} to {@link end}. Further
   * calls for the same piece do nothing.
   *
   * @throws TypeError without `ownsChunks`.
   * @see RFC 6455 §5.3
   * @example
   * const decoder = new FrameDecoder({ role: 'server', ownsChunks: true })
   * decoder.push(chunk)
   * while (decoder.next()) {
   *   decoder.unmask()
   *   // The first byte of the payload, if there is one.
   *   if (decoder.start < decoder.end) console.log(decoder.bytes[decoder.start])
   * }
   */
  unmask(): void {
    if ((this.#mode & OWNS) === 0) throw new TypeError('`unmask` writes into chunks: it needs the option `ownsChunks`')
    if (this.#collected === undefined) this.#unmask()
  }

  /**
   * The array that contains this piece between {@link start} and {@link end}: the chunk, or the collected payload if it arrived in
   * several chunks. A collected payload is never masked. A piece in the chunk is masked: with `ownsChunks` until you call {@link unmask}
   * or {@link payload}; without it always, so use {@link copyTo}. The bytes around the piece belong to other frames. Valid until the
   * next call of `next`.
   */
  get bytes(): Uint8Array {
    return this.#collected ?? this.chunk
  }

  /** Offset in {@link bytes} of the start of this piece. */
  get start(): number {
    return this.#collected === undefined ? this.#start : 0
  }

  /** Offset in {@link bytes} of the end of this piece. */
  get end(): number {
    return this.#collected === undefined ? this.#position : this.#collected.length
  }

  /**
   * Copies this piece, unmasked, into `target` from `offset` on. Writes neither to the chunk nor to the rest of `target`.
   *
   * @param target Must not overlap the chunk.
   * @param offset In bytes. Default: 0.
   * @returns The offset after the copy.
   * @throws RangeError if the piece does not fit, or `offset` is not a whole number from 0 on; TypeError unless `target` is a
   *   `Uint8Array`.
   * @example
   * const target = new Uint8Array(65_536)
   * let at = 0
   * while (decoder.next()) {
   *   if (decoder.payloadLength > target.length - at) break
   *   at = decoder.copyTo(target, at)
   * }
   */
  copyTo(target: Uint8Array, offset = 0): number {
    requireBytes(target, '`target`')
    requireWhole(offset, '`offset`')
    const { start } = this
    const end = offset + this.end - start
    requireFit(target, end)
    if (this.#collected !== undefined) target.set(this.#collected, offset)
    else this.#copyInto(target, offset)
    return end
  }

  /**
   * Like {@link payload}, for callers that keep the payload longer than the call that pushed the chunk, while other payloads are given
   * away. A large payload shares no memory with them; a {@link Collector} copies small ones.
   *
   * @internal
   */
  payloadToKeep(): Bytes {
    const bytes = this.payload()
    const shares = (this.#mode & OWNS) !== 0 && bytes.length >= KEEP_FROM && !this.#fillsChunk()
    return shares && this.#collected === undefined ? new Uint8Array(bytes) : bytes
  }

  /**
   * Returns the payload of this piece as text, without validation. Invalid UTF-8 becomes U+FFFD; so does a part of a character, because a
   * piece may end inside one.
   */
  text(): string {
    return this.#text(false) as string
  }

  /**
   * Returns the payload of this piece as validated text; `undefined` if it is not UTF-8 ({@link Utf8Validator} finds the position), or
   * longer than a string can be. Use it for texts of one frame, which is most texts; a piece of a longer text may end inside a character.
   *
   * @see RFC 6455 §8.1
   * @example
   * if (decoder.opcode === Opcode.Text && decoder.fin && decoder.first && decoder.last) console.log(decoder.validText())
   */
  validText(): string | undefined {
    return this.#text(true)
  }

  /**
   * Whether everything has been read and no message is open, so that the byte count is the only state.
   *
   * @internal
   */
  get atRest(): boolean {
    return this.state === BETWEEN && !this.open && this.chunk.length === 0 && this.pending === undefined
  }

  /**
   * Whether anything that {@link keepUnread} kept is still unread.
   *
   * @internal
   */
  get hasUnread(): boolean {
    return this.unread > 0
  }

  /**
   * Stops before `next` has returned false: the current piece becomes invalid, and only the unread parts of chunks are kept. The next
   * call of `next` continues with them.
   *
   * @param borrowed Whether the chunk pushed last belongs to the caller, so that its unread part must be copied.
   * @internal
   */
  keepUnread(borrowed: boolean): void {
    this.#collected = undefined
    if (this.#position >= this.chunk.length) {
      this.#release()
      this.#takePending()
    }
    const copies = borrowed && this.pending?.replaceLast(copyOf) !== true
    const rest = this.chunk.subarray(this.#position)
    this.base += this.#position
    this.#setChunk(copies && rest.length > 0 ? new Uint8Array(rest) : rest)
    this.unread = rest.length
  }

  /**
   * Throws `TypeError` if the memory kept by {@link keepUnread} has been transferred.
   *
   * @internal
   */
  requireUnread(): void {
    if (this.unread > 0 && this.chunk.length === 0)
      throw new TypeError('a chunk given away by `ownsChunks` was transferred before all of it was read')
  }

  /**
   * Reads an ordinary frame in few steps: shorter than 64 KiB, all of it in the chunk, no RSV bit. Returns false without any change for
   * any other frame, including one that breaks a rule.
   */
  #readOrdinary(): boolean {
    const { chunk } = this
    const at = this.#position
    if (this.state !== BETWEEN || at + 8 > chunk.length) return false
    const server = (this.#mode & SERVER) !== 0
    const first = chunk[at] as number
    // With the wrong mask bit it is 128 or more.
    let length = (chunk[at + 1] as number) ^ (server ? MASK_BIT : 0)
    let start = at + (server ? 6 : 2)
    let allowed = this.open ? ORDINARY_INSIDE : ORDINARY_OUTSIDE
    if (length === LENGTH_IN_2) {
      length = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number)
      start += 2
      if (length < LENGTH_IN_2 || length > this.maxPiece) return false
      allowed &= DATA_ONLY
    } else if (length > 125) return false
    const end = start + length
    if (length > this.#maxFrameSize || end > chunk.length) return false
    if ((first & 0x70) !== 0 || ((allowed >> (((first & FIN_BIT) >> 3) | (first & 15))) & 1) === 0) return false
    this.#collected = undefined
    if (server) this.key = readInt32(chunk, start - 4)
    this.#masked = server
    this.fin = first >= FIN_BIT
    this.rsv = 0
    this.opcode = first & 15
    if ((first & 15) < FIRST_CONTROL) this.open = first < FIN_BIT
    this.payloadLength = length
    this.received = length
    this.begins = true
    this.last = true
    this.#start = start
    this.#position = end
    return true
  }

  // A whole frame in the chunk: `#readHeader` reads all of it, and the state stays BETWEEN.
  // A split header: `#readHeader` finds too few bytes → `#holdHeader` keeps them (HEADER) and releases the chunk. Next chunk:
  // `#resume` → `#continueHeader` adds bytes until the header is whole → `#readHeader` reads it from the copy.
  // A split payload: `#readHeader` returns the first part (PAYLOAD); `#resume` → `#nextPiece` returns the others.
  #advance(atHeaders: boolean): boolean {
    this.#collected = undefined
    do {
      while (this.state === BETWEEN ? this.#readHeader(this.chunk, this.#position, this.#position) : this.#resume()) {
        if ((this.begins && this.last) || this.#isWanted(atHeaders)) return true
      }
    } while (this.#takePending())
    return false
  }

  /** Whether to stop at a part of a frame. Collects the part instead if the frame is wanted whole. */
  #isWanted(atHeaders: boolean): boolean {
    if ((this.#mode & PIECES) === 0 || this.opcode >= FIRST_CONTROL) return this.#collect()
    return atHeaders || this.#position > this.#start
  }

  /** Continues with the next queued chunk, once all of the current one has been read. */
  #takePending(): boolean {
    const chunk = this.pending?.take()
    if (chunk === undefined) this.pending = undefined
    else this.chunk = chunk
    return chunk !== undefined
  }

  /**
   * Reads the header at `at` in `bytes` (the chunk, or a split header that is now whole), and enters the frame. The payload follows a
   * header in the chunk; after a split header it begins at `payloadAt` in the chunk. Returns whether there is a piece, which is empty
   * if the chunk ends after the header.
   */
  #readHeader(bytes: Uint8Array, at: number, payloadAt: number): boolean {
    const available = bytes.length - at
    if (available < 2) return this.#holdHeader()
    const first = bytes[at] as number
    const second = bytes[at + 1] as number
    let length = second & LENGTH_BITS
    let size = second < MASK_BIT ? 2 : 6
    if (length > 125) {
      const lengthSize = lengthSizeOf(second)
      size += lengthSize
      if (available < size) return this.#holdHeader()
      length = readLength(bytes, at + 2, lengthSize)
    } else if (available < size) return this.#holdHeader()
    const mode = this.#mode
    const server = (mode & SERVER) !== 0
    if (findBrokenRule(first, second, length, length, server, this.open, mode >> RSV_SHIFT, this.#maxFrameSize) !== 0)
      this.#fail(bytes, at)
    this.torn = undefined
    if (server) this.key = readInt32(bytes, at + size - 4)
    this.#masked = server
    this.fin = first >= FIN_BIT
    this.rsv = (first >> 4) & 7
    this.opcode = first & 15
    this.payloadLength = length
    this.begins = true
    if ((first & 15) < FIRST_CONTROL) this.open = first < FIN_BIT
    const start = bytes === this.chunk ? at + size : payloadAt
    this.#start = start
    if (start + length <= this.chunk.length && length <= this.maxPiece) {
      this.#position = start + length
      this.received = length
      this.state = BETWEEN
      this.last = true
      return true
    }
    this.received = Math.min(this.chunk.length - start, this.maxPiece)
    this.#position = start + this.received
    this.state = PAYLOAD
    this.last = false
    return true
  }

  /** Continues inside a frame or a split header, or throws the error again. */
  #resume(): boolean {
    if (this.state === PAYLOAD) return this.#nextPiece()
    if (this.torn !== undefined) return this.#continueHeader(this.torn)
    throw this.#error
  }

  #nextPiece(): boolean {
    const size = Math.min(this.chunk.length - this.#position, this.payloadLength - this.received, this.maxPiece)
    if (size <= 0) return this.#release()
    this.#start = this.#position
    this.#position += size
    this.received += size
    this.#masked = (this.#mode & SERVER) !== 0
    this.begins = false
    this.last = this.received === this.payloadLength
    if (this.last) this.state = BETWEEN
    return true
  }

  /** Keeps the received part of a header: the chunk ends inside it, or before it. */
  #holdHeader(): boolean {
    if (this.#position >= this.chunk.length) return this.#release()
    this.torn = new Uint8Array(MAX_HEADER)
    this.tornSize = 0
    this.state = HEADER
    return this.#continueHeader(this.torn)
  }

  #continueHeader(torn: Uint8Array): boolean {
    const { chunk } = this
    while (this.#position < chunk.length) {
      torn[this.tornSize++] = chunk[this.#position++] as number
      const second = torn[1] as number
      if (this.tornSize > 1 && this.tornSize === 2 + lengthSizeOf(second) + (second < MASK_BIT ? 0 : 4))
        return this.#readHeader(torn, 0, this.#position)
    }
    if (this.tornSize > 0 && this.#brokenRule(torn, 0, this.tornSize) !== 0) this.#fail(torn, 0)
    return this.#release()
  }

  /** Releases the chunk, all of which has been read. */
  #release(): false {
    const { length } = this.chunk
    if (this.#position > length) throw new TypeError(`a chunk has shrunk to ${length} bytes while it was read`)
    this.base += length
    this.unread = 0
    this.#setChunk(nothing)
    return false
  }

  #setChunk(chunk: Uint8Array): void {
    this.chunk = chunk
    this.#words = undefined
    this.#target = undefined
    this.#start = 0
    this.#position = 0
  }

  /** Returns the rule that the first `size` bytes of a header break, whatever follows them; 0 if none. */
  #brokenRule(bytes: Uint8Array, at: number, size: number): number {
    const mode = this.#mode
    return findBrokenRule(
      bytes[at] as number,
      size > 1 ? (bytes[at + 1] as number) : -1,
      boundLength(bytes, at, size, 0),
      boundLength(bytes, at, size, 0xff),
      (mode & SERVER) !== 0,
      this.open,
      mode >> RSV_SHIFT,
      this.#maxFrameSize,
    )
  }

  /**
   * Rejects a header for the rule that its first wrong byte breaks. It checks the header again, one more byte at a time, because a whole
   * header may break several rules, and the error must not depend on how the header was split.
   */
  #fail(bytes: Uint8Array, at: number): never {
    let size = 0
    let rule = 0
    while (rule === 0) rule = this.#brokenRule(bytes, at, ++size)
    const name = (this.#mode & BY_MESSAGE) !== 0 ? 'maxMessageSize' : 'maxFrameSize'
    this.#error = headerError(
      rule,
      bytes[at] as number,
      bytes[at + 1] as number,
      boundLength(bytes, at, size, 0),
      `limits.${name} is ${this.#maxFrameSize}`,
      // A split header has already been consumed; one inside the chunk has not.
      this.base + this.#position - (this.torn === undefined ? 0 : this.tornSize),
    )
    this.state = FAILED
    this.torn = undefined
    this.pending = undefined
    this.#release()
    throw this.#error
  }

  /** Collects the current piece of a payload that is wanted whole; returns whether it is complete. */
  #collect(): boolean {
    const size = this.#position - this.#start
    // The chunk ends after the header.
    if (size === 0) return false
    this.collector ??= new Collector()
    const { collector } = this
    if (collector.copies(size, this.payloadLength)) {
      const at = collector.reserve(size)
      this.#write(collector.tail as Bytes, at)
    } else collector.keep(this.payloadToKeep())
    if (!this.last) return false
    this.#collected = collector.join()
    this.collector = undefined
    return true
  }

  #text(strictly: boolean): string | undefined {
    let bytes: Uint8Array = this.#collected ?? this.chunk
    let { start, end } = this
    if (this.#collected === undefined) {
      const size = end - start
      if (size <= SHORT_TEXT) {
        const key = this.#masked ? turnKey(this.key, this.received - size) : 0
        const text = unmaskShortAscii(bytes, start, end, key)
        if (text !== undefined) return text
      }
      // A native decoder takes offsets, so it needs no view.
      if (this.#native?.decodeUtf8 !== undefined && (this.#mode & OWNS) !== 0) this.#unmask()
      else {
        bytes = this.#masked ? this.payload() : this.#view()
        start = 0
        end = size
      }
    }
    return strictly ? decodeStrictly(bytes, start, end, this.#native) : decodeText(bytes, start, end, this.#native)
  }

  /** Writes the piece, unmasked, into `target` from `offset` on. Does not write to the chunk. */
  #write(target: Uint8Array, offset: number): void {
    const { chunk } = this
    const start = this.#start
    const size = this.#position - start
    if (this.#masked) maskInto(chunk, start, target, offset, size, this.key, this.received - size)
    else target.set(size === chunk.length ? chunk : chunk.subarray(start, start + size), offset)
  }

  /** As {@link FrameDecoder.copyTo}, for a piece in the chunk; faster if the target is the same as for the previous piece. */
  #copyInto(target: Uint8Array, offset: number): void {
    const start = this.#start
    const size = this.#position - start
    const words = this.#masked && size >= KEPT_WORDS_FROM && target.length <= MAX_VIEWED ? this.#viewed() : undefined
    if (words === undefined) this.#write(target, offset)
    else {
      target.set(words.view(start, size), offset)
      this.#target = wordsOf(target, this.#target)
      this.#target.xor(offset, size, turnKey(this.key, this.received - size))
    }
  }

  /** Unmasks the piece in place, once; only for chunks that were given away. */
  #unmask(): void {
    if (!this.#masked) return
    const { chunk, key } = this
    const start = this.#start
    const size = this.#position - start
    const words = this.#viewed()
    if (words !== undefined) words.xor(start, size, turnKey(key, this.received - size))
    else maskInPlace(chunk, start, size, key, this.received - size)
    this.#masked = false
  }

  /** Returns a view of the piece. */
  #view(): Bytes {
    const { chunk } = this
    const start = this.#start
    const size = this.#position - start
    const words = this.#viewed()
    if (words !== undefined) return words.view(start, size)
    return new Uint8Array(chunk.buffer, chunk.byteOffset + start, size) as Bytes
  }

  /** Returns the word views of the chunk, if it is large enough for them to pay off. */
  #viewed(): Words | undefined {
    const { length } = this.chunk
    if (length < VIEWS_FROM || length > MAX_VIEWED) return undefined
    this.#words = wordsOf(this.chunk, this.#words)
    return this.#words
  }

  /** Whether the chunk contains no other payload. */
  #fillsChunk(): boolean {
    if (this.unread > 0 || this.#position < this.chunk.length) return false
    // The first piece of a frame follows its header.
    return this.#start <= (this.begins ? headerSize(this.payloadLength, (this.#mode & SERVER) !== 0) : 0)
  }
}

function copyOf(chunk: Uint8Array): Uint8Array {
  return new Uint8Array(chunk)
}
