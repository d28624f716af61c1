/**
 * The output queue of a connection: encodes frames straight into one array, large ones into their own, until the transport takes
 * them. It masks, fragments, and limits waiting pongs.
 *
 * @module
 */

import { join } from '../bytes/join.ts'
import { type Allocate, requireSize } from '../bytes/view.ts'
import { sourceSize, textSource, wireSize, writeFrame } from '../frame/encode.ts'
import { Cuts } from '../frame/fragment.ts'
import { FIN_BIT } from '../frame/header.ts'
import { toMaskKey } from '../frame/mask.ts'
import { CLOSE, PONG, TEXT } from '../frame/rules.ts'
import { randomInt32 } from '../platform/random.ts'
import type { Bytes, Role } from '../types.ts'

/**
 * The most automatic pongs that may wait. RFC 6455 §5.5.3 lets one answer all pings before it, but peers count them. Past this
 * limit the newest replaces the last, so that pings cost no memory while the output is not taken.
 */
const MAX_WAITING_PONGS = 64

/** Frames of at least this size get their own array: growing the buffer for them would copy them again. */
const APART_FROM = 65_536

/** The options that have to do with writing. */
export interface OutputOptions {
  readonly role: Role
  /** The most payload bytes in a frame of a message. */
  readonly fragmentSize: number
  readonly maskKeys: (() => Uint8Array) | undefined
  readonly allocate: Allocate | undefined
}

/** The frames that wait to be sent. */
export class Output {
  /** While external code runs: an extension, `maskKeys` or `allocate`. */
  busy = false
  readonly #masked: boolean
  readonly #maskKeys: (() => Uint8Array) | undefined
  readonly #fragmentSize: number
  readonly #allocate: Allocate | undefined
  /** Whole arrays that precede the buffer. */
  #parts: Bytes[] | undefined = undefined
  #partsSize = 0
  /** Parts that other connections also send: they are copied when taken. */
  #shared: Set<Bytes> | undefined = undefined
  #buffer: Bytes | undefined = undefined
  #length = 0
  #waitingPongs = 0
  #newestPong: Uint8Array | undefined = undefined

  constructor({ role, maskKeys, fragmentSize, allocate }: OutputOptions) {
    // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames"   RFC 6455 §5.1
    this.#masked = role === 'client'
    this.#maskKeys = maskKeys
    this.#fragmentSize = fragmentSize
    this.#allocate = allocate
  }

  /** Bytes that wait, except a pong that may still be replaced. */
  get size(): number {
    return this.#partsSize + this.#length
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#newestPong === undefined
  }

  /** Throws `TypeError` if external code calls back: it would write or take output in the middle of an operation. */
  requireIdle(): void {
    if (this.busy) throw calledBack()
  }

  /** Adds one frame; `firstByte` is as on the wire. The payload is copied. */
  addFrame(firstByte: number, payload: Uint8Array): void {
    this.#addFrame(firstByte, payload, payload.length)
  }

  /** Adds a text as UTF-8. `false`: it may need more than one frame, and nothing was added. */
  addText(text: string): boolean {
    // UTF-8 takes at most three bytes per code unit: so short a string needs no fragmenting.
    if (text.length * 3 > this.#fragmentSize) return false
    const source = textSource(text)
    this.#addFrame(FIN_BIT | TEXT, source, sourceSize(source))
    return true
  }

  #addFrame(firstByte: number, source: string | Uint8Array, size: number): void {
    const key = this.#nextMaskKey()
    const offset = this.#reserve(wireSize(size, this.#masked))
    writeFrame(this.#buffer as Bytes, offset, firstByte, source, size, this.#masked, key)
  }

  /**
   * Adds a message, or a piece of one, as frames of at most `fragmentSize` bytes; cuts may fall inside characters (RFC 6455 §5.4,
   * §5.6).
   *
   * @param opcode With the RSV bits of extensions, which only the first frame carries (RFC 7692 §6); 0 for a continuation.
   * @param fin Whether the message ends with it.
   */
  addFrames(opcode: number, payload: Uint8Array, fin: boolean): void {
    if (payload.length > this.#fragmentSize) this.#addFragments(opcode, payload, fin)
    else this.addFrame(fin ? FIN_BIT | opcode : opcode, payload)
  }

  #addFragments(opcode: number, payload: Uint8Array, fin: boolean): void {
    const [parts, partsSize, buffer, length] = [this.#parts, this.#partsSize, this.#buffer, this.#length]
    const count = parts?.length ?? 0
    try {
      const cuts = new Cuts(opcode, payload.length, this.#fragmentSize)
      while (cuts.next())
        this.addFrame(cuts.fin && fin ? FIN_BIT | cuts.opcode : cuts.opcode, payload.subarray(cuts.start, cuts.end))
    } catch (error) {
      // The caller's `maskKeys` has thrown: half a message must not stay.
      parts?.splice(count)
      this.#parts = parts
      this.#partsSize = partsSize
      this.#buffer = buffer
      this.#length = length
      throw error
    }
  }

  /**
   * Adds a whole frame shared by many connections, unless this one must mask or fragment it. A small frame is copied now, a large
   * one when it is taken: until then all of them hold the same array.
   */
  addShared(frame: Bytes, payloadSize: number): boolean {
    if (this.#masked || payloadSize > this.#fragmentSize) return false
    if (frame.length >= APART_FROM) {
      this.addBytes(frame)
      this.#shared ??= new Set()
      this.#shared.add(frame)
    } else {
      const offset = this.#reserve(frame.length)
      ;(this.#buffer as Bytes).set(frame, offset)
    }
    return true
  }

  /** Adds encoded frames, in an array that is kept. */
  addBytes(bytes: Bytes): void {
    this.#seal()
    if (bytes.length > 0) this.#push(bytes)
  }

  /** Adds the answer to a ping. Never throws: if the caller's `maskKeys` throws, the pong waits until the output is taken. */
  addPong(payload: Uint8Array): void {
    if (this.#waitingPongs < MAX_WAITING_PONGS && this.#newestPong === undefined) {
      try {
        this.addFrame(FIN_BIT | PONG, payload)
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
   * Everything that waits, in order, in arrays that are now the caller's, each with its own memory. A `close` frame is added after
   * all of it, because it is the last frame that a side sends.
   */
  takeParts(close: Uint8Array | undefined): Bytes[] {
    this.#addLast(close)
    this.#seal()
    const parts = this.#parts ?? []
    const shared = this.#shared
    this.#parts = this.#shared = undefined
    this.#partsSize = 0
    // Not with `allocate`: if that throws, the output taken here would be lost.
    return shared === undefined ? parts : parts.map((part) => (shared.has(part) ? part.slice() : part))
  }

  /** The same in one array; `undefined`: nothing. */
  take(close?: Uint8Array): Bytes | undefined {
    this.#addLast(close)
    if (this.#parts === undefined) return this.#takeBuffer()
    // Joining copies shared parts, too.
    if (this.#parts.length > 1 || this.#length > 0) this.#shared = undefined
    const parts = this.takeParts(undefined)
    return parts.length === 1 ? parts[0] : join(parts)
  }

  #addLast(close: Uint8Array | undefined): void {
    if (this.#newestPong !== undefined) this.addFrame(FIN_BIT | PONG, this.#newestPong)
    this.#newestPong = undefined
    if (close !== undefined) this.addFrame(FIN_BIT | CLOSE, close)
    this.#waitingPongs = 0
  }

  #nextMaskKey(): number {
    if (!this.#masked) return 0
    const maskKeys = this.#maskKeys
    return maskKeys === undefined ? randomInt32() : toMaskKey(this.#call(maskKeys, 0))
  }

  /** Calls a function of the caller's, which must not call back. */
  #call(given: (size: number) => Uint8Array, size: number): Uint8Array {
    const { busy } = this
    this.busy = true
    try {
      return given(size)
    } finally {
      this.busy = busy
    }
  }

  /** Reserves space at the end; returns its offset. The first frame gets exactly its size: most outputs hold one. */
  #reserve(size: number): number {
    const full =
      this.#buffer !== undefined && this.#buffer.length >= APART_FROM && this.#length + size > this.#buffer.length
    // Growing would copy a lot, for one large frame or many small ones.
    if (this.#length > 0 && (size >= APART_FROM || full)) this.#seal()
    const buffer = this.#buffer
    const offset = this.#length
    const end = offset + size
    if (buffer === undefined) this.#buffer = this.#make(size)
    else if (buffer.length < end) {
      const larger = this.#make(Math.max(end, buffer.length * 2))
      larger.set(buffer.subarray(0, offset))
      this.#buffer = larger
    }
    this.#length = end
    return offset
  }

  #make(size: number): Bytes {
    const allocate = this.#allocate
    return allocate === undefined ? new Uint8Array(size) : requireSize(this.#call(allocate, size), size)
  }

  /** Moves the buffer's contents to the parts. */
  #seal(): void {
    const filled = this.#takeBuffer()
    if (filled !== undefined) this.#push(filled)
  }

  #push(part: Bytes): void {
    this.#parts ??= []
    this.#parts.push(part)
    this.#partsSize += part.length
  }

  #takeBuffer(): Bytes | undefined {
    const buffer = this.#buffer
    const length = this.#length
    this.#buffer = undefined
    this.#length = 0
    if (buffer === undefined || length === 0) return undefined
    return buffer.length === length ? buffer : (buffer.subarray(0, length) as Bytes)
  }
}

/** The error for a call made from inside another one. */
export function calledBack(): TypeError {
  return new TypeError('an extension, `maskKeys` or `allocate` called back into its connection')
}
