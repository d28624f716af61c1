/**
 * Messages inflated slice by slice: the same bytes, errors and limits as at once, whatever is wanted at a time; waiting output costs
 * little memory.
 */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { build } from 'tsup'
import { describe, expect, test } from 'vitest'
import { zlibOneShot } from '../../src/codec/zlib-one-shot.ts'
import type { DeflateCodec } from '../../src/deflate/codec.ts'
import { deflateTransform, permessageDeflate } from '../../src/deflate/extension.ts'
import type { Transform } from '../../src/frame/transform.ts'
import { startProcess, within } from '../peers/support.ts'
import { long, runs, share } from '../share.ts'
import { concat } from '../wire.ts'
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
  TOO_LARGE,
} from './messages.ts'
import { deflate, deflateFinal } from './oracle.ts'
import type { SlicedBomb } from './slices-child.ts'

const all: [name: string, codec: DeflateCodec][] = [...codecs, ['zlib, one-shot calls', zlibOneShot]]

/** The slices of a message that arrives in these pieces. */
function slicesOf(
  transform: Transform,
  pieces: readonly Uint8Array[],
  wanted: number | (() => number),
  remaining = 2 ** 26,
): Uint8Array[] {
  const slices: Uint8Array[] = []
  let left = remaining
  for (const [index, piece] of pieces.entries()) {
    const last = index === pieces.length - 1
    let [input, first] = [piece, index === 0]
    do {
      const most = typeof wanted === 'number' ? wanted : wanted()
      const slice = transform.decode(input, { opcode: 2, first, last, remaining: left, wanted: most })
      if (slice.length > most) expect.fail(`${slice.length} bytes, where ${most} are wanted`)
      left -= slice.length
      slices.push(slice)
      input = none
      first = false
    } while (transform.hasMore?.())
  }
  return slices
}

const contents: [name: string, message: Uint8Array][] = [
  ['zeros', new Uint8Array(70_000)],
  ['text', json(40_000)],
  ['noise', noise(9000)],
]
/** Each in one or a few blocks, and in final blocks, with and without one at the end. */
const shapes = contents.flatMap(([name, message]): [string, Uint8Array, Uint8Array][] => [
  [`${name}, flushed`, message, deflate(message)],
  [`${name}, ended`, message, deflateFinal(message)],
  [
    `${name}, final blocks`,
    message,
    concat(
      deflateFinal(message.subarray(0, 3000)),
      deflateFinal(message.subarray(3000, 3001)),
      deflateFinal(none),
      deflate(message.subarray(3001)),
    ),
  ],
])

/** Up to 70 000: around the sizes of buffers, and of what inflates at once. */
const sizes = [1, 2, 7, 257, 258, 259, 1023, 1024, 2047, 2048, 2049, 3000, 3001, 4096, 16_383, 16_384, 16_385, 20_000]
sizes.push(32_767, 32_768, 39_999, 40_000, 40_001, 65_535, 65_536, 69_999, 70_000)

/** The size of the bomb. */
const MIBS = long ? 256 : 64

/** Slices of one byte only for the short message: each takes a call. */
const MAX_SLICES = 10_000

/** Small slices are slow, so they are tried with few pieces. */
function piecesOf(data: Uint8Array, wanted: number): Uint8Array[][] {
  const cut = cutAt(data, 1, data.length >> 1)
  return wanted < 1000 ? [cut] : [[data], cut, [none, data, none]]
}

describe.each(all)('%s', (_, codec) => {
  const open = (takesOver = true) => deflateTransform(paramsOf(15, takesOver), 'client', codec)

  test.each(shapes)(
    '%s: the same bytes by slices of every size, with takeover and without',
    (_title, message, data) => {
      for (const takesOver of [true, false]) {
        const transform = open(takesOver)
        for (const wanted of share(sizes, 3).filter((size) => message.length / size < MAX_SLICES))
          for (const pieces of piecesOf(data, wanted)) {
            const slices = slicesOf(transform, pieces, wanted)
            if (!same(concat(...slices), message)) expect.fail(`slices of ${wanted} bytes are other bytes`)
            // Slices are full, except at the end of a piece.
            expect(slices.length).toBeLessThanOrEqual(Math.ceil(message.length / wanted) + pieces.length + 3)
          }
        transform.close?.()
      }
    },
  )

  test('any slices, any pieces, message after message', { timeout: 30_000 }, () => {
    const message = fc.tuple(fc.nat(shapes.length - 1), fc.array(fc.nat(9999), { maxLength: 4 }))
    const wanted = fc.oneof(fc.integer({ min: 20, max: 70_000 }), fc.constant(Infinity))
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.infiniteStream(wanted),
        fc.boolean(),
        (list, sizes, takesOver) => {
          const transform = open(takesOver)
          for (const [index, places] of list) {
            const [, expected = none, data = none] = shapes[index] ?? []
            const cuts = places.map((place) => place % data.length).sort((a, b) => a - b)
            const slices = slicesOf(transform, cutAt(data, ...cuts), () => sizes.next().value)
            expect(same(concat(...slices), expected)).toBe(true)
          }
          transform.close?.()
        },
      ),
      { numRuns: runs(20, 60) },
    )
  })

  test('a slice is the caller’s own: changing or transferring it has no effect', () => {
    const [message, data] = [json(50_000), deflate(json(50_000))]
    const transform = open()
    const input = data.slice()
    const kept: Uint8Array[] = []
    let piece: Uint8Array = input
    do {
      const info = { opcode: 2, first: piece === input, last: true, remaining: 2 ** 20, wanted: 999 }
      const slice = transform.decode(piece, info)
      kept.push(slice.slice())
      structuredClone(slice, { transfer: [slice.buffer as ArrayBuffer] })
      input.fill(0xff)
      piece = none
    } while (transform.hasMore?.())
    expect(same(concat(...kept), message)).toBe(true)
    expect(same(receive(transform, [deflate(message)]), message)).toBe(true)
  })

  test('without `wanted`, all output is returned', () => {
    const transform = open()
    const info = { opcode: 2, first: true, last: true, remaining: 2 ** 20 }
    expect(transform.decode(deflate(json(300_000)), info as never).length).toBe(300_000)
    expect(transform.hasMore?.()).toBe(false)
  })

  test('no empty slice after a message of exactly the wanted size', () => {
    for (const data of [deflate(json(4096)), deflateFinal(json(4096))])
      expect(slicesOf(open(), [data], 4096).map(({ length }) => length)).toEqual([4096])
  })

  test('a truncated message fails at its last slice (1007)', () => {
    const message = concat(json(30_000), noise(5000))
    const data = deflate(message)
    for (const size of [data.length - 1, data.length - 2, data.length - 2000, 100])
      for (const wanted of [100, 5000, 2 ** 20]) {
        const result = outcome(() => concat(...slicesOf(open(), [data.subarray(0, size)], wanted)))
        expect([size, wanted, errorOf(result)]).toEqual([size, wanted, BAD_DATA])
      }
  })

  test('the limit applies, whatever is wanted (1009)', () => {
    const data = deflate(new Uint8Array(100_000))
    for (const wanted of [1, 99, 1000, 49_999, 50_000, 50_001, 200_000]) {
      const read = (remaining: number) => outcome(() => concat(...slicesOf(open(), [data], wanted, remaining)))
      expect([wanted, errorOf(read(wanted < 1000 ? 500 : 50_000))]).toEqual([wanted, TOO_LARGE])
      if (wanted >= 99) expect([wanted, errorOf(read(100_000))]).toEqual([wanted, 'none'])
    }
  })

  test('a fractional limit is rounded down', () => {
    const read = (remaining: number) => outcome(() => receive(open(), [deflate(json(5000))], remaining))
    expect(errorOf(read(5000.5))).toBe('none')
    expect(errorOf(read(4999.5))).toBe(TOO_LARGE)
  })

  test('no snapshot while output waits; close drops the output', () => {
    const transform = open()
    const info = { opcode: 2, first: true, last: true, remaining: 2 ** 20, wanted: 10 }
    expect(transform.decode(deflate(json(5000)), info).length).toBe(10)
    expect(transform.hasMore?.()).toBe(true)
    expect(transform.snapshot?.()).toBeUndefined()
    transform.close?.()
    expect(transform.hasMore?.()).toBe(false)
  })

  test('a piece passed while output waits throws TypeError', () => {
    const transform = open()
    const info = { opcode: 2, first: true, last: false, remaining: 2 ** 20, wanted: 10 }
    transform.decode(deflate(json(5000)), info)
    const message = 'while output waits, the piece must be empty and not the first'
    expect(() => transform.decode(Uint8Array.of(0), { ...info, first: false })).toThrow(new TypeError(message))
    expect(() => transform.decode(none, info)).toThrow(new TypeError(message))
    expect(() => transform.decode(none, { ...info, first: false, wanted: 0 })).toThrow(RangeError)
    expect(transform.decode(none, { ...info, first: false }).length).toBe(10)
  })

  test('connections with waiting output do not affect each other', () => {
    const extension = permessageDeflate({ codec })
    const messages = [1, 2, 3, 4].map((seed) => json(20_000, seed))
    const transforms = messages.map(() => extension.open(paramsOf(15), 'client'))
    const outputs = messages.map((): Uint8Array[] => [])
    for (let round = 0; round < 3; round++) {
      const inputs = messages.map((message) => deflate(message))
      do {
        for (const [index, transform] of transforms.entries()) {
          const first = (inputs[index]?.length ?? 0) > 0
          if (!first && !transform.hasMore?.()) continue
          const info = { opcode: 2, first, last: true, remaining: 2 ** 20, wanted: 700 * (index + 1) }
          outputs[index]?.push(transform.decode(inputs[index] ?? none, info))
          inputs[index] = none
        }
      } while (transforms.some((transform) => transform.hasMore?.()))
    }
    for (const [index, message] of messages.entries())
      expect(same(concat(...(outputs[index] ?? [])), concat(message, message, message))).toBe(true)
  })
})

test(`a bomb of ${MIBS} MiB by slices of 64 KiB, without any limit, takes less than 8 MiB`, {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slices-'))
  try {
    await build({
      entry: { child: fileURLToPath(new URL('slices-child.ts', import.meta.url)) },
      outDir: folder,
      outExtension: () => ({ js: '.mjs' }),
      format: 'esm',
      platform: 'node',
      noExternal: [/.*/],
      config: false,
      silent: true,
    })
    const args = ['--expose-gc', '--max-old-space-size=32', join(folder, 'child.mjs'), String(MIBS)]
    const { lines, child } = startProcess('the bomb in slices', process.execPath, args)
    const bombs: SlicedBomb[] = []
    lines.on('line', (line) => bombs.push(JSON.parse(line) as SlicedBomb))
    const [code] = await within(once(child, 'close'), 'the bomb to be over')
    expect(code).toBe(0)
    expect(bombs.map(({ name }) => name)).toEqual(['pako', 'zlib'])
    for (const { inflated, largest, peak } of bombs) {
      expect(inflated).toBe(MIBS * 2 ** 20)
      expect(largest).toBe(65_536)
      expect(peak).toBeLessThan(8 * 2 ** 20)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
