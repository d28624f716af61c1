/**
 * Messages with final blocks, which are legal (RFC 7692 §7.2.3.4): blocks and messages after them, references back across them, and
 * a limit on their number.
 */

import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { deflateTransform } from '../../src/deflate/extension.ts'
import { share } from '../share.ts'
import { concat, hex } from '../wire.ts'
import { BAD_DATA, codecs, cutAt, errorOf, json, none, outcome, paramsOf, receive, TOO_MANY, utf8 } from './messages.ts'
import { deflate, deflateFinal, furthest, inflate } from './oracle.ts'

const parts = [1, 2, 3, 4].map((seed) => json(300, seed)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const text = concat(...parts)
/** One final block per part, each with references to earlier parts. */
const finals = concat(...parts.map((part, index) => deflateFinal(part, concat(...parts.slice(0, index)))))

describe.each(codecs)('%s', (_, codec) => {
  const open = (takesOver = true, bits = 15) => deflateTransform(paramsOf(bits, takesOver), 'client', codec)

  test('final blocks in one message, with references across all of them; split everywhere', () => {
    expect(inflate(finals)).toEqual(text)
    for (const takesOver of [true, false]) {
      expect(receive(open(takesOver), [finals])).toEqual(text)
      for (let place = 0; place <= finals.length; place++)
        expect(Buffer.compare(receive(open(takesOver), cutAt(finals, place)), text)).toBe(0)
      const bytes = Array.from(finals, (byte) => Uint8Array.of(byte))
      expect(receive(open(takesOver), bytes)).toEqual(text)
    }
  })

  test('consecutive messages that end with a final block, each with references to earlier ones', () => {
    const transform = open()
    let history: Uint8Array = none
    for (const [index, part] of [...parts, ...parts].entries()) {
      const data = index % 3 === 2 ? deflate(part, history) : deflateFinal(part, history)
      expect(receive(transform, index % 2 === 0 ? [data] : cutAt(data, data.length >> 1))).toEqual(part)
      history = concat(history, part)
    }
  })

  test('a reference after a final block into the previous message needs takeover, one into its own message does not', () => {
    const [first, second] = [parts[0], parts[1]]
    // The same again, as one reference: with fixed codes it is visibly short.
    const again = deflateFinal(first, first, { strategy: zlib.constants.Z_FIXED })
    expect(again.length).toBeLessThan(10)
    for (const takesOver of [true, false]) {
      const transform = open(takesOver)
      expect(receive(transform, [concat(deflateFinal(first), again)])).toEqual(concat(first, first))
      expect(receive(transform, [concat(deflateFinal(second), deflate(second, second))])).toEqual(
        concat(second, second),
      )
    }
    expect(receive(take(open(true), first), [concat(hex('03 00'), again)])).toEqual(first)
    const data = concat(hex('03 00'), again)
    expect(errorOf(outcome(() => receive(take(open(false), first), [data])))).toBe(BAD_DATA)
  })

  test.each([8, 9, 12, 15])('%i bits: references after a final block reach back no further than the window', (bits) => {
    const size = 2 ** bits
    const mark = utf8('xyz-mark')
    // Ends with the given number of bytes; the mark is the first of them.
    const marked = (distance: number) => concat(mark, new Uint8Array(distance - mark.length).fill(0x2e))
    // zlib never refers to its first byte.
    const reference = (distance: number) => deflate(mark, concat(utf8('.'), marked(distance)))
    const near = Math.min(size, 2 ** 15 - 262)
    expect(furthest(reference(near))).toBe(near)
    for (const takesOver of [true, false]) {
      const data = concat(deflateFinal(marked(near)), reference(near))
      expect(receive(open(takesOver, bits), [data])).toEqual(concat(marked(near), mark))
      const shifted = concat(deflateFinal(marked(near + 1)), reference(near))
      expect(receive(open(takesOver, bits), [shifted]).slice(-8)).toEqual(utf8('yz-mark.'))
      // zlib itself refers back at most 32 768 - 262 bytes.
      if (bits === 15) continue
      const outside = concat(deflateFinal(marked(size + 1)), reference(size + 1))
      expect(errorOf(outcome(() => receive(open(takesOver, bits), [outside])))).toBe(BAD_DATA)
    }
  })

  // A codec need not notice an end that coincides with the data's, so one more may pass.
  test('4096 final blocks pass; 4098 are too many, and refused quickly', () => {
    const empty = hex('03 00')
    const huge = new Uint8Array(2 ** 24).map((_byte, index) => (index % 2 === 0 ? 3 : 0))
    const blocks = (count: number) => concat(...Array.from({ length: count }, () => empty))
    for (const takesOver of share([true, false], 2)) {
      const transform = open(takesOver)
      for (const message of [blocks(4096), concat(blocks(4095), deflateFinal(parts[0])), blocks(4096)])
        expect(receive(transform, [message])).toEqual(message.length === 8192 ? new Uint8Array(0) : parts[0])
      expect(receive(transform, [concat(blocks(4096), hex('00'))])).toEqual(new Uint8Array(0))
      const full = take(open(takesOver), json(40_000))
      const begun = performance.now()
      expect(errorOf(outcome(() => receive(full, [blocks(4098)])))).toBe(TOO_MANY)
      // As many as 16 MiB can hold, also in pieces, which count together: refused at the same block.
      expect(errorOf(outcome(() => receive(take(open(takesOver), json(40_000)), [huge])))).toBe(TOO_MANY)
      const pieces = Array.from({ length: 4098 }, () => empty)
      expect(errorOf(outcome(() => receive(open(takesOver), pieces)))).toBe(TOO_MANY)
      // Allows for a busy machine.
      expect(performance.now() - begun).toBeLessThan(5000)
    }
  })
})

/** Returns the transform after it has received a message. */
function take<Receiver extends Parameters<typeof receive>[0]>(transform: Receiver, message: Uint8Array): Receiver {
  expect(receive(transform, [deflate(message)])).toEqual(message)
  return transform
}
