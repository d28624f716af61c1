/**
 * Decompresses message payloads with pako, and maps its status codes to those of a codec.
 *
 * @module
 */

import {
  Z_BUF_ERROR,
  Z_DATA_ERROR,
  Z_NEED_DICT,
  Z_OK,
  Z_STREAM_END,
  Z_SYNC_FLUSH,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
  zlibInflateSetDictionary,
} from 'pako'
import type { Decompressed, Decompressor } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { Drain, type Source } from './output.ts'
import { EXPANSION, lastOf } from './window.ts'

/** One pako inflate stream. */
class Engine implements Source {
  private readonly stream = new ZStream()
  private readonly nothing = new Uint8Array(0)
  /** pako's last status. */
  status: number = Z_OK

  constructor(windowBits: number) {
    const status = zlibInflateInit2(this.stream, -windowBits)
    if (status !== Z_OK) throw new RangeError(`pako refuses a window of ${windowBits} bits: status ${status}`)
  }

  /** Resets the stream, and sets its window. */
  start(window: Uint8Array): void {
    zlibInflateReset(this.stream)
    if (window.length > 0) zlibInflateSetDictionary(this.stream, window)
  }

  /** The output for `input`, as {@link Drain.take} returns it. */
  run(drain: Drain, input: Uint8Array, room: number, wanted: number): Bytes | undefined {
    const { stream } = this
    stream.input = input
    stream.next_in = 0
    stream.avail_in = input.length
    const output = drain.take(this, room, wanted, EXPANSION * input.length)
    stream.input = this.nothing
    stream.output = this.nothing
    return output
  }

  /** Unread bytes of the last input. */
  get left(): number {
    return this.stream.avail_in
  }

  /** pako's error for the last input. */
  get error(): Error {
    return Object.assign(new Error(`pako: ${this.stream.msg || 'no DEFLATE'}`), { errno: this.status })
  }

  fill(output: Bytes, size: number): number {
    const { stream } = this
    stream.output = output
    stream.next_out = 0
    stream.avail_out = size
    this.status = zlibInflate(stream, Z_SYNC_FLUSH)
    return size - stream.avail_out
  }
}

/** A {@link Decompressor} by pako. */
export class PakoDecompressor implements Decompressor {
  private readonly windowBits: number
  private readonly drain: Drain = new Drain()
  private engine: Engine | undefined = undefined

  constructor(windowBits: number) {
    this.windowBits = windowBits
  }

  start(window: Uint8Array): void {
    this.drain.paused = false
    this.open().start(lastOf(window, 2 ** this.windowBits))
  }

  decompress(input: Uint8Array, room: number, wanted: number = Infinity): Decompressed {
    const engine = this.open()
    const output = engine.run(this.drain, input, room, wanted)
    const consumed = input.length - engine.left
    if (output === undefined) return { status: 'limit', consumed, output: new Uint8Array(0) }
    if (this.drain.paused) return { status: 'paused', consumed, output }
    if (engine.status === Z_STREAM_END) return { status: 'ended', consumed, output }
    // A "buffer error" only means that there was nothing to do.
    if (engine.status === Z_OK || engine.status === Z_BUF_ERROR) return { status: 'more', consumed, output }
    // Anything else is a failure of the library, not the sender's fault.
    if (engine.status !== Z_DATA_ERROR && engine.status !== Z_NEED_DICT) throw engine.error
    return { status: 'corrupt', consumed, output: new Uint8Array(0), cause: engine.error }
  }

  close(): void {
    this.engine = undefined
    this.drain.release()
  }

  private open(): Engine {
    this.engine ??= new Engine(this.windowBits)
    return this.engine
  }
}
