/**
 * Pings that wait for their pongs, to measure round trips. Times are numbers that callers pass.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** The most that are remembered: a peer that never answers costs no more. */
const MAX_WAITING = 64

interface Sent {
  readonly data: Uint8Array
  readonly at: number
}

/** Our pings with known times. */
export class Pings {
  private readonly waiting: Sent[] = []
  private count = 0

  /** Data for an automatic ping: its number, in four bytes. */
  number(): Bytes {
    this.count = (this.count + 1) | 0
    const { count } = this
    return Uint8Array.of(count >>> 24, count >>> 16, count >>> 8, count)
  }

  sent(data: Uint8Array, at: number): void {
    if (this.waiting.length === MAX_WAITING) this.waiting.shift()
    this.waiting.push({ data: new Uint8Array(data), at })
  }

  // "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint
  // MAY elect to send a Pong frame for only the most recently processed Ping frame."                 RFC 6455 §5.5.3
  /** When the newest ping with this data was sent; its pong answers all pings before it too. `undefined`: unknown. */
  answered(data: Uint8Array): number | undefined {
    const { waiting } = this
    for (let index = waiting.length - 1; index >= 0; index--) {
      const { data: expected, at } = waiting[index] as Sent
      if (!same(expected, data)) continue
      waiting.splice(0, index + 1)
      return at
    }
    return undefined
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
