/**
 * Decompresses incoming messages (RFC 7692 §7.2.2) after their frames are parsed: restores the tail that the sender cut off,
 * continues after final blocks, and detects truncated messages.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { Collector } from '../bytes/collector.ts'
import { join } from '../bytes/join.ts'
import { ProtocolError } from '../errors.ts'
import type { PieceInfo } from '../frame/transform.ts'
import type { Bytes } from '../types.ts'
import { checkDecompressed } from './answers.ts'
import type { Decompressed, Decompressor } from './codec.ts'
import type { Decompressors } from './decompressors.ts'
import { SlidingWindow } from './window.ts'

// "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message."              RFC 7692 §7.2.2
// With that alone most truncated messages pass: the tail is read as the missing data. So an empty final block follows:
// a whole message ends exactly there, without output from the tail. The last byte lies past the end, because some
// libraries notice an end only when something is left over.
const TAIL: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff, 0)

// Where a whole message ends: after the final block of the tail; after the first four bytes, if the empty block that they complete
// is itself final (§7.2.1 only asks for an empty one); at 0 if it ended unnoticed with the data.
const SOUND_ENDS: readonly number[] = [9, 4, 0]

/**
 * Maximum final blocks per message: each takes only two bytes, but starts a new stream, which is expensive. A sender that flushes
 * with final blocks (RFC 7692 §7.2.3.4) makes one or a few.
 */
const MAX_FINAL_BLOCKS = 4096

/** The incoming half of one connection. */
export class MessageDecompressor {
  private readonly decompressors: Decompressors
  private readonly windowBits: number
  private readonly takesOver: boolean
  /** What the peer's references may reach into. Without takeover it lasts for one message. */
  private readonly window: SlidingWindow
  /** Borrowed for the current message. */
  private decompressor: Decompressor | undefined = undefined
  /** Whether the next byte begins a stream, as at the start of a message and after a final block. */
  private between = true
  private finalBlocks = 0
  /** Compressed bytes of the message read so far. */
  private read = 0
  /** Input whose output is not wanted yet, a copy; empty if the decompressor has consumed it all. `undefined`: none. */
  private kept: Uint8Array | undefined = undefined
  /** Output beyond what is wanted, from a codec that cannot pause, and how much of it has been returned. */
  private surplus: Bytes | undefined = undefined
  private handedOut = 0

  /** @param takesOver Whether the peer's messages continue from the window of the last one (RFC 7692 §7.1.1). */
  constructor(decompressors: Decompressors, windowBits: number, takesOver: boolean) {
    this.decompressors = decompressors
    this.windowBits = windowBits
    this.takesOver = takesOver
    this.window = new SlidingWindow(windowBits)
  }

  /**
   * Decompresses a piece of a message: at most `wanted` bytes. While {@link hasMore} is true, pass an empty piece to get the next
   * bytes.
   *
   * @throws ProtocolError `extension-data` (1007) for invalid DEFLATE or data that end too early: `cause` is the library's error,
   *   or one that says that an end is missing, and `offset` is the number of compressed bytes of the message before the piece that
   *   showed it. `too-large` (1009) for more than `room`, `too-many` (1009) for too many final blocks. RangeError for an invalid
   *   `room` or `wanted`, TypeError for a piece of a message that has not begun, and for one passed while output waits.
   */
  decode(piece: Uint8Array, info: PieceInfo): Bytes {
    const { first, last, room, wanted = Infinity } = info
    if (!(room >= 0)) throw new RangeError(`room is a number of bytes, not ${room}`)
    if (!(wanted >= 1)) throw new RangeError(`wanted is a number of bytes from 1, not ${wanted}`)
    if (this.hasMore() && (first || piece.length > 0))
      throw new TypeError('output waits: an empty piece that is not the first comes next')
    if (first) this.begin()
    else if (this.decompressor === undefined) throw new TypeError('no message has begun: its first piece says `first`')
    const most = Math.floor(wanted)
    const output = this.surplus ?? this.inflate(piece, Math.floor(room), most, info)
    const slice = output.length - this.handedOut > most || this.surplus === output ? this.slice(output, most) : output
    if (last && !this.hasMore()) this.end()
    return slice
  }

  /** Whether output remains that was not wanted yet. */
  hasMore(): boolean {
    return this.kept !== undefined || this.surplus !== undefined
  }

  /** The window of the peer's messages, as base64; `undefined` in the middle of one. */
  snapshot(): string | undefined {
    return this.decompressor === undefined ? encodeBase64(this.window.view()) : undefined
  }

  resume(window: string): void {
    this.window.append(decodeBase64(window))
  }

  close(): void {
    this.decompressor?.close()
    this.decompressor = undefined
    this.kept = undefined
    this.surplus = undefined
    this.window.clear()
  }

  private begin(): void {
    this.decompressor ??= this.decompressors.borrow(this.windowBits)
    this.between = true
    this.finalBlocks = 0
    this.read = 0
  }

  private inflate(piece: Uint8Array, room: number, wanted: number, info: PieceInfo): Bytes {
    const { first, last } = info
    let rest = this.kept ?? piece
    let waits = this.kept !== undefined
    this.kept = undefined
    let all: Collector | undefined
    let size = 0
    // Even after an empty last piece: a codec may have held input back.
    while (waits || rest.length > 0 || (last && !this.between)) {
      const step = this.step(rest, room - size, wanted - size, info)
      const { status, output } = step
      // References reach back across final blocks (RFC 7692 §7.2.3.4), and across pieces.
      if (this.takesOver || !first || !last || status !== 'more') this.window.append(output)
      if (status === 'more' && all === undefined) return output
      all ??= new Collector()
      all.keep(output)
      size += output.length
      if (status === 'more') break
      rest = this.findRest(rest, step)
      waits = status === 'paused'
      if (!waits) this.countFinalBlock()
      if (waits || (size > wanted && rest.length > 0)) {
        this.keep(rest, piece)
        break
      }
    }
    return all?.join() ?? new Uint8Array(0)
  }

  /** Keeps input for the next call: a copy if it lies in `piece`, which we do not own. */
  private keep(rest: Uint8Array, piece: Uint8Array): void {
    this.kept = rest.buffer === piece.buffer ? new Uint8Array(rest) : rest
  }

  /** The remaining input: what the codec had held back, then what was not consumed. */
  private findRest(input: Uint8Array, { consumed, unread }: Decompressed): Uint8Array {
    const rest = input.subarray(consumed)
    this.read -= rest.length
    if (unread === undefined) return rest
    this.read -= unread.length
    return join([unread, rest])
  }

  private step(input: Uint8Array, room: number, wanted: number, info: PieceInfo): Decompressed {
    const decompressor = this.decompressor as Decompressor
    if (this.between) decompressor.start(this.window.view())
    this.between = false
    const step = this.check(decompressor.decompress(input, room, wanted, info.last), input)
    if (step.status === 'corrupt') throw badData('is no DEFLATE', this.read, step.cause)
    if (step.status === 'limit') throw tooLarge(info, step.cause)
    this.read += input.length
    return step
  }

  private check(step: Decompressed, input: Uint8Array): Decompressed {
    return checkDecompressed(step, input.length, this.decompressors.codec)
  }

  /** The next `wanted` bytes, copied: the rest stays here. */
  private slice(output: Bytes, wanted: number): Bytes {
    const slice = output.slice(this.handedOut, this.handedOut + wanted)
    this.handedOut += slice.length
    this.surplus = this.handedOut < output.length ? output : undefined
    if (this.surplus === undefined) this.handedOut = 0
    return slice
  }

  private countFinalBlock(): void {
    this.between = true
    if (++this.finalBlocks > MAX_FINAL_BLOCKS) throw tooManyFinalBlocks()
  }

  /** Ends a message: no stream was started (an empty message), all have ended with the data, or the tail ends the last one. */
  private end(): void {
    const decompressor = this.decompressor as Decompressor
    if (!this.between) {
      const step = this.check(decompressor.decompress(TAIL, TAIL.length, Infinity, true), TAIL)
      const { status, consumed, output, cause } = step
      // Output from the tail was never sent.
      const sound = status === 'ended' && output.length === 0 && SOUND_ENDS.includes(consumed)
      if (!sound) throw badData('ends inside a block', this.read, cause ?? unended())
    }
    this.decompressor = undefined
    this.decompressors.giveBack(this.windowBits, decompressor)
    if (!this.takesOver) this.window.clear()
  }
}

/** Libraries report no error for data that end too early: they wait for more. */
function unended(): Error {
  return new Error('the DEFLATE data do not end where the message does')
}

function badData(what: string, offset: number, cause: unknown): ProtocolError {
  const details = { reference: 'RFC 7692 §7.2.2', closeCode: 1007, offset, cause }
  return new ProtocolError('extension-data', `a compressed message that ${what}`, details)
}

/** @param cause Given if the limit is the codec's own. */
function tooLarge({ room, roomLimit }: PieceInfo, cause: unknown): ProtocolError {
  const message =
    cause === undefined
      ? `a compressed message that inflates to more than is allowed; ${roomLimit ?? `${room} bytes are left`}`
      : `a compressed message that is too large for its codec${cause instanceof Error ? `: ${cause.message}` : ''}`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009, cause })
}

function tooManyFinalBlocks(): ProtocolError {
  const message = `a compressed message of more than ${MAX_FINAL_BLOCKS} final blocks, each of which begins a new stream`
  return new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}
