/**
 * What waits to be sent, in order, in one array: frames are encoded straight into it. Knows which side masks, how messages are
 * cut and how pongs are kept few; not when anything may be sent.
 *
 * @module
 */

import { grow } from '../bytes/grow.ts'
import { Cuts } from '../frame/fragment.ts'
import { FIN_BIT } from '../frame/header.ts'
import { toMaskKey } from '../frame/mask.ts'
import { sourceSize, textSource, wireSize, writeFrame, writeTextFrame } from '../frame/write.ts'
import { randomInt32 } from '../platform/random.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import type { Pipeline } from './pipeline.ts'

/**
 * Automatic pongs that may wait. RFC 6455 §5.5.3 lets one answer all pings before it, but peers count one for one; past
 * this many the newest replaces the last, so that pings behind which nobody takes the output cost no memory.
 */
const MAX_WAITING_PONGS = 64

/** What an output is told. */
export interface OutputOptions {
  readonly role: Role
  readonly maskKeys: (() => Uint8Array) | undefined
  /** Bytes of payload that a frame of a message has at most. */
  readonly fragmentSize: number
  readonly pipeline: Pipeline | undefined
}

/** The frames that wait. */
export class Output {
  private buffer: Bytes | undefined
  private length = 0
  private waitingPongs = 0
  private newestPong: Uint8Array | undefined
  private readonly masked: boolean
  private readonly maskKeys: (() => Uint8Array) | undefined
  private readonly fragmentSize: number
  private readonly pipeline: Pipeline | undefined
  /** Why no message can follow. */
  private failure: unknown

  constructor({ role, maskKeys, fragmentSize, pipeline }: OutputOptions) {
    // "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames"   RFC 6455 §5.1
    this.masked = role === 'client'
    this.maskKeys = maskKeys
    this.fragmentSize = Math.floor(fragmentSize)
    this.pipeline = pipeline
  }

  /** Adds a text, as UTF-8. */
  addText(text: string, compress: boolean | undefined): void {
    // Three bytes a code unit are the most that UTF-8 takes: a string so short needs no cutting.
    if (this.pipeline === undefined && text.length * 3 <= this.fragmentSize)
      this.addTextFrame(FIN_BIT | Opcode.Text, text)
    else this.addMessage(Opcode.Text, encodeUtf8(text), compress)
  }

  /** Adds a message, which passes the extensions first. What a codec or the caller's `maskKeys` throws passes through. */
  addMessage(opcode: number, message: Uint8Array, compress: boolean | undefined): void {
    const { pipeline } = this
    if (pipeline === undefined) {
      this.addFrames(opcode, message)
      return
    }
    if (this.failure !== undefined) throw this.failure
    try {
      const payload = pipeline.encode(opcode, message, compress)
      this.addFrames(pipeline.encodedOpcode, payload)
    } catch (error) {
      // Our extensions have moved on with a message that the peer's will never see: what followed would be misread.
      this.failure = error
      throw error
    }
  }

  /** Adds one frame; `firstByte` as it stands on the wire. The payload is copied. */
  addFrame(firstByte: number, payload: Uint8Array): void {
    const key = this.masked ? this.nextMaskKey() : 0
    const offset = this.reserve(wireSize(payload.length, this.masked))
    writeFrame(this.buffer as Bytes, offset, firstByte, payload, this.masked, key)
  }

  /** Adds one frame with the UTF-8 of `text`. */
  private addTextFrame(firstByte: number, text: string): void {
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

  /**
   * Adds a message as frames of `fragmentSize` bytes at most; cuts may fall inside characters (RFC 6455 §5.4, §5.6).
   *
   * @param opcode With the RSV bits of extensions, which only the first frame carries (RFC 7692 §6).
   */
  private addFrames(opcode: number, payload: Uint8Array): void {
    if (payload.length > this.fragmentSize) this.addFragments(opcode, payload)
    else this.addFrame(FIN_BIT | opcode, payload)
  }

  private addFragments(opcode: number, payload: Uint8Array): void {
    const before = this.length
    try {
      const cuts = new Cuts(opcode, payload.length, this.fragmentSize)
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
