/**
 * Large messages and bombs (RFC 6455 §10.4): the limit is exact to the byte, and a bomb of 256 MiB uses little memory before it is
 * refused.
 */

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import zlib from 'node:zlib'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deflateTransform } from '../../src/deflate/extension.ts'
import { startProcess, within } from '../peers/support.ts'
import { share } from '../share.ts'
import { concat } from '../wire.ts'
import type { Blast } from './bomb-child.ts'
import { codecs, cutAt, errorOf, json, noise, none, outcome, paramsOf, receive, same, TOO_LARGE } from './messages.ts'
import { deflate, deflateFinal } from './oracle.ts'

const MIB = 2 ** 20
/** A codec takes 16 times as long for the second one. */
const limits = share([MIB, 16 * MIB], 2)
/** What is kept from piece to piece: the window, that of pako itself, and output buffers. */
const WINDOW = 131_072
const sizes = [1, 2, 255, 1023, 1024, 1025, 16_383, 16_384, 16_385, 32_768, 65_537, 300_000]

describe.each(codecs)('%s, limit', (_, codec) => {
  const read = (takesOver: boolean, pieces: readonly Uint8Array[], remaining: number) =>
    outcome(() => receive(deflateTransform(paramsOf(15, takesOver), 'client', codec), pieces, remaining))

  test.each(share(sizes, 2))(
    '%i bytes pass with that much remaining, but not with one byte less; in any pieces',
    (size) => {
      for (const message of [new Uint8Array(size), noise(size), json(size)])
        for (const data of [
          deflate(message),
          deflateFinal(message),
          concat(deflateFinal(message.subarray(0, size >> 1)), deflate(message.subarray(size >> 1))),
        ])
          for (const takesOver of [true, false])
            for (const pieces of [
              [data],
              cutAt(data, data.length >> 1),
              [none, ...cutAt(data, 1, data.length - 1), none],
            ]) {
              const whole = read(takesOver, pieces, size)
              expect(errorOf(whole)).toBe('none')
              expect(same(whole as Uint8Array, message)).toBe(true)
              expect(errorOf(read(takesOver, pieces, size - 1))).toBe(TOO_LARGE)
            }
    },
  )

  test('a limit of 0 is enough for an empty message', () => {
    for (const data of [none, Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(3, 0)])
      expect(read(true, [data], 0)).toEqual(new Uint8Array(0))
    expect(errorOf(read(true, [deflate(Uint8Array.of(7))], 0))).toBe(TOO_LARGE)
  })

  test('a message of 40 MB, larger than every buffer', () => {
    const message = concat(...Array.from({ length: 40 }, () => new Uint8Array(MIB)))
    expect(same(read(true, [deflate(message)], message.length) as Uint8Array, message)).toBe(true)
  })
})

describe('a bomb of 256 MiB', () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bomb-'))
    const bomb = zlib.deflateRawSync(new Uint8Array(256 * MIB), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
    expect(bomb.length).toBeLessThan(270_000)
    writeFileSync(join(folder, 'bomb'), bomb.subarray(0, -4))
    await build({
      entry: { child: fileURLToPath(new URL('bomb-child.ts', import.meta.url)) },
      outDir: folder,
      outExtension: () => ({ js: '.mjs' }),
      format: 'esm',
      platform: 'node',
      noExternal: [/.*/],
      config: false,
      silent: true,
    })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(codecs)(
    '%s stops at the limit, and uses at most that much memory plus 1 MiB',
    { timeout: 60_000 },
    async (name) => {
      const program = join(folder, 'child.mjs')
      const args = ['--expose-gc', '--single-threaded-gc', program, name, join(folder, 'bomb'), ...limits.map(String)]
      const { lines, child } = startProcess(`the bomb of ${name}`, process.execPath, args)
      const blasts: Blast[] = []
      lines.on('line', (line) => blasts.push(JSON.parse(line) as Blast))
      const [code] = await within(once(child, 'close'), 'the bomb to be over')
      expect(code).toBe(0)
      expect(blasts.length).toBe(3 * limits.length)
      for (const { remaining, pieceSize, error, inflated, read, arrays, resident = 0 } of blasts) {
        expect([remaining, pieceSize, error]).toEqual([remaining, pieceSize, TOO_LARGE])
        expect(inflated).toBeLessThanOrEqual(remaining)
        // At most 1032 bytes each, so no more than necessary was read, plus one piece.
        expect(read).toBeLessThanOrEqual(remaining / 1000 + pieceSize)
        // Pieces of 1 KiB are the worst: the output of one, 1 MiB, exists twice while it is joined.
        expect(arrays).toBeLessThanOrEqual(remaining + MIB + WINDOW)
        // Native memory.
        expect(resident).toBeLessThanOrEqual(remaining + 12 * MIB)
      }
    },
  )
})
