/**
 * Compressed messages cut short at every byte, or with any one bit flipped: invalid ones fail with 1007, valid ones decompress as
 * with `node:zlib`. An independent parser decides which are valid (RFC 7692 §7.2.2).
 */

import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { deflateTransform } from '../../src/deflate/extension.ts'
import { ProtocolError } from '../../src/errors.ts'
import { columns, share } from '../share.ts'
import { concat, hex } from '../wire.ts'
import {
  BAD_DATA,
  codecs,
  cutAt,
  errorOf,
  json,
  noise,
  none,
  outcome,
  paramsOf,
  receive,
  same,
  TAIL,
  TOO_LARGE,
  utf8,
} from './messages.ts'
import { deflate, deflateFinal, endsWhole, inflate } from './oracle.ts'

const words = utf8('Hello, hello, other hello; what is said twice is said by a reference, said twice.')
const before = json(400)
const fixed = zlib.constants.Z_FIXED
const [first, second, third] = [words, noise(40), json(200)].map((message) => concat(deflate(message), TAIL)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const ends = (...parts: readonly Uint8Array[]) => concat(...parts).length

/** Messages of every kind of block, without their tails; and cuts that leave a complete message. */
const shapes: readonly [title: string, data: Uint8Array, history: Uint8Array, whole: readonly number[]][] = [
  ['fixed codes', deflate(words), none, [0]],
  ['codes of its own', deflate(json(350)), none, [0]],
  ['references into what came before', deflate(json(300, 2), before), before, [0]],
  // The header's three zero bits are in the first byte: an empty message.
  ['a stored block', deflate(noise(120)), none, [0, 1]],
  ['a stored block of zeros', concat(hex('00 08 00 f7 ff'), new Uint8Array(8), hex('00')), none, [0, 1]],
  // Cut by four bytes, the restored tail is what was cut off: an empty block at the end.
  ['a stored block that ends like a flush', concat(hex('00 08 00 f7 ff 61 62 63 64'), TAIL, hex('00')), none, [0, 1]],
  [
    'a stored block inside another',
    concat(hex('00 0a 00 f5 ff'), hex('00 00 00 ff ff 00 00 00 ff ff 00')),
    none,
    [0, 1],
  ],
  [
    'blocks of all kinds',
    concat(first, second, third, deflate(words.slice(0, 30))),
    none,
    // Before the lengths of each flush, and after the header of the stored block, which could be an empty one's.
    [0, first.length - 4, first.length + 1, ends(first, second) - 4, ends(first, second, third) - 4],
  ],
  [
    'final blocks',
    concat(deflateFinal(words), deflateFinal(json(200)), deflate(words)),
    none,
    [0, ends(deflateFinal(words)), ends(deflateFinal(words), deflateFinal(json(200)))],
  ],
  ['a final block with codes of its own', deflateFinal(json(350), before), before, [0]],
  ['a final block with fixed codes', deflateFinal(words, none, { strategy: fixed }), none, [0]],
  ['a final block that is stored', deflateFinal(noise(60), none, { level: 0 }), none, [0, 1]],
  ['empty blocks only', hex('00 00 00 ff ff 02 00 00 00 ff ff 03 00 01 00 00 ff ff 00'), none, [0, 1, 7, 13, 14, 18]],
]

describe.each(codecs)('%s', (_, codec) => {
  const open = (history: Uint8Array) => {
    const transform = deflateTransform(paramsOf(), 'client', codec)
    if (history.length > 0) receive(transform, [deflate(history)])
    return transform
  }
  const read = (pieces: readonly Uint8Array[], history: Uint8Array, remaining: number) => {
    const transform = open(history)
    const result = outcome(() => receive(transform, pieces, remaining))
    transform.close?.()
    return result
  }

  test.each(shapes)('cut short at every byte: %s', (_title, data, history) => {
    const message = inflate(data, history)
    expect(read([data], history, message.length)).toEqual(Uint8Array.from(message))
    for (let size = 0; size < data.length; size++) {
      const cut = data.subarray(0, size)
      const whole = endsWhole(cut)
      const ways = [[cut], cutAt(cut, size >> 1), [cut, none], cutAt(cut, Math.max(0, size - 1))]
      for (const way of columns(size, ways.length, 4)) {
        const pieces = ways[way] ?? []
        const result = read(pieces, history, message.length)
        expect([size, errorOf(result)]).toEqual([size, whole ? 'none' : BAD_DATA])
        if (!(result instanceof ProtocolError)) expect(same(result, inflate(cut, history))).toBe(true)
      }
    }
  })

  test.each(shapes)('any one bit flipped: %s', (_title, data, history) => {
    const message = inflate(data, history)
    for (const [bit, [turned, expected]] of share([...turnedBits(data, history).entries()], 9)) {
      const result = read([turned], history, 2 ** 20)
      const [found, wanted] = [shown(result), expected === undefined ? BAD_DATA : shown(expected)]
      if (found !== wanted) expect([bit, found]).toEqual([bit, wanted])
      if (expected === undefined) continue
      const narrow = read(cutAt(turned, data.length >> 1), history, message.length)
      expect([bit, shown(narrow)]).toEqual([bit, expected.length > message.length ? TOO_LARGE : wanted])
    }
  })
})

const known = new Map<Uint8Array, [turned: Uint8Array, says: Uint8Array | undefined][]>()

/** Data with each bit flipped, and the result of `node:zlib`; `undefined`: no message. */
function turnedBits(data: Uint8Array, history: Uint8Array): [turned: Uint8Array, says: Uint8Array | undefined][] {
  const found =
    known.get(data) ??
    Array.from({ length: 8 * data.length }, (_, bit) => {
      const turned = data.slice()
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return [turned, peersView(turned, history)]
    })
  known.set(data, found)
  return found
}

function peersView(data: Uint8Array, history: Uint8Array): Uint8Array | undefined {
  if (!endsWhole(data)) return undefined
  try {
    return inflate(data, history)
  } catch {
    return undefined
  }
}

function shown(result: Uint8Array | ProtocolError): string {
  return result instanceof ProtocolError ? errorOf(result) : Buffer.from(result).toString('hex')
}

test.each(shapes)('which cuts leave a complete message: %s', (_title, data, _history, whole) => {
  const found = Array.from(data, (_byte, size) => size).filter((size) => endsWhole(data.subarray(0, size)))
  expect(found).toEqual(whole)
  expect(endsWhole(data)).toBe(true)
})
