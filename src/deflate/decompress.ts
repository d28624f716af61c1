/**
 * Messages on their way in (RFC 7692 §7.2.2): put back what the sender cut off, go on behind final blocks, and tell a message
 * that was cut short from a whole one. Knows the codec by its interface; nothing of frames and of negotiation.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { Collector } from '../bytes/collector.ts'
import { ProtocolError } from '../errors.ts'
import type { PieceInfo } from '../frame/transform.ts'
import type { Bytes } from '../types.ts'
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

  /** @param takesOver Whether their messages go on from the window of the last one (RFC 7692 §7.1.1). */
  constructor(decompressors: Decompressors, windowBits: number, takesOver: boolean) {
    this.decompressors = decompressors
    this.windowBits = windowBits
    this.takesOver = takesOver
    this.window = new SlidingWindow(windowBits)
  }

  /**
   * A piece of a message, decompressed.
   *
   * @throws ProtocolError `extension-data` (1007) for what is no DEFLATE or ends too early, `too-large` (1009) for more than
   *   `room`, `too-many` (1009) for too many final blocks. RangeError for a `room` that is none, TypeError for a piece that goes on
   *   with a message that has not begun.
   */
  decode(piece: Uint8Array, { first, last, room }: PieceInfo): Bytes {
    if (!(room >= 0)) throw new RangeError(`room is a number of bytes, not ${room}`)
    if (first) this.begin()
    else if (this.decompressor === undefined) throw new TypeError('no message has begun: its first piece says `first`')
    const output = this.inflate(piece, room, first && last)
    if (last) this.end()
    return output
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
    this.window.clear()
  }

  private begin(): void {
    this.decompressor ??= this.decompressors.borrow(this.windowBits)
    this.between = true
    this.finalBlocks = 0
  }

  private inflate(input: Uint8Array, room: number, whole: boolean): Bytes {
    let rest = input
    let all: Collector | undefined
    let size = 0
    while (rest.length > 0) {
      const { status, consumed, output } = this.step(rest, room - size, room)
      const ended = status === 'ended'
      // Behind a final block references still reach back (RFC 7692 §7.2.3.4), and so they do from piece to piece.
      if (this.takesOver || !whole || ended) this.window.append(output)
      size += output.length
      if (!ended && all === undefined) return output
      all ??= new Collector()
      all.keep(output)
      if (!ended) break
      this.countFinalBlock()
      rest = rest.subarray(consumed)
    }
    return all?.join() ?? new Uint8Array(0)
  }

  private step(input: Uint8Array, room: number, limit: number): Decompressed {
    const decompressor = this.decompressor as Decompressor
    if (this.between) decompressor.start(this.window.view())
    this.between = false
    const step = decompressor.decompress(input, room)
    if (step.status === 'corrupt') throw badData('is no DEFLATE', '§7.2.2')
    if (step.status === 'limit') throw tooLarge(limit)
    return step
  }

  private countFinalBlock(): void {
    this.between = true
    if (++this.finalBlocks > MAX_FINAL_BLOCKS) throw tooManyFinalBlocks()
  }

  /** Nothing was begun (an empty message), or all streams have ended with the data; or else the tail ends the last one. */
  private end(): void {
    const decompressor = this.decompressor as Decompressor
    if (!this.between) {
      const { status, consumed, output } = decompressor.decompress(TAIL, TAIL.length)
      // Whatever the tail turns into was not sent.
      const sound = status === 'ended' && output.length === 0 && SOUND_ENDS.includes(consumed)
      if (!sound) throw badData('ends inside a block', '§7.2.2')
    }
    this.decompressor = undefined
    this.decompressors.giveBack(this.windowBits, decompressor)
    if (!this.takesOver) this.window.clear()
  }
}

function badData(what: string, section: string): ProtocolError {
  const details = { reference: `RFC 7692 ${section}`, closeCode: 1007 }
  return new ProtocolError('extension-data', `a compressed message that ${what}`, details)
}

function tooLarge(room: number): ProtocolError {
  const message = `a compressed message that inflates by more than the ${room} bytes that limits leave it`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}

function tooManyFinalBlocks(): ProtocolError {
  const message = `a compressed message of more than ${MAX_FINAL_BLOCKS} final blocks, each of which begins a new stream`
  return new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}
