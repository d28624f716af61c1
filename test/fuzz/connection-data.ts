/**
 * Data that two connections send each other: text with every kind of character, bytes of every relevant size, prepared messages.
 *
 * @module
 */

import { type PreparedMessage, prepareBinary, prepareText } from '../../src/connection/index.ts'
import type { Setup } from './connection-side.ts'

export type Type = 'text' | 'binary'

const words = [
  '',
  'a',
  'Hello',
  'grüße',
  '世界',
  '😀',
  'a😀b',
  '\0',
  '\ufeffx',
  '{"id":1,"name":"name 1"}',
  '\ud83d',
  '\ude00x',
]
const texts = [...words, ...words.slice(1, 10).map((word, i) => word.repeat(10 + 60 * i)), 'long 世😀 '.repeat(500)]
export const noise = Uint8Array.from({ length: 140_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) ^ (i >> 3))
/** The number of small ones, which come first. */
const SMALL_SIZES = 7
const sizes = [0, 1, 2, 100, 125, 126, 1000, 4096, 65_535, 65_536, 70_000, 131_072]

export function textOf(a: number, { lone }: Setup): string {
  const text = texts[a % texts.length] as string
  return lone === 'error' ? text.replace(/\p{Surrogate}/gu, '') : text
}

/** Large ones are rare, and there are none if each byte of them would be a frame. */
export function bytesOf(a: number, b: number, { fragmentSize = Infinity }: Setup): Uint8Array {
  const size = sizes[b % (a % 9 === 0 && fragmentSize >= 100 ? sizes.length : SMALL_SIZES)] as number
  return noise.slice(a, a + size)
}

export const encoder = new TextEncoder()
/** Data for prepared messages: only a few, so that each is sent more than once; the last ones are large. */
export const preparable: readonly { readonly type: Type; readonly bytes: Uint8Array }[] = [
  ...['Hello', 'grüße', '{"id":1} '.repeat(60)].map((text) => ({ type: 'text' as const, bytes: encoder.encode(text) })),
  ...[0, 126, 4096, 65_536, 70_000].map((size) => ({ type: 'binary' as const, bytes: noise.slice(7, 7 + size) })),
]
export const SMALL_PREPARED = 6

/** Messages prepared once for both sides, and only for one run, so that a reproduction contains everything relevant. */
export class Prepared {
  private readonly made = new Map<number, PreparedMessage>()

  of(index: number): PreparedMessage {
    const known = this.made.get(index)
    if (known !== undefined) return known
    const { type, bytes } = preparable[index] as (typeof preparable)[number]
    const message = type === 'text' ? prepareText(bytes) : prepareBinary(bytes)
    this.made.set(index, message)
    return message
  }
}
