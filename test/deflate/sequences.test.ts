/**
 * Any sequence of messages, of all kinds and in any pieces, on connections that share one compressor: every message arrives as it
 * was sent, and one connection's output reveals nothing of another (RFC 7692 §7.1.1, §7.2.1).
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deflateTransform, permessageDeflate } from '../../src/deflate/extension.ts'
import type { Transform } from '../../src/frame/transform.ts'
import { runs } from '../share.ts'
import { concat } from '../wire.ts'
import { codecs, cutAt, json, noise, none, paramsOf, receive, same, send, utf8 } from './messages.ts'
import { deflate, inflate, reach } from './oracle.ts'

/** Contents that recur, so that there are many matches; and contents that do not. */
const contents = [json(3000, 1), json(600, 2), noise(400, 3), utf8('a'.repeat(2000)), json(9000, 4)]

interface Sending {
  readonly by: number
  readonly message: Uint8Array
  readonly cuts: readonly number[]
  readonly compress: boolean | undefined
}

const message = fc
  .tuple(fc.nat(contents.length - 1), fc.nat(2000), fc.oneof(fc.nat(150), fc.nat(3000)))
  .map(([which, at, size]) => (contents[which] ?? none).slice(at, at + size))

const sending: fc.Arbitrary<Sending> = fc
  .record({
    by: fc.nat(3),
    message,
    places: fc.oneof(fc.constant<number[]>([]), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 })),
    compress: fc.constantFrom(undefined, undefined, true, false),
  })
  .map(({ by, message, places, compress }) => ({
    by,
    message,
    cuts: places.map((place) => Math.floor(place * message.length)).sort((a, b) => a - b),
    compress,
  }))

const sequence = fc.record({
  list: fc.array(sending, { minLength: 1, maxLength: 40 }),
  takesOver: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  bits: fc.array(fc.constantFrom(8, 9, 10, 12, 15, 15, 15), { minLength: 4, maxLength: 4 }),
  maxCompressors: fc.constantFrom(1, 1, 2, 32),
  threshold: fc.constantFrom(0, 100, 1024),
  level: fc.constantFrom(1, 6, 6, 9),
})

interface Ends {
  readonly sender: Transform
  readonly reader: Transform
  readonly bits: number
  readonly takesOver: boolean
  history: Uint8Array
}

describe.each(codecs)('%s', (name, codec) => {
  const reader = codecs.find(([other]) => other !== name)?.[1] ?? codec

  test('messages of all kinds on four connections with one or more compressors; node:zlib and the other codec read them', () => {
    const run = fc.property(sequence, ({ list, takesOver, bits, maxCompressors, threshold, level }) => {
      const extension = permessageDeflate({ codec, maxCompressors, threshold, level })
      const readers = permessageDeflate({ codec: reader })
      const connections = bits.map((ofThis, index): Ends => {
        const params = paramsOf(ofThis, takesOver[index])
        const sides = { sender: extension.open(params, 'server'), reader: readers.open(params, 'client') }
        return { ...sides, bits: ofThis, takesOver: takesOver[index] ?? true, history: none }
      })
      for (const sent of list) deliver(connections[sent.by] as Ends, sent)
      for (const { sender, reader } of connections) {
        sender.close?.()
        reader.close?.()
      }
    })
    fc.assert(run, { numRuns: runs(30, 400) })
  })

  test('messages of node:zlib in any pieces, on connections whose decompressors are shared', () => {
    const arrival = fc.tuple(sending, fc.boolean())
    const run = fc.property(fc.array(arrival, { maxLength: 40 }), fc.boolean(), (list, takesOver) => {
      const extension = permessageDeflate({ codec })
      const transforms = [0, 1, 2, 3].map(() => extension.open(paramsOf(15, takesOver), 'client'))
      const histories: Uint8Array[] = [none, none, none, none]
      for (const [{ by, message, cuts }, turned] of list) {
        const history = takesOver ? (histories[by] ?? none) : none
        const data = deflate(message, history)
        const pieces = cutAt(data, ...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b))
        const read = receive(transforms[by] as Transform, turned ? pieces : [data], message.length)
        expect(same(read, message)).toBe(true)
        histories[by] = concat(history, message).slice(-32_768)
      }
    })
    fc.assert(run, { numRuns: runs(20, 200) })
  })

  test('interleaved pieces of many messages, on connections with one compressor and their own decompressors', () => {
    for (const takesOver of [true, false]) {
      const extension = permessageDeflate({ codec, maxCompressors: 1 })
      const readers = permessageDeflate({ codec: reader })
      const open = () => ({
        sender: extension.open(paramsOf(15, takesOver), 'server'),
        reader: readers.open(paramsOf(15, takesOver), 'client'),
      })
      const connections = [open(), open(), open()]
      for (let turn = 0; turn < 60; turn++) {
        const { sender, reader } = connections[turn % 3] as ReturnType<typeof open>
        // Messages of five pieces, each at a different position.
        const place = (Math.floor(turn / 3) - (turn % 3)) % 5
        if (place < 0) continue
        const info = { opcode: 2, first: place === 0, last: place === 4, remaining: 10_000, wanted: Infinity }
        const piece = json(700, turn % 7)
        const data = sender.encode(piece, info) ?? none
        expect(same(reader.decode(data, info), piece)).toBe(true)
      }
    }
  })

  test('one connection’s output does not depend on the others, although all share one compressor', () => {
    const run = fc.property(sequence, fc.integer(), ({ list, takesOver, bits, maxCompressors, threshold }, seed) => {
      const say = (other: (message: Uint8Array) => Uint8Array) => {
        const extension = permessageDeflate({ codec, maxCompressors, threshold })
        const transforms = bits.map((ofThis, index) => extension.open(paramsOf(ofThis, takesOver[index]), 'server'))
        const outputs: (Uint8Array | undefined)[] = []
        for (const { by, message, cuts, compress } of list) {
          const said = by === 0 ? message : other(message)
          const output = send(transforms[by] as Transform, cutAt(said, ...cuts), compress)
          if (by === 0) outputs.push(output)
        }
        for (const transform of transforms) transform.close?.()
        return outputs
      }
      const outputs = say((message) => message)
      expect(say((message) => noise(message.length, seed))).toEqual(outputs)
      expect(say((message) => new Uint8Array(message.length))).toEqual(outputs)
    })
    fc.assert(run, { numRuns: runs(20, 200) })
  })

  test.each([
    [8, true],
    [11, true],
    [15, true],
    [8, false],
    [11, false],
    [15, false],
  ])('%i bits, takeover %s: no reference to another connection’s secret', (bits, takesOver) => {
    const secret = json(3000, 9)
    const outputs = (maxCompressors: number, before: readonly Uint8Array[]) => {
      const extension = permessageDeflate({ codec, maxCompressors, threshold: 0 })
      const [one, other] = [0, 1].map(() => extension.open(paramsOf(bits, takesOver), 'server')) as [
        Transform,
        Transform,
      ]
      return [0, 1].map(() => {
        send(one, before, true)
        return send(other, [secret]) ?? none
      }) as [Uint8Array, Uint8Array]
    }
    for (const pieces of [[secret], cutAt(secret, 1000, 2000), [secret.subarray(0, 50)], [json(100)]]) {
      for (const maxCompressors of [1, 32]) {
        const [first, second] = outputs(maxCompressors, pieces)
        expect(same(inflate(first, none, bits), secret)).toBe(true)
        // It knows its own past only.
        expect(same(inflate(second, takesOver ? secret : none, bits), secret)).toBe(true)
        const unrelated = pieces.map(({ length }) => utf8('-'.repeat(length)))
        expect(outputs(maxCompressors, unrelated)).toEqual([first, second])
      }
      // The same as with its own compressor.
      const lonely = deflateTransform(paramsOf(bits, takesOver), 'server', codec, { threshold: 0 })
      if (takesOver) expect(outputs(32, pieces)).toEqual([send(lonely, [secret]), send(lonely, [secret])])
    }
  })
})

function deliver(connection: Ends, { message, cuts, compress }: Sending): void {
  const { sender, reader, bits, takesOver, history } = connection
  const data = send(sender, cutAt(message, ...cuts), compress)
  if (compress === false) expect(data).toBeUndefined()
  // It was sent uncompressed: the peer's window lacks it.
  if (data === undefined) return
  expect(same(inflate(data, history, bits), message)).toBe(true)
  expect(same(receive(reader, [data], message.length), message)).toBe(true)
  if (takesOver) connection.history = reach(concat(history, message), bits)
}
