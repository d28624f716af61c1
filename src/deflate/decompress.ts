/**
 * Decompresses incoming messages (RFC 7692 §7.2.2) after their frames are parsed: restores the tail that the sender cut off,
 * continues after final blocks, and detects truncated messages.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { Collector } from '../bytes/collector.ts'
import { join } from '../bytes/join.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import type { PieceInfo } from '../frame/transform.ts'
import type { Bytes } from '../types.ts'
import { type Decompressed, type Decompressor, type DeflateCodec, requireDecompressed, requireStream } from './codec.ts'
import type { DeflateSide } from './params.ts'
import { SlidingWindow } from './window.ts'

// "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message."              RFC 7692 §7.2.2
// With that alone most truncated messages pass, because the tail is read as the missing data. So an empty final block follows:
// a whole message ends exactly there, without output from the tail. The last byte is past the end, because some
// libraries notice an end only if something is left over.
const TAIL: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff, 0)

// Where a whole message ends: after the final block of the tail; after the first four bytes, if the empty block that they complete
// is itself final (§7.2.1 only asks for an empty one); at 0 if it ended unnoticed with the data.
const VALID_ENDS: readonly number[] = [9, 4, 0]

/**
 * The maximum number of final blocks per message. Each takes only two bytes, but starts a new stream, which is expensive. A sender that
 * flushes with final blocks (RFC 7692 §7.2.3.4) makes one or a few.
 */
const MAX_FINAL_BLOCKS = 4096

/** The decompressors of one codec, each borrowed for one message. One per window size is kept for reuse; more are created on demand. */
export class Decompressors {
  readonly #idle: Map<number, Decompressor> = new Map()
  readonly codec: DeflateCodec

  constructor(codec: DeflateCodec) {
    this.codec = codec
  }

  /** Returns a decompressor for exclusive use until `giveBack`. Its state is undefined: call `start` first. */
  borrow(windowBits: number): Decompressor {
    const idle = this.#idle.get(windowBits)
    this.#idle.delete(windowBits)
    return idle ?? requireStream(this.codec.createDecompressor(windowBits), 'Decompress', this.codec)
  }

  giveBack(windowBits: number, decompressor: Decompressor): void {
    if (this.#idle.has(windowBits)) decompressor.close()
    else this.#idle.set(windowBits, decompressor)
  }
}

/** The incoming half of one connection. */
export class MessageDecompressor {
  readonly #decompressors: Decompressors
  readonly #windowBits: number
  readonly #takesOver: boolean
  /** The bytes that the peer's references may point into. Without takeover they last for one message. */
  readonly #window: SlidingWindow
  /** Borrowed for the current message. */
  #decompressor: Decompressor | undefined = undefined
  /** Whether the next byte begins a stream, as at the start of a message and after a final block. */
  #between = true
  #finalBlocks = 0
  /** Compressed bytes of the message read so far. */
  #read = 0
  /** A copy of input whose output is not wanted yet; empty if the decompressor has consumed it all; `undefined` if there is none. */
  #input: Uint8Array | undefined = undefined
  /** Output beyond what is wanted, from a codec that cannot pause. */
  #surplus: Bytes | undefined = undefined

  constructor(decompressors: Decompressors, { windowBits, takesOver }: DeflateSide) {
    this.#decompressors = decompressors
    this.#windowBits = windowBits
    this.#takesOver = takesOver
    this.#window = new SlidingWindow(windowBits)
  }

  /**
   * Decompresses a piece of a message: at most `wanted` bytes. While {@link hasMore} is true, pass an empty piece to get the next bytes.
   *
   * @throws ProtocolError `extension-data` (1007) for invalid DEFLATE or data that end too early: `cause` is the library's error, or an
   *   error that reports the missing end, and `offset` is the number of compressed bytes of the message before the piece that showed it.
   *   `too-large` (1009) for more than `remaining` bytes, `too-many` (1009) for too many final blocks. `RangeError` for an invalid `remaining` or
   *   `wanted`. `TypeError` for a piece of a message that has not begun, and for a piece passed while output waits.
   */
  decode(piece: Uint8Array, info: PieceInfo): Bytes {
    const { first, last } = info
    const remaining = Math.floor(info.remaining)
    const wanted = Math.floor(info.wanted ?? Infinity)
    if (!(remaining >= 0 && wanted >= 1))
      throw new RangeError(`remaining and wanted must be at least 0 and 1, not ${info.remaining} and ${info.wanted}`)
    if (this.hasMore() && (first || piece.length > 0))
      throw new TypeError('while output waits, the piece must be empty and not the first')
    if (first) this.#begin()
    else if (this.#decompressor === undefined) throw new TypeError('a message must begin with a `first` piece')
    let output = this.#surplus ?? this.#inflate(piece, remaining, wanted, info)
    if (this.#surplus !== undefined || output.length > wanted) {
      this.#surplus = output.length > wanted ? output.subarray(wanted) : undefined
      output = output.slice(0, wanted)
    }
    if (last && !this.hasMore()) this.#end()
    return output
  }

  /** Whether output remains that is not wanted yet. */
  hasMore(): boolean {
    return this.#input !== undefined || this.#surplus !== undefined
  }

  /** Returns the window of the peer's messages, as base64, or `undefined` in the middle of a message. */
  snapshot(): string | undefined {
    return this.#decompressor === undefined ? encodeBase64(this.#window.view()) : undefined
  }

  resume(window: string): void {
    this.#window.append(decodeBase64(window))
  }

  close(): void {
    this.#decompressor?.close()
    this.#decompressor = undefined
    this.#input = undefined
    this.#surplus = undefined
    this.#window.clear()
  }

  #begin(): void {
    this.#decompressor ??= this.#decompressors.borrow(this.#windowBits)
    this.#between = true
    this.#finalBlocks = 0
    this.#read = 0
  }

  #inflate(piece: Uint8Array, remaining: number, wanted: number, info: PieceInfo): Bytes {
    const { first, last } = info
    let input = this.#input ?? piece
    let paused = this.#input !== undefined
    this.#input = undefined
    let all: Collector | undefined
    let size = 0
    // Even after an empty last piece, because a codec may have retained input.
    while (paused || input.length > 0 || (last && !this.#between)) {
      const step = this.#step(input, remaining - size, wanted - size, info)
      const { status, output } = step
      // References reach back across final blocks (RFC 7692 §7.2.3.4), and across pieces.
      if (this.#takesOver || !first || !last || status !== 'more') this.#window.append(output)
      if (status === 'more' && all === undefined) return output
      all ??= new Collector()
      all.keep(output)
      size += output.length
      if (status === 'more') break
      input = this.#findRest(input, step)
      paused = status === 'paused'
      if (!paused) this.#endStream()
      if (paused || (size > wanted && input.length > 0)) {
        this.#keep(input, piece)
        break
      }
    }
    return all?.join() ?? new Uint8Array(0)
  }

  /** Keeps input for the next call: a copy if it is part of `piece`, which belongs to the caller. */
  #keep(input: Uint8Array, piece: Uint8Array): void {
    this.#input = input.buffer === piece.buffer ? new Uint8Array(input) : input
  }

  /** Returns the remaining input: what the codec has retained, then what was not consumed. */
  #findRest(input: Uint8Array, { consumed, unread }: Decompressed): Uint8Array {
    const rest = unread === undefined ? input.subarray(consumed) : join([unread, input.subarray(consumed)])
    this.#read -= rest.length
    return rest
  }

  #endStream(): void {
    this.#between = true
    if (++this.#finalBlocks > MAX_FINAL_BLOCKS)
      throw limitError('too-many', `has more than ${MAX_FINAL_BLOCKS} final blocks`)
  }

  #step(input: Uint8Array, remaining: number, wanted: number, { last, limitName }: PieceInfo): Decompressed {
    const decompressor = this.#decompressor as Decompressor
    if (this.#between) decompressor.start(this.#window.view())
    this.#between = false
    const { codec } = this.#decompressors
    const step = requireDecompressed(decompressor.decompress(input, remaining, wanted, last), input.length, codec)
    const { status, cause } = step
    if (status === 'corrupt') throw dataError('is invalid DEFLATE', this.#read, cause)
    // With a cause the limit is the codec's own.
    if (status === 'limit')
      throw limitError(
        'too-large',
        `inflates to too much; ${cause ?? limitName ?? `${remaining} bytes are left`}`,
        cause,
      )
    this.#read += input.length
    return step
  }

  /** Ends a message: no stream was started (an empty message), all streams have ended with the data, or the tail ends the last one. */
  #end(): void {
    const decompressor = this.#decompressor as Decompressor
    if (!this.#between) {
      const { status, consumed, output, cause } = requireDecompressed(
        decompressor.decompress(TAIL, TAIL.length, Infinity, true),
        TAIL.length,
        this.#decompressors.codec,
      )
      // Output from the tail was never sent. Libraries report no error for data that end too early, because they wait for more.
      if (status !== 'ended' || output.length > 0 || !VALID_ENDS.includes(consumed))
        throw dataError('ends inside a block', this.#read, cause ?? new Error('the DEFLATE data have no end'))
    }
    this.#decompressor = undefined
    this.#decompressors.giveBack(this.#windowBits, decompressor)
    if (!this.#takesOver) this.#window.clear()
  }
}

function dataError(what: string, offset: number, cause: unknown): ProtocolError {
  const details = { reference: 'RFC 7692 §7.2.2', closeCode: 1007, offset, cause }
  return new ProtocolError('extension-data', `compressed message ${what}`, details)
}

function limitError(code: ProtocolErrorCode, what: string, cause?: unknown): ProtocolError {
  return new ProtocolError(code, `compressed message ${what}`, { reference: 'RFC 6455 §10.4', closeCode: 1009, cause })
}
