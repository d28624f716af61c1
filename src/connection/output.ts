/**
 * The output queue of a connection, from messages to bytes: frames are encoded straight into one array, large ones into their own.
 * It masks, fragments, and limits waiting pongs.
 *
 * @module
 */

import { type Allocate, requireSize } from '../bytes/allocate.ts'
import { join } from '../bytes/join.ts'
import { sourceSize, textSource, wireSize, writeFrame, writeTextFrame } from '../frame/encode.ts'
import { Cuts } from '../frame/fragment.ts'
import { FIN_BIT } from '../frame/header.ts'
import { toMaskKey } from '../frame/mask.ts'
import { randomInt32 } from '../platform/random.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'

/**
 * The most automatic pongs that may wait. RFC 6455 §5.5.3 lets one answer all pings before it, but peers count them. Past this
 * limit the newest replaces the last, so that pings cost no memory while the output is not taken.
 */
const MAX_WAITING_PONGS = 64

/** Frames of at least this size get their own array: growing the buffer for them would copy them again. */
const APART_FROM = 65_536

/** The frames that wait to be sent. */
export class Output {
  /** Whole arrays that precede the buffer. */
  private parts: Bytes[] | undefined = undefined
  private partsSize = 0
  /** Parts that other connections also send: they are copied when taken. */
  private shared: Set<Bytes> | undefined = undefined
  private buffer: Bytes | undefined = undefined
  private length = 0
  private waitingPongs = 0
  private newestPong: Uint8Array | undefined = undefined
  /** While external code runs: an extension, `maskKeys` or `allocate`. */
  busy = false
  private readonly masked: boolean
  private readonly maskKeys: (() => Uint8Array) | undefined
  private readonly fragmentSize: number
  private readonly allocate: Allocate | undefined

  /** @param fragmentSize The most payload bytes in a frame of a message. */
  constructor(role: Role, maskKeys: (() => Uint8Array) | undefined, fragmentSize: number, allocate?: Allocate) {
    // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames"   RFC 6455 §5.1
    this.masked = role === 'client'
    this.maskKeys = maskKeys
    this.fragmentSize = Math.floor(fragmentSize)
    this.allocate = allocate
  }

  /** Bytes that wait, except a pong that may still be replaced. */
  get size(): number {
    return this.partsSize + this.length
  }

  /** Throws `TypeError` if that code calls back: it would write or take output in the middle of an operation. */
  requireIdle(): void {
    if (this.busy) throw calledBack()
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.newestPong === undefined
  }

  /** Adds one frame; `firstByte` is as on the wire. The payload is copied. */
  addFrame(firstByte: number, payload: Uint8Array): void {
    const key = this.masked ? this.nextMaskKey() : 0
    const offset = this.reserve(wireSize(payload.length, this.masked))
    writeFrame(this.buffer as Bytes, offset, firstByte, payload, this.masked, key)
  }

  /** Adds a text as UTF-8. `false`: it may need more than one frame, and nothing was added. */
  addText(text: string): boolean {
    // UTF-8 takes at most three bytes per code unit: so short a string needs no fragmenting.
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
   * Adds a message, or a piece of one, as frames of at most `fragmentSize` bytes; cuts may fall inside characters (RFC 6455 §5.4,
   * §5.6).
   *
   * @param opcode With the RSV bits of extensions, which only the first frame carries (RFC 7692 §6); 0 for a continuation.
   * @param fin Whether the message ends with it.
   */
  addFrames(opcode: number, payload: Uint8Array, fin: boolean): void {
    if (payload.length > this.fragmentSize) this.addFragments(opcode, payload, fin)
    else this.addFrame(fin ? FIN_BIT | opcode : opcode, payload)
  }

  /**
   * Adds a whole frame shared by many connections, unless this one must mask or fragment it. A small frame is copied now, a large
   * one when it is taken: until then all of them hold the same array.
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
      // The caller's `maskKeys` has thrown: half a message must not stay.
      if (count === 0) this.parts = undefined
      else this.parts?.splice(count)
      this.partsSize = partsSize
      this.buffer = buffer
      this.length = length
      throw error
    }
  }

  /** Adds the answer to a ping. Never throws: if the caller's `maskKeys` throws, the pong waits until the output is taken. */
  addPong(payload: Uint8Array): void {
    if (this.waitingPongs < MAX_WAITING_PONGS && this.newestPong === undefined) {
      try {
        this.addFrame(FIN_BIT | Opcode.Pong, payload)
        this.waitingPongs++
        return
      } catch {
        // `take` tries again, and throws if that fails too.
      }
    }
    // A copy: the event returns the payload to the caller.
    this.newestPong = new Uint8Array(payload)
  }

  /**
   * Everything that waits, in order, in arrays that are now the caller's, each with its own memory. A `close` frame is added after
   * all of it, because it is the last frame that a side sends.
   */
  takeParts(close: Uint8Array | undefined): Bytes[] {
    this.addLast(close)
    const { shared } = this
    const parts = this.emptyParts()
    // Not with `allocate`: if that throws, the output taken here would be lost.
    return shared === undefined ? parts : parts.map((part) => (shared.has(part) ? part.slice() : part))
  }

  /** The same in one array; `undefined`: nothing. */
  take(close?: Uint8Array): Bytes | undefined {
    this.addLast(close)
    if (this.parts === undefined) return this.takeBuffer()
    const { shared } = this
    const parts = this.emptyParts()
    // Not with `allocate`, as above. Several parts are joined in a new array; a single one is returned as it is.
    const [only] = parts
    return parts.length === 1 && only !== undefined && shared?.has(only) ? only.slice() : join(parts)
  }

  /** A copy of everything that waits, which stays queued. */
  copy(): Bytes {
    const all = this.take()
    if (all !== undefined) this.addBytes(all)
    return all ?? new Uint8Array(0)
  }

  /** Adds encoded frames. */
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

  /** Calls a function of the caller's, which must not call back. */
  private call<Argument>(given: (argument: Argument) => Uint8Array, argument: Argument): Uint8Array {
    const { busy } = this
    this.busy = true
    try {
      return given(argument)
    } finally {
      this.busy = busy
    }
  }

  /** Reserves space at the end; returns its offset. The first frame gets exactly its size: most outputs hold one. */
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

  /** Whether growing would copy a lot, for one large frame or many small ones. */
  private isFull(more: number): boolean {
    return this.buffer !== undefined && this.buffer.length >= APART_FROM && this.length + more > this.buffer.length
  }

  /** Moves the buffer's contents to the parts. */
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

/** The error for a call made from inside another one. */
export function calledBack(): TypeError {
  return new TypeError('an extension, `maskKeys` or `allocate` has called back into the connection that it works for')
}
