/**
 * What waits to be sent, in order, in one array: frames are encoded straight into it. Knows which side masks and how pongs
 * are kept few; not when anything may be sent.
 *
 * @module
 */

import { grow } from '../bytes/grow.ts'
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

/** The frames that wait. */
export class Output {
  private buffer: Bytes | undefined
  private length = 0
  private waitingPongs = 0
  private newestPong: Uint8Array | undefined
  private readonly masked: boolean
  private readonly maskKeys: (() => Uint8Array) | undefined

  constructor(role: Role, maskKeys: (() => Uint8Array) | undefined) {
    // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames"   RFC 6455 §5.1
    this.masked = role === 'client'
    this.maskKeys = maskKeys
  }

  /** Adds one frame; `firstByte` as it stands on the wire. The payload is copied. */
  addFrame(firstByte: number, payload: Uint8Array): void {
    const key = this.masked ? this.nextMaskKey() : 0
    const offset = this.reserve(wireSize(payload.length, this.masked))
    writeFrame(this.buffer as Bytes, offset, firstByte, payload, this.masked, key)
  }

  /** Adds one frame with the UTF-8 of `text`. */
  addTextFrame(firstByte: number, text: string): void {
    const source = textSource(text)
    if (typeof source !== 'string') {
      this.addFrame(firstByte, source)
      return
    }
    const key = this.masked ? this.nextMaskKey() : 0
    const size = sourceSize(source)
    const offset = this.reserve(wireSize(size, this.masked))
    writeTextFrame(this.buffer as Bytes, offset, firstByte, text, size, this.masked, key)
  }

  /** Adds a message as frames of `fragmentSize` bytes at most; cuts may fall inside characters (RFC 6455 §5.4, §5.6). */
  addFragments(opcode: number, payload: Uint8Array, fragmentSize: number): void {
    const before = this.length
    try {
      const cuts = new Cuts(opcode, payload.length, fragmentSize)
      while (cuts.next())
        this.addFrame(cuts.fin ? FIN_BIT | cuts.opcode : cuts.opcode, payload.subarray(cuts.start, cuts.end))
    } catch (error) {
      // A caller's `maskKeys` has failed: half a message must not stay.
      this.length = before
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
   * All that waits, now the caller's; `undefined`: nothing. With a `close`, that Close frame goes behind all of it, for it is
   * the last that a side sends.
   */
  take(close?: Uint8Array): Bytes | undefined {
    if (this.newestPong !== undefined) this.addFrame(FIN_BIT | Opcode.Pong, this.newestPong)
    this.newestPong = undefined
    if (close !== undefined) this.addFrame(FIN_BIT | Opcode.Close, close)
    const { buffer, length } = this
    this.buffer = undefined
    this.length = 0
    this.waitingPongs = 0
    if (buffer === undefined || length === 0) return undefined
    return buffer.length === length ? buffer : buffer.subarray(0, length)
  }

  private nextMaskKey(): number {
    return this.maskKeys === undefined ? randomInt32() : toMaskKey(this.maskKeys())
  }

  /** Makes room at the end; returns where it begins. The first frame gets exactly its size: most outputs hold one. */
  private reserve(size: number): number {
    const offset = this.length
    this.length += size
    if (this.buffer === undefined) this.buffer = new Uint8Array(size)
    else if (this.buffer.length < this.length)
      this.buffer = grow(this.buffer, offset, Math.max(this.length, this.buffer.length * 2))
    return offset
  }
}
