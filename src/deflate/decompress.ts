/**
 * Messages on their way in (RFC 7692 §7.2.2): put back what the sender cut off, go on behind final blocks, and tell a message
 * that was cut short from a whole one. Knows the codec by its interface; nothing of frames and of negotiation.
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
// With nothing more, four of five messages that are cut short pass: what is missing is made up of the tail. So an empty
// final block follows: a whole message ends just there, having made nothing of the tail. The last byte lies behind the
// end, for some libraries see an end only when something is left over.
const TAIL: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff, 0)

// Where a whole message ends: behind the final block of the tail; behind the first four bytes, for the empty block that they
// belong to may be final itself (§7.2.1 asks for no more than an empty one); at 0 it had ended with the data, unseen.
const SOUND_ENDS: readonly number[] = [9, 4, 0]

/**
 * Final blocks that one message may have; each begins a new stream, at the cost of some microseconds, and takes two bytes only.
 * A sender that flushes by final blocks (RFC 7692 §7.2.3.4) makes one or a few.
 */
const MAX_FINAL_BLOCKS = 4096

/** The incoming half of one connection. */
export class MessageDecompressor {
  private readonly decompressors: Decompressors
  private readonly windowBits: number
  private readonly takesOver: boolean
  /** What their references may reach into. Without takeover it lasts for one message. */
  private readonly window: SlidingWindow
  /** Lent for the current message. */
  private decompressor: Decompressor | undefined = undefined
  /** Whether the next byte begins a stream: a message does, and what follows a final block. */
  private between = true
  private finalBlocks = 0
  /** How many bytes of the message were read, in its compressed form. */
  private read = 0
  /** Input whose output is not wanted yet, a copy: empty where the decompressor has taken all. `undefined`: nothing waits. */
  private kept: Uint8Array | undefined = undefined
  /** What came beyond what is wanted, of a codec that cannot pause, and how much of it has been handed out. */
  private surplus: Bytes | undefined = undefined
  private handedOut = 0

  /** @param takesOver Whether their messages go on from the window of the last one (RFC 7692 §7.1.1). */
  constructor(decompressors: Decompressors, windowBits: number, takesOver: boolean) {
    this.decompressors = decompressors
    this.windowBits = windowBits
    this.takesOver = takesOver
    this.window = new SlidingWindow(windowBits)
  }

  /**
   * A piece of a message, decompressed: at most `wanted` bytes of it. While {@link hasMore} says so, the next call has an empty
   * piece, and returns the next bytes.
   *
   * @throws ProtocolError `extension-data` (1007) for what is no DEFLATE or ends too early: `cause` is the library's error, or
   *   one that says that an end is missing, and `offset` says how many bytes of the compressed message come before the piece that
   *   showed it. `too-large` (1009) for more than `room`, `too-many` (1009) for too many final blocks. RangeError for a `room` or
   *   `wanted` that is none, TypeError for a piece that goes on with a message that has not begun, and for one that comes while
   *   output waits.
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

  /** Whether output waits that was not wanted yet. */
  hasMore(): boolean {
    return this.kept !== undefined || this.surplus !== undefined
  }

  /** What we have of their messages, base64; `undefined` in the middle of one. */
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
    // Even behind an empty last piece: a codec may have kept input back.
    while (waits || rest.length > 0 || (last && !this.between)) {
      const step = this.step(rest, room - size, wanted - size, info)
      const { status, output } = step
      // Behind a final block references still reach back (RFC 7692 §7.2.3.4), and so they do from piece to piece.
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

  /** Keeps input for the next call: a copy of what lies in `piece`, which is another's. */
  private keep(rest: Uint8Array, piece: Uint8Array): void {
    this.kept = rest.buffer === piece.buffer ? new Uint8Array(rest) : rest
  }

  /** What is next: what was not consumed, behind what the codec had kept back. */
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

  /** Nothing was begun (an empty message), or all streams have ended with the data; or else the tail ends the last one. */
  private end(): void {
    const decompressor = this.decompressor as Decompressor
    if (!this.between) {
      const step = this.check(decompressor.decompress(TAIL, TAIL.length, Infinity, true), TAIL)
      const { status, consumed, output, cause } = step
      // Whatever the tail turns into was not sent.
      const sound = status === 'ended' && output.length === 0 && SOUND_ENDS.includes(consumed)
      if (!sound) throw badData('ends inside a block', this.read, cause ?? unended())
    }
    this.decompressor = undefined
    this.decompressors.giveBack(this.windowBits, decompressor)
    if (!this.takesOver) this.window.clear()
  }
}

/** A library waits for more where data end too early: that is no error of its own. */
function unended(): Error {
  return new Error('the DEFLATE data do not end where the message does')
}

function badData(what: string, offset: number, cause: unknown): ProtocolError {
  const details = { reference: 'RFC 7692 §7.2.2', closeCode: 1007, offset, cause }
  return new ProtocolError('extension-data', `a compressed message that ${what}`, details)
}

/** @param cause Given where the limit is the codec's own. */
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
