/**
 * The codec of one-shot calls reads streams in any number of pieces in linear time, and distinguishes data errors from its own.
 *
 * @module
 */

import nodeZlib from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { zlibOneShot } from '../../src/codec/zlib-one-shot.ts'
import { deflateTransform } from '../../src/deflate/extension.ts'
import { paramsOf, receive } from '../deflate/messages.ts'
import { long } from '../share.ts'
import { concat, cutTail, deflate, noise, none, same, textAt } from './codecs.ts'

afterEach(() => void vi.restoreAllMocks())

function piecesOf(data: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
    data.subarray(index * size, (index + 1) * size),
  )
}

describe('a valid message in very many small pieces', () => {
  const [text, random] = [textAt(0, 2 ** 20), noise(60_000)]
  const end = (message: Uint8Array) => deflate(message, true)

  test.each<[title: string, message: Uint8Array, data: Uint8Array, pieces: number]>([
    ['text', text, cutTail(deflate(text)), 16],
    ['text that ends by itself', text, end(text), 16],
    ['zeros', new Uint8Array(2 ** 24), cutTail(deflate(new Uint8Array(2 ** 24))), 1],
    // An end inside the bytes held back, with another stream after it.
    [
      'many streams',
      concat(text, random, text, random),
      concat(end(text), end(random), end(text), cutTail(deflate(random))),
      50,
    ],
  ])('%s', { timeout: 30_000 }, (_title, message, data, size) => {
    const transform = deflateTransform(paramsOf(), 'client', zlibOneShot)
    expect(same(receive(transform, piecesOf(data, size)), message)).toBe(true)
    if (!long) return
    // The end may arrive in a separate piece.
    const another = deflateTransform(paramsOf(15, false), 'client', zlibOneShot)
    expect(same(receive(another, [...piecesOf(data, size), none]), message)).toBe(true)
  })

  test('the first output is returned at once', () => {
    const decompressor = zlibOneShot.createDecompressor(15)
    decompressor.start(none)
    const data = deflate(text)
    let size = 0
    for (const piece of piecesOf(data.subarray(0, 2000), 100)) size += decompressor.decompress(piece, 1e9).output.length
    expect(size).toBeGreaterThan(1000)
  })
})

test('a stream larger than the codec keeps is its own limit', () => {
  const decompressor = zlibOneShot.createDecompressor(15)
  decompressor.start(none)
  const step = decompressor.decompress(new Uint8Array(2 ** 27 + 1), 1000)
  expect(step).toMatchObject({ status: 'limit', output: none })
  expect(step.cause).toEqual(new RangeError('at most 134217728 bytes of a stream are kept'))
  expect(decompressor.decompress(none, 1000)).toEqual(step)
})

describe('errors of node:zlib', () => {
  const failWith = (error: Error) => {
    vi.spyOn(nodeZlib, 'inflateRawSync').mockImplementation(() => {
      throw error
    })
    const decompressor = zlibOneShot.createDecompressor(15)
    decompressor.start(none)
    return () => decompressor.decompress(Uint8Array.of(0), 1000)
  }
  const coded = (code: string) => Object.assign(new Error(code), { code })

  test.each(['Z_MEM_ERROR', 'Z_STREAM_ERROR', 'Z_VERSION_ERROR', 'ERR_ZLIB_INITIALIZATION_FAILED', 'ERR_OUT_OF_RANGE'])(
    '%s is thrown',
    (code) => {
      const error = coded(code)
      expect(failWith(error)).toThrow(error)
    },
  )

  test('a lack of memory is thrown', () => {
    const error = new RangeError('Array buffer allocation failed')
    expect(failWith(error)).toThrow(error)
  })

  test.each(['Z_DATA_ERROR', 'Z_NEED_DICT'])('%s is reported as corrupt data', (code) => {
    const error = coded(code)
    expect(failWith(error)()).toMatchObject({ status: 'corrupt', cause: error })
  })
})
