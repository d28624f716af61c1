/**
 * Counts messages, frames and bytes on the wire, in both directions. Parses headers on its own (RFC 6455 §5.2), so that our code cannot
 * confirm its own compression.
 */

export class Wire {
  readonly sent: Tally = new Tally()
  readonly received: Tally = new Tally()
}

/** One direction, split anywhere. */
class Tally {
  /** Text and binary messages. */
  messages = 0
  /** The ones with RSV1. */
  compressed = 0
  /** Frames followed by another one of the same message. */
  fragments = 0
  private header: number[] = []
  /** Payload bytes still to come. */
  private rest = 0

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.rest > 0) {
        const passed = Math.min(this.rest, bytes.length - at)
        this.rest -= passed
        at += passed
        continue
      }
      this.header.push(bytes[at++] as number)
      const length = lengthIn(this.header)
      if (length === undefined) continue
      this.count(this.header[0] as number)
      this.rest = length
      this.header = []
    }
  }

  private count(first: number): void {
    if (!(first & 0x80)) this.fragments++
    if ((first & 0x0f) !== 1 && (first & 0x0f) !== 2) return
    this.messages++
    if (first & 0x40) this.compressed++
  }
}

/** The payload's length, once the header is complete. */
function lengthIn(header: readonly number[]): number | undefined {
  const second = header[1]
  if (second === undefined) return undefined
  const short = second & 0x7f
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0
  if (header.length < 2 + extended + (second & 0x80 ? 4 : 0)) return undefined
  return extended === 0 ? short : header.slice(2, 2 + extended).reduce((length, byte) => 256 * length + byte, 0)
}
