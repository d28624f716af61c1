/** Errors in compressed data: their details, and that failures of the library or the machine are never blamed on the peer. */

import { describe, expect, test } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { zlibOneShot } from '../../src/codec/zlib-one-shot.ts'
import { Connection } from '../../src/connection/connection.ts'
import type { Decompressed, DeflateCodec } from '../../src/deflate/codec.ts'
import { deflateTransform, permessageDeflate } from '../../src/deflate/extension.ts'
import { ProtocolError } from '../../src/errors.ts'
import { receiveAll } from '../receive.ts'
import { concat, hex } from '../wire.ts'
import { cutAt, json, noise, none, outcome, paramsOf, receive } from './messages.ts'
import { deflate, deflateFinal } from './oracle.ts'

const all: [name: string, codec: DeflateCodec, cause: object][] = [
  ['pako', pako, { message: 'pako: invalid block type', errno: -3 }],
  ['zlib', zlib, { message: 'invalid block type', errno: -3, code: 'Z_DATA_ERROR' }],
  ['zlib, one-shot calls', zlibOneShot, { message: 'invalid block type', errno: -3, code: 'Z_DATA_ERROR' }],
]
const bad = Uint8Array.of(7)

describe.each(all)('%s', (_, codec, cause) => {
  const read = (...pieces: Uint8Array[]) =>
    outcome(() => receive(deflateTransform(paramsOf(), 'client', codec), pieces)) as ProtocolError

  test('invalid DEFLATE: the library’s error as cause, and the offset', () => {
    const error = read(bad)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'extension-data', closeCode: 1007, offset: 0, cause })
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.toJSON().offset).toBe(0)
  })

  test('the offset is that of the piece, or of the stream in it, that showed the error', () => {
    const [one, other] = [deflateFinal(json(300)), concat(deflate(json(200)), Uint8Array.of(0, 0, 0xff, 0xff))]
    expect(read(other, bad)).toMatchObject({ offset: other.length, cause })
    expect(read(...cutAt(other, 5, 50), none, bad)).toMatchObject({ offset: other.length, cause })
    expect(read(concat(one, bad))).toMatchObject({ offset: one.length, cause })
    expect(read(one, concat(one, one, bad))).toMatchObject({ offset: 3 * one.length, cause })
  })

  test('a message that ends inside a block: the offset of its end', () => {
    const data = deflate(noise(100)).subarray(0, 60)
    expect(read(data)).toMatchObject({ code: 'extension-data', offset: 60 })
    expect(read(...cutAt(data, 20))).toMatchObject({ code: 'extension-data', offset: 60 })
  })

  test('data whose error shows only at the missing end have a cause and an offset, too', () => {
    for (const bytes of ['139d', '5a633c', '63b91434b5', '4bcc72d7e7b24c29', '04', 'f248cd'].map(hex)) {
      const error = read(bytes)
      expect(error).toMatchObject({ code: 'extension-data', closeCode: 1007, offset: bytes.length })
      expect(error.cause).toBeInstanceOf(Error)
    }
  })

  test('the close event of a connection has cause and offset', () => {
    const extensions = [permessageDeflate({ codec })]
    const agreement = { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params: paramsOf() }] }
    const connection = new Connection({ role: 'client', agreement, extensions })
    const [event] = connection.receive(Uint8Array.of(0xc2, 1, 7))
    expect(event).toMatchObject({ type: 'close', error: { code: 'extension-data', offset: 0, cause } })
  })
})

test.each([
  [{ maxMessageSize: 100_000 }, 'inflates to too much; limits.maxMessageSize is 100000'],
  [{ maxInflateRatio: 2 }, 'inflates to too much; limits.maxInflateRatio is 2'],
])('a message that inflates to too much names the limit: %j', (limits, message) => {
  const extensions = [permessageDeflate({ codec: zlib })]
  const agreement = { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params: paramsOf() }] }
  const sender = new Connection({ role: 'server', agreement, extensions })
  sender.sendBinary(new Uint8Array(2 ** 21))
  const connection = new Connection({ role: 'client', agreement, extensions, limits })
  const [event] = receiveAll(connection, sender.takeOutput() as Uint8Array)
  expect(event?.type === 'close' && event.error?.message).toContain(message)
})

describe('errors that are not about the data pass through', () => {
  const failing = (failure: Error, from = 0): DeflateCodec => ({
    ...pako,
    createDecompressor: () => ({
      start() {},
      decompress(): Decompressed {
        if (from-- <= 0) throw failure
        return { status: 'more', consumed: 0, output: new Uint8Array(0) }
      },
      close() {},
    }),
  })

  test('from a codec', () => {
    const failure = new Error('no memory')
    expect(() => receive(deflateTransform(paramsOf(), 'client', failing(failure)), [bad])).toThrow(failure)
    // At the end, with the tail.
    expect(() => receive(deflateTransform(paramsOf(), 'client', failing(failure, 1)), [bad])).toThrow(failure)
  })

  test('the codec’s own limit is named, not a configured one (1009)', () => {
    const cause = new RangeError('this codec takes 10 bytes')
    const codec: DeflateCodec = {
      ...pako,
      createDecompressor: () => ({
        start() {},
        decompress: () => ({ status: 'limit', consumed: 0, output: new Uint8Array(0), cause }),
        close() {},
      }),
    }
    const error = outcome(() => receive(deflateTransform(paramsOf(), 'client', codec), [bad]))
    expect(error).toMatchObject({
      code: 'too-large',
      closeCode: 1009,
      message: 'compressed message inflates to too much; RangeError: this codec takes 10 bytes',
      cause,
    })
  })
})

test.each<[state: unknown, message: string]>([
  [null, 'the state must be an object, not null'],
  ['AA==', 'the state must be an object, not "AA=="'],
  [{}, 'base64 must be a string'],
  [{ own: '', peer: 5 }, 'base64 must be a string'],
  [{ own: '', peer: 'AAA' }, 'not base64'],
])('the invalid snapshot %j throws TypeError', (state, message) => {
  const transform = deflateTransform(paramsOf(), 'client', pako)
  expect(() => transform.resume?.(state)).toThrow(TypeError)
  expect(() => transform.resume?.(state)).toThrow(message)
})

describe('an invalid result of a codec throws TypeError, and is not blamed on the peer', () => {
  const output = new Uint8Array(1)
  const decompressing = (answer: unknown): DeflateCodec => ({
    ...pako,
    createDecompressor: () => ({ start() {}, decompress: () => answer as Decompressed, close() {} }),
  })
  const compressing = (answer: unknown): DeflateCodec => ({
    ...pako,
    createCompressor: () => ({ compress: () => answer as never, close() {} }),
  })
  const decompressed = 'decompress of pako` must return { status, consumed, output }, at once'
  const compressed = 'compress of pako` must return bytes that end with 00 00 ff ff, at once'

  test.each<[title: string, codec: DeflateCodec, message: string]>([
    ['nothing', decompressing(undefined), `${decompressed}; it returned undefined`],
    ['a promise', decompressing(Promise.resolve({ status: 'more', consumed: 1, output })), 'it returned a promise'],
    ['another status', decompressing({ status: 'ok', consumed: 1, output }), decompressed],
    ['a string', decompressing({ status: 'more', consumed: 1, output: 'x' }), decompressed],
    ['an ArrayBuffer', decompressing({ status: 'more', consumed: 1, output: output.buffer }), decompressed],
    ['an end without a position', decompressing({ status: 'ended', output }), decompressed],
    ['an end before the input', decompressing({ status: 'ended', consumed: -1, output }), decompressed],
    ['an end after the input', decompressing({ status: 'ended', consumed: 99, output }), decompressed],
    [
      'no decompressor',
      { ...pako, createDecompressor: () => null as never },
      'must return a Decompressor, at once; it',
    ],
  ])('of a decompressor: %s', (_, codec, message) => {
    const transform = deflateTransform(paramsOf(), 'client', codec)
    const read = () => receive(transform, [deflate(json(40))])
    expect(read).toThrow(TypeError)
    expect(read).toThrow(message)
  })

  test.each<[title: string, codec: DeflateCodec, message: string]>([
    ['nothing', compressing(undefined), `${compressed}; it returned undefined`],
    ['a promise', compressing(Promise.resolve(output)), `${compressed}; it returned a promise`],
    ['a string', compressing('abcdef'), `${compressed}; it returned a string`],
    ['less than a flush', compressing(output), `${compressed}; it returned a Uint8Array`],
    ['another end', compressing(Uint8Array.of(0, 0, 0xff, 0xfe)), `${compressed}; it returned a Uint8Array`],
    ['no flush', compressing(Uint8Array.of(0, 1, 0xff, 0xff)), `${compressed}; it returned a Uint8Array`],
    ['no compressor', { ...pako, createCompressor: () => null as never }, 'must return a Compressor, at once; it'],
  ])('of a compressor: %s', (_, codec, message) => {
    const transform = deflateTransform(paramsOf(), 'client', codec, { threshold: 0 })
    const info = { opcode: 2, first: true, last: true, remaining: 0, wanted: Infinity }
    expect(() => transform.encode(json(40), info)).toThrow(TypeError)
    expect(() => transform.encode(json(40), info)).toThrow(message)
  })
})

test('the decompressor is closed even if closing the compressor throws', () => {
  let closed = 0
  const failure = new Error('cannot be closed')
  const codec: DeflateCodec = {
    ...pako,
    createCompressor: (settings) => ({
      ...pako.createCompressor(settings),
      compress: () => Uint8Array.of(0, 0, 0xff, 0xff),
      close() {
        throw failure
      },
    }),
    createDecompressor: () => ({
      start() {},
      decompress: () => ({ status: 'more', consumed: 0, output: new Uint8Array(0) }),
      close: () => void closed++,
    }),
  }
  const transform = deflateTransform(paramsOf(), 'client', codec, { threshold: 0 })
  const info = { opcode: 2, first: true, last: false, remaining: 1000, wanted: Infinity }
  transform.encode(json(100), info)
  transform.decode(bad, info)
  expect(() => transform.close?.()).toThrow(failure)
  expect(closed).toBe(1)
})
