/**
 * The output queue of a connection. It encodes frames into one array, and large frames into their own arrays, until the transport takes
 * them, all at once or in parts. It masks and fragments, sends pongs first, and limits the number of queued pongs.
 *
 * @module
 */

import { join } from '../bytes/join.ts'
import { requireSize } from '../bytes/view.ts'
import { wireSize, writeFrame } from '../frame/encode.ts'
import { Cuts } from '../frame/fragment.ts'
import {
  FIN_BIT,
  headerSize,
  LENGTH_BITS,
  lengthSizeOf,
  minimalLengthSize,
  readLength,
  writeHeader,
} from '../frame/header.ts'
import { maskInPlace, toMaskKey } from '../frame/mask.ts'
import { PONG, TEXT } from '../frame/rules.ts'
import { maxTextFrameSize, writeTextFrame } from '../frame/text-frame.ts'
import type { Native } from '../native.ts'
import { isOrdinary } from '../platform/memory.ts'
import { randomInt32 } from '../platform/random.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes, Role } from '../types.ts'
import { MAX_IN_SLAB, SLAB_SIZE, Slab, type SlabHolder } from './slab.ts'

/**
 * The most automatic pongs that may be queued. RFC 6455 §5.5.3 allows one pong to answer all earlier pings, but some peers count pongs.
 * Past this limit the newest pong replaces the previous one, so that pings cost no memory while the output is not taken.
 */
const MAX_WAITING_PONGS = 64

/** Frames of at least this many bytes get their own array: growing the buffer for them would copy them again. */
const APART_FROM = 65_536

/** With {@link OutputOptions.sharesOutput}, payloads of at least this many bytes are not copied: one more array costs less. */
const UNCOPIED_FROM = 4096

/** The options for writing. */
export interface OutputOptions {
  readonly role: Role
  /** The most payload bytes in a frame of a message. */
  readonly fragmentSize: number
  readonly maskKeys: (() => Uint8Array) | undefined
  readonly native: Native | undefined
  readonly slabs: SlabHolder
  /**
   * Whether the arrays that are taken may share memory with others, because they are only read. True if an adapter writes them to a
   * socket.
   */
  readonly sharesOutput: boolean
  /** Whether the bytes that callers send are given away: nobody changes them until they are written. */
  readonly ownsMessages: boolean
}

/** The queue of frames to send. */
export class Output {
  /** True while external code runs: an extension, `maskKeys` or `native`. */
  busy = false
  readonly #options: OutputOptions
  readonly #masked: boolean
  /**
   * Arrays that precede the buffer. Each begins and ends between two frames, with two exceptions: the first may begin inside a frame that
   * was partly taken, and a payload that is not copied is a separate part, after a part that ends with its header.
   */
  #parts: Bytes[] = []
  /** For each part, the bytes of its last frame that are in the next part. */
  #pastEnd: number[] = []
  #partsSize = 0
  /** The remaining bytes of a frame that was partly taken. */
  rest = 0
  /** Parts whose memory others also use. They are copied when taken. */
  #shared: Set<Bytes> | undefined = undefined
  /** The array into which frames are written: a slab, or a separate array. */
  #buffer: Bytes | undefined = undefined
  #slab: Slab | undefined = undefined
  /** Where the frames begin in the buffer. */
  #start = 0
  /** The size of the frames in the buffer. */
  #length = 0
  /** Where the space reserved for the frames ends. */
  #limit = 0
  /** Control frames that overtake all frames that have not been taken. */
  #urgent: Bytes[] = []
  #urgentSize = 0
  /** Whether the frame that was partly taken, with a {@link rest}, is an urgent one. */
  #urgentCut = false
  #waitingPongs = 0
  #newestPong: Uint8Array | undefined = undefined

  constructor(options: OutputOptions) {
    // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames"   RFC 6455 §5.1
    this.#masked = options.role === 'client'
    this.#options = options
  }

  /** The number of bytes in the queue. */
  get size(): number {
    const newest = this.#newestPong
    return this.#partsSize + this.#length + this.#urgentSize + (newest === undefined ? 0 : this.sizeOf(newest))
  }

  /** Whether {@link takeParts} saves a copy. */
  get isInParts(): boolean {
    return this.#options.sharesOutput && this.#partsSize > 0
  }

  /** Whether urgent frames are queued. */
  get hasUrgent(): boolean {
    return this.#urgentSize > 0 || this.#urgentCut
  }

  /** Returns the size of a frame with this payload. */
  sizeOf(payload: Uint8Array): number {
    return wireSize(payload.length, this.#masked)
  }

  /** The number of bytes at the front that nothing overtakes: the rest of a frame that was partly taken, and urgent frames. */
  get front(): number {
    return this.rest + this.size - this.#partsSize - this.#length
  }

  /** Throws `TypeError` if external code calls back: it would write or take output in the middle of an operation. */
  requireIdle(): void {
    if (this.busy) throw calledBack()
  }

  /** Adds one frame, and copies the payload. `firstByte` is as on the wire. */
  addFrame(firstByte: number, payload: Uint8Array): void {
    const { length } = payload
    const key = this.#nextMaskKey()
    const at = this.#reserve(wireSize(length, this.#masked))
    const words = this.#slab?.words
    this.#commit(writeFrame(this.#buffer as Bytes, at, firstByte, payload, length, this.#masked, key, words))
  }

  /** Adds a text as UTF-8. Returns `false`, and adds nothing, if the text may need more than one frame. */
  addText(text: string): boolean {
    const { fragmentSize, native } = this.#options
    // UTF-8 needs at most three bytes per code unit, so a text within this size fits into one frame.
    if (text.length * 3 > fragmentSize) return false
    const most = maxTextFrameSize(text, this.#masked)
    if (most > MAX_IN_SLAB) {
      const payload = encodeUtf8(text)
      if (this.#options.sharesOutput && payload.length >= UNCOPIED_FROM) this.#addUncopied(FIN_BIT | TEXT, payload)
      else this.addFrame(FIN_BIT | TEXT, payload)
      return true
    }
    const key = this.#nextMaskKey()
    const at = this.#reserve(most)
    let end = at
    this.busy = true
    try {
      const buffer = this.#buffer as Bytes
      end = writeTextFrame(buffer, at, FIN_BIT | TEXT, text, this.#masked, key, native, this.#slab?.words)
    } finally {
      this.busy = false
      this.#commit(end)
    }
    return true
  }

  /**
   * Adds a message, or a piece of one, as frames of at most `fragmentSize` bytes; cuts may fall inside characters (RFC 6455 §5.4,
   * §5.6).
   *
   * @param opcode With the RSV bits of extensions, which only the first frame has (RFC 7692 §6.1); 0 for a continuation.
   * @param fin Whether the message ends with these frames.
   */
  addFrames(opcode: number, payload: Uint8Array, fin: boolean): void {
    if (payload.length > this.#options.fragmentSize) this.#addFragments(opcode, payload, fin)
    else if (this.#skipsCopy(payload)) this.#addUncopied(fin ? FIN_BIT | opcode : opcode, payload)
    else this.addFrame(fin ? FIN_BIT | opcode : opcode, payload)
  }

  /** Whether to queue the caller's array without a copy. Memory that may shrink, or that other threads may write to, is copied. */
  #skipsCopy(payload: Uint8Array): payload is Bytes {
    const { sharesOutput, ownsMessages } = this.#options
    return sharesOutput && ownsMessages && !this.#masked && payload.length >= UNCOPIED_FROM && isOrdinary(payload)
  }

  /** Adds a frame without a copy of its payload. Masks the payload in place if necessary. */
  #addUncopied(firstByte: number, payload: Bytes): void {
    const { length } = payload
    const masked = this.#masked
    const key = this.#nextMaskKey()
    const at = this.#reserve(headerSize(length, masked))
    this.#commit(writeHeader(this.#buffer as Bytes, at, firstByte, length, minimalLengthSize(length), masked, key))
    this.#push(this.#takeBuffer() as Bytes, length)
    if (masked) maskInPlace(payload, 0, length, key, 0)
    this.#push(payload, 0)
  }

  #addFragments(opcode: number, payload: Uint8Array, fin: boolean): void {
    // The fragments begin in a new buffer, which can be dropped.
    this.#seal()
    const parts = this.#parts
    const count = parts.length
    const partsSize = this.#partsSize
    try {
      const cuts = new Cuts(opcode, payload.length, this.#options.fragmentSize)
      while (cuts.next())
        this.addFrame(cuts.fin && fin ? FIN_BIT | cuts.opcode : cuts.opcode, payload.subarray(cuts.start, cuts.end))
    } catch (error) {
      // The caller's `maskKeys` or `allocate` has thrown: drop the incomplete message.
      this.#leaveBuffer()
      parts.splice(count)
      this.#pastEnd.splice(count)
      this.#partsSize = partsSize
      throw error
    }
  }

  /**
   * Adds a whole frame that many connections share; returns `false` if this connection must mask or fragment it. A small frame is copied
   * now. A large frame is copied when it is taken; until then all connections refer to the same array.
   */
  addShared(frame: Bytes, payloadSize: number): boolean {
    if (this.#masked || payloadSize > this.#options.fragmentSize) return false
    if (frame.length >= APART_FROM) {
      this.addBytes(frame)
      this.#shared ??= new Set()
      this.#shared.add(frame)
    } else {
      const at = this.#reserve(frame.length)
      ;(this.#buffer as Bytes).set(frame, at)
      this.#commit(at + frame.length)
    }
    return true
  }

  /** Adds encoded frames, and keeps their array. */
  addBytes(bytes: Bytes): void {
    this.#seal()
    if (bytes.length > 0) this.#push(bytes, 0)
  }

  /** Adds a control frame that overtakes everything that has not been taken. Copies the payload. */
  addUrgent(firstByte: number, payload: Uint8Array): void {
    const key = this.#nextMaskKey()
    const frame = this.#make(this.sizeOf(payload))
    writeFrame(frame, 0, firstByte, payload, payload.length, this.#masked, key)
    this.#urgent.push(frame)
    this.#urgentSize += frame.length
  }

  /** Adds the answer to a ping. Never throws: if the caller's `maskKeys` throws, the pong is added when output is taken. */
  addPong(payload: Uint8Array): void {
    if (this.#waitingPongs < MAX_WAITING_PONGS && this.#newestPong === undefined) {
      try {
        this.addUrgent(FIN_BIT | PONG, payload)
        this.#waitingPongs++
        return
      } catch {
        // `take` tries again, and throws if that fails too.
      }
    }
    // A copy: the event returns the payload to the caller.
    this.#newestPong = new Uint8Array(payload)
  }

  /**
   * Drops everything that has not been taken, except urgent frames and the rest of a frame that was partly taken. Returns whether it
   * dropped anything.
   */
  drop(): boolean {
    if (this.#partsSize + this.#length === this.rest) return false
    this.#seal()
    const parts = this.#parts
    let count = 0
    for (let left = this.rest; left > 0; count++) {
      const part = parts[count] as Bytes
      const size = part.length === 0 ? left : Math.min(part.length, left)
      // A copy, because the array now belongs to the caller again. Zeros for a payload that has been transferred: the frame must end.
      const kept = new Uint8Array(size)
      if (part.length > 0) kept.set(part.subarray(0, size))
      parts[count] = kept
      if (size !== part.length) this.#pastEnd[count] = 0
      left -= size
    }
    parts.splice(count)
    this.#pastEnd.splice(count)
    this.#partsSize = this.rest
    this.#forgetShared()
    return true
  }

  /**
   * Takes the next `max` bytes: the rest of a frame that was partly taken, urgent frames, then all others. They may end inside a frame. The
   * arrays belong to the caller; each has its own memory, except with `sharesOutput`.
   */
  takeParts(max: number): Bytes[] {
    this.#addNewestPong(max)
    const taken: Bytes[] = []
    let left = Math.min(max, this.size)
    left -= this.#shift(Math.min(left, this.rest), taken)
    if (this.rest === 0) this.#urgentCut = false
    left -= this.#shiftUrgent(left, taken)
    if (this.#urgentSize === 0) this.#waitingPongs = 0
    this.#shift(left, taken)
    return taken
  }

  /** As {@link takeParts}, in one array; returns `undefined` if there is no output. */
  take(max: number): Bytes | undefined {
    // Most outputs are one buffer, taken as a whole.
    if (this.size === this.#length && this.#length <= max) return this.#takeBuffer()
    const parts = this.takeParts(max)
    return parts.length === 0 ? undefined : join(parts)
  }

  /** Moves urgent frames to `taken`, at most `max` bytes in one array; returns its size. */
  #shiftUrgent(max: number, taken: Bytes[]): number {
    if (max === 0 || this.#urgentSize === 0) return 0
    const frames: Bytes[] = []
    let size = 0
    while (size < max && this.#urgent.length > 0) {
      const frame = this.#urgent.shift() as Bytes
      this.#urgentSize -= frame.length
      const fits = Math.min(frame.length, max - size)
      // Taken arrays share no memory with the rest.
      if (fits < frame.length) this.#unshift(new Uint8Array(frame.subarray(fits)))
      frames.push(frame.subarray(0, fits) as Bytes)
      size += fits
    }
    taken.push(join(frames))
    return size
  }

  /** Adds the newest pong, which follows all others, if the next `max` bytes contain all other urgent frames. */
  #addNewestPong(max: number): void {
    if (this.#newestPong === undefined || this.rest + this.#urgentSize >= max) return
    this.addUrgent(FIN_BIT | PONG, this.#newestPong)
    this.#newestPong = undefined
  }

  /** Moves the first `size` bytes of the queue, at most all of it, to `taken`; returns `size`. */
  #shift(size: number, taken: Bytes[]): number {
    if (size === 0) return 0
    this.#seal()
    const parts = this.#parts
    const { sharesOutput } = this.#options
    let whole = 0
    let left = size
    while (left > 0) {
      const part = parts[whole]
      if (part === undefined || part.length === 0) throw transferred()
      if (part.length > left) {
        const start = part.subarray(0, left) as Bytes
        taken.push(sharesOutput ? start : new Uint8Array(start))
        this.rest = distanceToBorder(part, this.rest, left, this.#masked)
        parts[whole] = this.#share(part, part.subarray(left) as Bytes)
        break
      }
      // Not with `allocate`: if it threw, the output taken here would be lost.
      taken.push(this.#shared?.has(part) && !sharesOutput ? part.slice() : part)
      this.rest = this.#pastEnd[whole] as number
      left -= part.length
      whole++
    }
    parts.splice(0, whole)
    this.#pastEnd.splice(0, whole)
    this.#partsSize -= size
    this.#forgetShared()
    return size
  }

  /** Releases parts that have been taken. It does so rarely, because a part may be in the queue more than once. */
  #forgetShared(): void {
    const shared = this.#shared
    if (shared !== undefined && shared.size > 2 * this.#parts.length)
      this.#shared = this.#parts.length === 0 ? undefined : new Set(this.#parts.filter((part) => shared.has(part)))
  }

  /** Puts the rest of an urgent frame first, like the rest of any frame that was partly taken. */
  #unshift(rest: Bytes): void {
    this.#seal()
    this.#parts.unshift(rest)
    this.#pastEnd.unshift(0)
    this.#partsSize += rest.length
    this.rest = rest.length
    this.#urgentCut = true
  }

  /** Marks a view as shared if the whole array is. */
  #share(whole: Bytes, view: Bytes): Bytes {
    if (this.#shared?.has(whole)) this.#shared.add(view)
    return view
  }

  #nextMaskKey(): number {
    if (!this.#masked) return 0
    const { maskKeys } = this.#options
    return maskKeys === undefined ? randomInt32() : toMaskKey(this.#call(maskKeys, 0))
  }

  /** Calls one of the caller's functions, which must not call back. */
  #call(given: (size: number) => Uint8Array, size: number): Uint8Array {
    const { busy } = this
    this.busy = true
    try {
      return given(size)
    } finally {
      this.busy = busy
    }
  }

  /** Reserves space after the written frames; returns its offset in the buffer. {@link #commit} then sets how much of it was needed. */
  #reserve(size: number): number {
    const at = this.#start + this.#length
    const end = at + size
    if (end <= this.#limit) return at
    const slab = this.#slab
    if (slab === undefined || this.#limit !== slab.end || end > SLAB_SIZE) return this.#move(size)
    // No other output has written after this one.
    slab.end = end
    this.#limit = end
    return at
  }

  /** Records that the bytes before `end` are written. */
  #commit(end: number): void {
    this.#length = end - this.#start
    const slab = this.#slab
    if (slab === undefined || slab.end !== this.#limit) return
    slab.end = end
    this.#limit = end
  }

  /** Reserves space in another array, and copies the written frames to it, unless they are large. */
  #move(size: number): number {
    const isFull = this.#slab === undefined && this.#limit >= APART_FROM
    if (this.#length > 0 && (size >= APART_FROM || isFull)) this.#seal()
    const buffer = this.#buffer
    const length = this.#length
    const start = this.#start
    const needed = length + size
    if (needed <= MAX_IN_SLAB) {
      const slab = this.#slabFor(needed)
      const at = slab.end
      slab.end += needed
      slab.outputs++
      if (buffer !== undefined) {
        slab.bytes.set(buffer.subarray(start, start + length), at)
        this.#leaveBuffer()
      }
      this.#slab = slab
      this.#buffer = slab.bytes
      this.#start = at
      this.#limit = at + needed
    } else {
      // The first frame gets exactly its size, because most outputs contain only one.
      const larger = this.#make(length === 0 ? needed : Math.max(needed, length * 2))
      if (buffer !== undefined) {
        larger.set(buffer.subarray(start, start + length))
        this.#leaveBuffer()
      }
      this.#buffer = larger
      this.#limit = larger.length
    }
    this.#length = length
    return this.#start + length
  }

  /** Returns a slab that has `size` free bytes. */
  #slabFor(size: number): Slab {
    const { slabs, native } = this.#options
    let { slab } = slabs
    if (slab === undefined || slab.end + size > SLAB_SIZE) {
      slab = new Slab(this.#make(SLAB_SIZE), native?.allocate !== undefined)
      slabs.slab = slab
    }
    return slab
  }

  /** Releases the buffer, whose contents are no longer needed. */
  #leaveBuffer(): void {
    this.#slab?.release(this.#start, this.#start + this.#length)
    this.#slab = undefined
    this.#buffer = undefined
    this.#start = 0
    this.#length = 0
    this.#limit = 0
  }

  #make(size: number): Bytes {
    const allocate = this.#options.native?.allocate
    return allocate === undefined ? new Uint8Array(size) : requireSize(this.#call(allocate, size), size)
  }

  /** Moves the buffer's contents to the parts. */
  #seal(): void {
    const filled = this.#takeBuffer()
    if (filled !== undefined) this.#push(filled, 0)
  }

  #push(part: Bytes, pastEnd: number): void {
    this.#parts.push(part)
    this.#pastEnd.push(pastEnd)
    this.#partsSize += part.length
  }

  #takeBuffer(): Bytes | undefined {
    const buffer = this.#buffer
    const slab = this.#slab
    const start = this.#start
    const length = this.#length
    if (buffer === undefined) return undefined
    if (length === 0) {
      this.#leaveBuffer()
      return undefined
    }
    this.#buffer = undefined
    this.#slab = undefined
    this.#start = 0
    this.#length = 0
    this.#limit = 0
    if (slab !== undefined) return slab.take(start, start + length)
    return buffer.length === length ? buffer : (buffer.subarray(0, length) as Bytes)
  }
}

/**
 * Returns the distance from `end` to the next border between frames, starting from a border at `border`. The frames are our own, so their
 * lengths have the shortest form.
 */
export function distanceToBorder(frames: Bytes, border: number, end: number, masked: boolean): number {
  let next = border
  while (next < end) {
    const second = frames[next + 1] as number
    const lengthSize = lengthSizeOf(second)
    next += wireSize(lengthSize === 0 ? second & LENGTH_BITS : readLength(frames, next + 2, lengthSize), masked)
  }
  return next - end
}

/** Creates the error for a payload that was given away and then transferred. */
function transferred(): TypeError {
  return new TypeError(
    'a payload was transferred, or its memory has shrunk, before it was written (see `ownsMessages`)',
  )
}

/** Creates the error for a call from inside another call. */
export function calledBack(): TypeError {
  return new TypeError('an extension, `maskKeys` or `native` called back into its connection')
}
