/**
 * The examples of RFC 7692 §7.2.3 and variations, by exact bytes: whole, split everywhere, in single bytes, with and without context
 * takeover; and empty messages.
 */

import { describe, expect, test } from 'vitest'
import { zlibOneShot } from '../../src/codec/zlib-one-shot.ts'
import { deflateTransform } from '../../src/deflate/extension.ts'
import { concat, hex } from '../wire.ts'
import { BAD_DATA, codecs, cutAt, errorOf, none, outcome, paramsOf, receive, send, utf8 } from './messages.ts'

const hello = utf8('Hello')

/** Consecutive payloads, each with its message. */
const vectors: readonly [title: string, needsWindow: boolean, messages: readonly [bytes: string, says: string][]][] = [
  ['§7.2.3.1, one block', false, [['f2 48 cd c9 c9 07 00', 'Hello']]],
  [
    '§7.2.3.2, context takeover',
    true,
    [
      ['f2 48 cd c9 c9 07 00', 'Hello'],
      ['f2 00 11 00 00', 'Hello'],
    ],
  ],
  [
    '§7.2.3.2, the same without a reference',
    false,
    [
      ['f2 48 cd c9 c9 07 00', 'Hello'],
      ['f2 48 cd c9 c9 07 00', 'Hello'],
    ],
  ],
  ['§7.2.3.3, a stored block', false, [['00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello']]],
  ['§7.2.3.4, a final block', false, [['f3 48 cd c9 c9 07 00 00', 'Hello']]],
  ['§7.2.3.5, two blocks', false, [['f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello']]],
  ['§7.2.3.6, nothing', false, [['00', '']]],
  ['§7.2.3.6, nothing, in a fixed block', false, [['02 00', '']]],
  ['§7.2.3.4, a final block that nothing follows, not even a block header', false, [['f3 48 cd c9 c9 07 00', 'Hello']]],
  // "Empty DEFLATE block with no compression" leaves BFINAL open.
  ['§7.2.1, an empty block that is final', false, [['f2 48 cd c9 c9 07 00 00 00 ff ff 01', 'Hello']]],
  ['§7.2.1, nothing but an empty block that is final', false, [['01', '']]],
  ['§7.2.1, a final block, and an empty one that is final', false, [['f3 48 cd c9 c9 07 00 01', 'Hello']]],
  [
    'all of them in sequence',
    true,
    [
      ['f2 48 cd c9 c9 07 00', 'Hello'],
      ['f2 00 11 00 00', 'Hello'],
      ['00', ''],
      ['f3 48 cd c9 c9 07 00 00', 'Hello'],
      ['f2 00 11 00 00', 'Hello'],
      ['01', ''],
      ['f2 00 11 00 00', 'Hello'],
      ['00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'],
      ['', ''],
      ['f2 00 11 00 00', 'Hello'],
    ],
  ],
]

/** In one piece, in two, in two with an empty one between, and byte by byte with empty ones at both ends. */
function* tears(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  yield [bytes]
  for (let place = 0; place <= bytes.length; place++) yield cutAt(bytes, place)
  for (let place = 0; place <= bytes.length; place++) yield cutAt(bytes, place, place)
  yield [none, ...cutAt(bytes, ...Array.from(bytes.subarray(1), (_, index) => index + 1)), none]
}

const readers = [...codecs, ['zlib, one-shot calls', zlibOneShot]] as const

describe.each(readers)('%s reads', (_, codec) => {
  test.each(vectors)('RFC 7692 %s', (_title, needsWindow, messages) => {
    for (const takesOver of needsWindow ? [true] : [true, false])
      for (const role of ['client', 'server'] as const) {
        const transform = deflateTransform(paramsOf(15, takesOver), role, codec)
        const ways = messages.map(([bytes]) => [...tears(hex(bytes))])
        for (let way = 0; way < Math.max(...ways.map(({ length }) => length)); way++)
          for (const [index, [, says]] of messages.entries()) {
            const tearsOfThis = ways[index] ?? []
            const pieces = tearsOfThis[way % tearsOfThis.length] ?? []
            expect(receive(transform, pieces, says.length)).toEqual(utf8(says))
          }
        transform.close?.()
      }
  })

  test('RFC 7692 §7.1.1: the second example needs a window; without one it is invalid, however the first one arrived', () => {
    for (const first of [['f2 48 cd c9 c9 07 00'], ['f2 48 cd', 'c9 c9 07 00'], ['f3 48 cd c9 c9 07 00 00']]) {
      const transform = deflateTransform(paramsOf(15, false), 'client', codec)
      expect(receive(transform, first.map(hex))).toEqual(hello)
      expect(errorOf(outcome(() => receive(transform, [hex('f2 00 11 00 00')])))).toBe(BAD_DATA)
    }
  })

  test.each([
    ['no piece but an empty one', [none]],
    ['1000 empty pieces', Array.from({ length: 1000 }, () => none)],
    ['an empty block and 1000 empty pieces', [hex('00'), ...Array.from({ length: 1000 }, () => none)]],
    ['1000 empty pieces and an empty block', [...Array.from({ length: 1000 }, () => none), hex('00')]],
    ['1000 empty blocks', Array.from({ length: 1000 }, (_, index) => hex(index < 999 ? '00 00 00 ff ff' : '00'))],
  ])('an empty message: %s, and the next one', (_title, pieces) => {
    for (const takesOver of [true, false]) {
      const transform = deflateTransform(paramsOf(15, takesOver), 'server', codec)
      expect(receive(transform, [hex('f2 48 cd c9 c9 07 00')])).toEqual(hello)
      expect(receive(transform, pieces, 0)).toEqual(new Uint8Array(0))
      expect(receive(transform, [hex(takesOver ? 'f2 00 11 00 00' : 'f2 48 cd c9 c9 07 00')])).toEqual(hello)
    }
  })
})

describe.each(codecs)('%s writes', (_, codec) => {
  const open = (takesOver: boolean) => deflateTransform(paramsOf(15, takesOver), 'server', codec, { threshold: 0 })

  // As a whole it would be sent uncompressed: five bytes are fewer than seven. In pieces the size is not known in advance.
  test('RFC 7692 §7.2.3.1 and .2: "Hello" twice, as in the examples', () => {
    const transform = open(true)
    expect(send(transform, [none, hello])).toEqual(hex('f2 48 cd c9 c9 07 00'))
    expect(send(transform, [none, hello])).toEqual(hex('f2 00 11 00 00'))
    const anew = open(false)
    expect(send(anew, [none, hello])).toEqual(hex('f2 48 cd c9 c9 07 00'))
    expect(send(anew, [none, hello])).toEqual(hex('f2 48 cd c9 c9 07 00'))
  })

  test('RFC 7692 §7.2.3.5 and .6: pieces become blocks, and an empty last piece one zero byte', () => {
    const transform = open(true)
    const pieces = [
      transform.encode(utf8('He'), { opcode: 1, first: true, last: false, remaining: 0, wanted: Infinity }),
      transform.encode(utf8('llo'), { opcode: 1, first: false, last: false, remaining: 0, wanted: Infinity }),
      transform.encode(none, { opcode: 1, first: false, last: true, remaining: 0, wanted: Infinity }),
    ]
    expect(pieces).toEqual([hex('f2 48 05 00 00 00 ff ff'), hex('ca c9 c9 07 00 00 00 ff ff'), hex('00')])
  })

  test('level 0 produces the stored block of §7.2.3.3', () => {
    const transform = deflateTransform(paramsOf(), 'server', codec, { threshold: 0, level: 0 })
    expect(send(transform, [none, hello])).toEqual(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'))
    expect(send(transform, [hello])).toBeUndefined()
  })

  test('what does not shrink is sent uncompressed, as is every empty message', () => {
    for (const takesOver of [true, false])
      for (const compress of [undefined, true]) {
        const transform = open(takesOver)
        expect(send(transform, [hello], compress)).toBeUndefined()
        expect(send(transform, [none], compress)).toBeUndefined()
      }
  })

  test('compresses from the threshold on, unless the sender decides; always in pieces', () => {
    const text = utf8('a'.repeat(100))
    const transform = deflateTransform(paramsOf(15, false), 'server', codec, { threshold: 100 })
    const compressed = send(transform, [text])
    expect(compressed?.length).toBeLessThan(10)
    expect(send(transform, [text.subarray(1)])).toBeUndefined()
    expect(send(transform, [text.subarray(1)], true)).toEqual(send(open(false), [text.subarray(1)]))
    expect(send(transform, [text], false)).toBeUndefined()
    expect(send(transform, [text], true)).toEqual(compressed)
    expect(send(transform, [none, text.subarray(1)])).toEqual(send(open(false), [text.subarray(1)]))
    expect(send(transform, [none, text], false)).toBeUndefined()
  })

  test('a message of 1000 empty pieces is one zero byte, and the next one continues', () => {
    for (const takesOver of [true, false]) {
      const transform = open(takesOver)
      expect(send(transform, [none, hello])).toEqual(hex('f2 48 cd c9 c9 07 00'))
      expect(
        send(
          transform,
          Array.from({ length: 1000 }, () => none),
        ),
      ).toEqual(hex('00'))
      expect(send(transform, [hello, none])).toEqual(
        concat(hex(takesOver ? 'f2 00 11 00 00' : 'f2 48 cd c9 c9 07 00'), hex('00 00 ff ff 00')),
      )
    }
  })
})
