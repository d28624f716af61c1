/**
 * Follows the frames that the suite writes, valid or not, so that it never sends an answer in the middle of a frame.
 *
 * @module
 */

import { decodeFrameHeader } from '../frame/header.ts'
import { CLOSE } from '../frame/rules.ts'

/** Reads the headers of the written frames. */
export class Boundary {
  /** Whether a Close has begun. */
  closeSent = false
  #header: number[] = []
  /** Bytes of the current payload that are still to come. */
  #missing = 0

  /** Whether the next byte begins a frame. */
  get reached(): boolean {
    return this.#missing === 0 && this.#header.length === 0
  }

  /** Follows the next bytes that were written. */
  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#missing > 0) {
        const size = Math.min(this.#missing, bytes.length - at)
        this.#missing -= size
        at += size
        continue
      }
      this.#header.push(bytes[at++] as number)
      const header = decodeFrameHeader(Uint8Array.from(this.#header))
      if (header === undefined) continue
      this.#header = []
      this.#missing = header.payloadLength
      if (header.opcode === CLOSE) this.closeSent = true
    }
  }
}
