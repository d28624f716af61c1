/**
 * A frame header split across chunks, kept until it is whole. The cursor checks each part.
 *
 * @module
 */

import { lengthSizeOf, MASK_BIT } from './header.ts'

/** The longest header: 2 bytes, 8 of length, 4 of mask key (RFC 6455 §5.2). */
const MAX_HEADER = 14

/** The bytes of one header, as they arrive. */
export class TornHeader {
  readonly bytes: Uint8Array = new Uint8Array(MAX_HEADER)
  size = 0
  whole = false

  /** Takes the header's bytes from the chunk; returns the offset after them. */
  add(chunk: Uint8Array, start: number): number {
    let position = start
    while (position < chunk.length && !this.whole) {
      this.bytes[this.size++] = chunk[position++] as number
      const second = this.bytes[1] as number
      this.whole = this.size >= 2 && this.size === 2 + lengthSizeOf(second) + (second < MASK_BIT ? 0 : 4)
    }
    return position
  }
}
