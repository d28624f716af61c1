/** Repeatable random numbers from a seed, and random messages. Independent of connections. */

import { type PreparedMessage, prepareBinary, prepareText } from '../../src/connection/prepared.ts'

/** Numbers from a seed (mulberry32). */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed, 0x9e3779b1)
  }

  /** Returns a number from 0 to below `count`. */
  below(count: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }

  /** Returns true once in `times` calls on average. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }
}

const words = ['', 'a', 'Hello', 'grüße', '世界', '😀', 'a😀b', '\u0000', '\ufeffx', '{"id":1,"name":"name 1"}']
const longer = words.slice(1).map((word, i) => word.repeat(20 + 40 * i))

export const texts: readonly string[] = [...words, ...words, ...words, ...longer, 'long 世😀 '.repeat(40)]

const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7 + (i >> 8)) % 251)

/** Returns a size that is rarely more than a few hundred bytes. */
export function drawBytes(chance: Chance): Uint8Array {
  const start = chance.below(200)
  const size = chance.once(300) ? 66_000 + chance.below(3000) : chance.below(chance.once(4) ? 600 : 30)
  return bytes.subarray(start, start + size)
}

/** Messages that are prepared once for all walks. */
export const prepared: readonly { readonly data: string | Uint8Array; readonly message: PreparedMessage }[] = [
  ...longer.map((text) => ({ data: text, message: prepareText(text) })),
  ...[0, 5, 126, 400].map((size) => ({
    data: bytes.subarray(9, 9 + size),
    message: prepareBinary(bytes.subarray(9, 9 + size)),
  })),
]
