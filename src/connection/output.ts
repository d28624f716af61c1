/**
 * What waits to be sent, in order: frames are encoded straight into one array, large ones into arrays of their own. Knows which
 * side masks, how frames are cut and how pongs are kept few; not when anything may be sent.
 *
 * @module
 */

import { type Allocate, requireSize } from '../bytes/allocate.ts'
import { join } from '../bytes/join.ts'
import { Cuts } from '../frame/fragment.ts'
import { FIN_BIT } from '../frame/header.ts'
import { toMaskKey } from '../frame/mask.ts'
import { sourceSize, textSource, wireSize, writeFrame, writeTextFrame } from '../frame/write.ts'
import { randomInt32 } from '../platform/random.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'

/**
 * Automatic pongs that may wait. RFC 6455 §5.5.3 lets one answer all pings before it, but peers count one for one; past
 * this many the newest replaces the last, so that pings behind which nobody takes the output cost no memory.
 */
const MAX_WAITING_PONGS = 64

/** Frames from here on get an array of their own: growing one for them would copy them once more. */
const APART_FROM = 65_536

/** The frames that wait. */
export class Output {
  /** Whole arrays that wait before the buffer. */
  private parts: Bytes[] | undefined = undefined
  private partsSize = 0
  /** Those of the parts that other connections send as well: copied when they are taken. */
  private shared: Set<Bytes> | undefined = undefined
  private buffer: Bytes | undefined = undefined
  private length = 0
  private waitingPongs = 0
  private newestPong: Uint8Array | undefined = undefined
  /** While somebody else's code is called: an extension, `maskKeys` or `allocate`. */
  busy = false
  private readonly masked: boolean
  private readonly maskKeys: (() => Uint8Array) | undefined
  private readonly fragmentSize: number
  private readonly allocate: Allocate | undefined

  /** @param fragmentSize Bytes of payload that a frame of a message has at most. */
  constructor(role: Role, maskKeys: (() => Uint8Array) | undefined, fragmentSize: number, allocate?: Allocate) {
    // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames"   RFC 6455 §5.1
    this.masked = role === 'client'
    this.maskKeys = maskKeys
    this.fragmentSize = Math.floor(fragmentSize)
    this.allocate = allocate
  }

  /** Bytes that wait; a pong that may still be replaced is not among them. */
  get size(): number {
    return this.partsSize + this.length
  }

  /** Throws `TypeError` where that code calls back: what it wrote or took would be in the middle of something. */
  requireIdle(): void {
    if (this.busy) throw calledBack()
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.newestPong === undefined
  }

  /** Adds one frame; `firstByte` as it stands on the wire. The payload is copied. */
  addFrame(firstByte: number, payload: Uint8Array): void {
    const key = this.masked ? this.nextMaskKey() : 0
    const offset = this.reserve(wireSize(payload.length, this.masked))
    writeFrame(this.buffer as Bytes, offset, firstByte, payload, this.masked, key)
  }

  /** Adds a text, as UTF-8. `false`: it may be longer than a frame, and nothing was added. */
  addText(text: string): boolean {
    // Three bytes a code unit are the most that UTF-8 takes: a string so short needs no cutting.
    if (text.length * 3 > this.fragmentSize) return false
    const source = textSource(text)
    if (typeof source !== 'string') {
      this.addFrame(FIN_BIT | Opcode.Text, source)
      return true
    }
    const key = this.masked ? this.nextMaskKey() : 0
    const size = sourceSize(source)
    const offset = this.reserve(wireSize(size, this.masked))
    writeTextFrame(this.buffer as Bytes, offset, FIN_BIT | Opcode.Text, text, size, this.masked, key)
    return true
  }

  /**
   * Adds a message, or a piece of one, as frames of `fragmentSize` bytes at most; cuts may fall inside characters (RFC 6455 §5.4,
   * §5.6).
   *
   * @param opcode With the RSV bits of extensions, which only the first frame carries (RFC 7692 §6); 0 for what goes on.
   * @param fin Whether the message ends with it.
   */
  addFrames(opcode: number, payload: Uint8Array, fin: boolean): void {
    if (payload.length > this.fragmentSize) this.addFragments(opcode, payload, fin)
    else this.addFrame(fin ? FIN_BIT | opcode : opcode, payload)
  }

  /**
   * Adds a whole frame that many connections send, unless it has to be masked or cut for this one. A small one is copied now, a
   * large one when it is taken: until then all of them wait with the same array.
   */
  addShared(frame: Bytes, payloadSize: number): boolean {
    if (this.masked || payloadSize > this.fragmentSize) return false
    if (frame.length >= APART_FROM) {
      this.seal()
      this.push(frame)
      this.shared ??= new Set()
      this.shared.add(frame)
    } else {
      const offset = this.reserve(frame.length)
      ;(this.buffer as Bytes).set(frame, offset)
    }
    return true
  }

  private addFragments(opcode: number, payload: Uint8Array, fin: boolean): void {
    const { partsSize, buffer, length } = this
    const count = this.parts?.length ?? 0
    try {
      const cuts = new Cuts(opcode, payload.length, this.fragmentSize)
      while (cuts.next())
        this.addFrame(cuts.fin && fin ? FIN_BIT | cuts.opcode : cuts.opcode, payload.subarray(cuts.start, cuts.end))
    } catch (error) {
      // A caller's `maskKeys` has failed: half a message must not stay.
      if (count === 0) this.parts = undefined
      else this.parts?.splice(count)
      this.partsSize = partsSize
      this.buffer = buffer
      this.length = length
      throw error
    }
  }

  /**
   * Adds the answer to a ping. Never throws: where the caller's `maskKeys` fails, the pong waits until the output is taken.
   */
  addPong(payload: Uint8Array): void {
    if (this.waitingPongs < MAX_WAITING_PONGS && this.newestPong === undefined) {
      try {
        this.addFrame(FIN_BIT | Opcode.Pong, payload)
        this.waitingPongs++
        return
      } catch {
        // What failed is told by `take`, which tries again.
      }
    }
    // A copy: the event hands the payload out.
    this.newestPong = new Uint8Array(payload)
  }

  /**
   * All that waits, in arrays that are now the caller's, each with memory of its own, in order. With a `close`, that Close frame
   * goes behind all of it, for it is the last that a side sends.
   */
  takeParts(close: Uint8Array | undefined): Bytes[] {
    this.addLast(close)
    const { shared } = this
    const parts = this.emptyParts()
    // Not by `allocate`: where that fails, what has been taken here would be lost.
    return shared === undefined ? parts : parts.map((part) => (shared.has(part) ? part.slice() : part))
  }

  /** The same in one array; `undefined`: nothing. */
  take(close?: Uint8Array): Bytes | undefined {
    this.addLast(close)
    if (this.parts === undefined) return this.takeBuffer()
    const { shared } = this
    const parts = this.emptyParts()
    // Not by `allocate`, as above. Several are joined in a fresh array, a single one is handed out as it is.
    const [only] = parts
    return parts.length === 1 && only !== undefined && shared?.has(only) ? only.slice() : join(parts)
  }

  /** A copy of all that waits, which stays. */
  copy(): Bytes {
    const all = this.take()
    if (all !== undefined) this.addBytes(all)
    return all ?? new Uint8Array(0)
  }

  /** Adds frames that are bytes already. */
  addBytes(bytes: Bytes): void {
    this.seal()
    if (bytes.length > 0) this.push(bytes)
  }

  private emptyParts(): Bytes[] {
    this.seal()
    const parts = this.parts ?? []
    this.parts = undefined
    this.partsSize = 0
    this.shared = undefined
    return parts
  }

  private addLast(close: Uint8Array | undefined): void {
    if (this.newestPong !== undefined) this.addFrame(FIN_BIT | Opcode.Pong, this.newestPong)
    this.newestPong = undefined
    if (close !== undefined) this.addFrame(FIN_BIT | Opcode.Close, close)
    this.waitingPongs = 0
  }

  private nextMaskKey(): number {
    const { maskKeys } = this
    return maskKeys === undefined ? randomInt32() : toMaskKey(this.call(maskKeys, undefined))
  }

  /** Calls what the caller has given, which must not call back. */
  private call<Argument>(given: (argument: Argument) => Uint8Array, argument: Argument): Uint8Array {
    const { busy } = this
    this.busy = true
    try {
      return given(argument)
    } finally {
      this.busy = busy
    }
  }

  /** Makes room at the end; returns where it begins. The first frame gets exactly its size: most outputs hold one. */
  private reserve(size: number): number {
    if (this.length > 0 && (size >= APART_FROM || this.isFull(size))) this.seal()
    const { buffer, length: offset } = this
    const end = offset + size
    if (buffer === undefined) this.buffer = this.make(size)
    else if (buffer.length < end) this.buffer = this.grown(buffer, end)
    this.length = end
    return offset
  }

  private grown(buffer: Bytes, size: number): Bytes {
    const larger = this.make(Math.max(size, buffer.length * 2))
    larger.set(buffer.subarray(0, this.length))
    return larger
  }

  private make(size: number): Bytes {
    const { allocate } = this
    return allocate === undefined ? new Uint8Array(size) : requireSize(this.call(allocate, size), size)
  }

  /** Whether growing would copy much, be it one large frame or many small ones. */
  private isFull(more: number): boolean {
    return this.buffer !== undefined && this.buffer.length >= APART_FROM && this.length + more > this.buffer.length
  }

  /** What is in the buffer is a part by itself. */
  private seal(): void {
    const filled = this.takeBuffer()
    if (filled !== undefined) this.push(filled)
  }

  private push(part: Bytes): void {
    this.parts ??= []
    this.parts.push(part)
    this.partsSize += part.length
  }

  private takeBuffer(): Bytes | undefined {
    const { buffer, length } = this
    if (buffer === undefined) return undefined
    this.buffer = undefined
    this.length = 0
    if (length === 0) return undefined
    return buffer.length === length ? buffer : (buffer.subarray(0, length) as Bytes)
  }
}

/** The error for a call that comes out of another one. */
export function calledBack(): TypeError {
  return new TypeError('an extension, `maskKeys` or `allocate` has called back into the connection that it works for')
}
