/** Tests where the body of a refusal ends, in every split, with invalid chunks, and at the limit. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { type ReadBody, type ResponseBodyOptions, ResponseBodyReader } from '../../src/http/response-body.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { runs } from '../share.ts'
import { concat } from '../wire.ts'
import { latin1, readInEverySplit, toText } from './head.ts'

const chunked = { 'Transfer-Encoding': 'chunked' }

/** Reads in every split, and returns the body as text. */
function readBody(headers: HeaderRecord, wire: string, options: ResponseBodyOptions = {}, status = 403) {
  const read = readInEverySplit(() => new ResponseBodyReader({ status, headers }, options), wire)
  return read && 'body' in read ? { ...read, body: toText(read.body as Uint8Array) } : read
}

/** Returns the result of a reader at the end of the connection. */
function endOf(headers: HeaderRecord, wire: string, options: ResponseBodyOptions = {}): ReadBody {
  const reader = new ResponseBodyReader({ status: 403, headers }, options)
  const early = reader.push(latin1(wire))
  if (early !== undefined) throw new Error('not at the end')
  return reader.end()
}

describe('a complete body', () => {
  it.each<[title: string, headers: HeaderRecord, wire: string, body: string]>([
    ['of a length', { 'Content-Length': '5' }, 'hello', 'hello'],
    ['of a repeated length', { 'Content-Length': '5, 5' }, 'hello', 'hello'],
    ['in one chunk', chunked, '5\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['in several chunks', chunked, '1\r\nh\r\n4\r\nello\r\n00\r\n\r\n', 'hello'],
    ['of no bytes', chunked, '0\r\n\r\n', ''],
    [
      'with chunk sizes in either case and with leading zeros',
      chunked,
      '0a\r\n0123456789\r\n00000000000B\r\n0123456789a\r\n0\r\n\r\n',
      '01234567890123456789a',
    ],
    ['with chunk extensions', chunked, '5;a\r\nhello\r\n0 \t;b = "c;\\"" ; d\r\n\r\n', 'hello'],
    ['with trailers', chunked, '5\r\nhello\r\n0\r\nX-A: b\r\nEmpty:\r\nC:\xe9\t d \r\n\r\n', 'hello'],
    ['of line ends', chunked, '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
  ])('%s', (_, headers, wire, body) => {
    for (const rest of ['', 'HTTP/1.1 200 OK\r\n\r\n', '\0'])
      expect(readBody(headers, wire + rest)).toEqual({ ok: true, body, rest })
    for (let size = 0; size < wire.length; size++)
      expect(new ResponseBodyReader({ status: 403, headers }).push(latin1(wire.slice(0, size)))).toBeUndefined()
  })
  it.each<[status: number, headers: HeaderRecord, method: string]>([
    [403, { 'Content-Length': '5' }, 'HEAD'],
    [403, chunked, 'HEAD'],
    [204, { 'Content-Length': '5' }, 'GET'],
    [304, { 'Content-Length': '5' }, 'GET'],
    [101, {}, 'GET'],
    [200, { 'Content-Length': '5' }, 'CONNECT'],
    [403, { 'Content-Length': '0' }, 'GET'],
  ])('a %i with %j to %s has no body', (status, headers, method) => {
    const make = () => new ResponseBodyReader({ status, headers }, { method })
    const none = { ok: true, body: new Uint8Array(0) }
    expect(make().push(latin1('rest'))).toEqual({ ...none, rest: latin1('rest') })
    expect(make().push(new Uint8Array(0))).toEqual({ ...none, rest: new Uint8Array(0) })
    expect(make().end()).toEqual({ ...none, rest: new Uint8Array(0) })
  })
  it('ends with the connection', () => {
    expect(endOf({}, 'hello')).toEqual({ ok: true, body: latin1('hello'), rest: new Uint8Array(0) })
    expect(new ResponseBodyReader({ status: 403, headers: {} }).end()).toMatchObject({ ok: true })
  })
  it('is returned once, without the bytes after it', () => {
    const reader = new ResponseBodyReader({ status: 403, headers: { 'content-length': 2 } })
    expect(reader.push(latin1('abc'))).toMatchObject({ body: latin1('ab'), rest: latin1('c') })
    expect(reader.push(latin1('de'))).toEqual({ ok: true, body: new Uint8Array(0), rest: latin1('de') })
    expect(reader.end()).toMatchObject({ ok: true, body: new Uint8Array(0) })
  })
  it('belongs to the caller and keeps no chunk in memory', () => {
    const large = new Uint8Array(20_000).fill(1)
    const reader = new ResponseBodyReader({ status: 403, headers: { 'content-length': 40_000 } })
    reader.push(large)
    large.fill(2)
    const read = reader.push(large)
    if (!read?.ok) throw new Error('not read')
    large.fill(3)
    expect([read.body[0], read.body[19_999], read.body[20_000], read.body[39_999]]).toEqual([1, 1, 2, 2])
    const one = new ResponseBodyReader({ status: 403, headers: { 'content-length': 20_000 } }).push(large)
    expect(one?.ok && one.body.buffer).not.toBe(large.buffer)
  })
  it('over HTTP/2 has its Content-Length, or ends with the stream', () => {
    const reader = new ResponseBodyReader({ status: 403, httpVersion: '2', headers: { 'content-length': '2' } })
    expect(reader.push(latin1('ab'))).toMatchObject({ ok: true, body: latin1('ab') })
    const open = new ResponseBodyReader({ status: 403, httpVersion: '3', headers: [] })
    expect(open.push(latin1('ab'))).toBeUndefined()
    expect(open.end()).toMatchObject({ ok: true, body: latin1('ab') })
  })
})

describe('an unreadable body', () => {
  it.each<[wire: string, offset: number, found: string]>([
    ['\r\nhello', 0, 'a CR where the size of a chunk is expected'],
    [' 5\r\nhello', 0, 'a space where the size of a chunk is expected'],
    ['+5\r\nhello', 0, "'+' where the size of a chunk is expected"],
    ['-5\r\nhello', 0, "'-' where the size of a chunk is expected"],
    [';a\r\n', 0, "';' where the size of a chunk is expected"],
    ['0x5\r\nhello', 1, "'x' in the size of a chunk"],
    ['5g\r\nhello', 1, "'g' in the size of a chunk"],
    ['5 \r\nhello', 2, 'a CR in the size of a chunk'],
    ['5 5\r\nhello', 2, "'5' in the size of a chunk"],
    ['5\nhello', 1, 'an LF in the size of a chunk'],
    ['5\r5', 2, "'5' where LF is expected"],
    ['5;a\nhello', 3, 'an LF in a chunk extension'],
    ['5;a\0', 3, 'the byte 0x00 in a chunk extension'],
    ['5;a\rb', 4, "'b' where LF is expected"],
    ['5\r\nhello0\r\n', 8, "'0' where CR is expected"],
    ['5\r\nhello\n', 8, 'an LF where CR is expected'],
    ['5\r\nhello\r\r', 9, 'a CR where LF is expected'],
    [`${'0'.repeat(14)}\r\n`, 13, 'a size of more than 13 digits'],
    ['0\r\n\n', 3, 'an LF in the name of a trailer'],
    ['0\r\n a: b\r\n', 3, 'a space in the name of a trailer'],
    ['0\r\n: b\r\n', 3, "':' in the name of a trailer"],
    ['0\r\na\r\n', 4, 'a CR in the name of a trailer'],
    ['0\r\na : b\r\n', 4, 'a space in the name of a trailer'],
    ['0\r\na: b\n', 7, 'an LF in a trailer'],
    ['0\r\na: b\r\r', 8, 'a CR where LF is expected'],
    ['0\r\na: b\r\n c\r\n', 9, 'a space in the name of a trailer'],
    ['0\r\n\rx', 4, "'x' where LF is expected"],
  ])('%j: byte %i, %s', (wire, offset, found) => {
    const reference = 'RFC 9112 §7.1'
    const message = `unreadable body: ${found} at byte ${offset}`
    expect(readBody(chunked, `${wire}rest`)).toEqual({
      ok: false,
      errors: [{ code: 'response-body', message, reference, offset }],
      rest: `${wire}rest`.slice(offset),
    })
  })
  it.each<[HeaderRecord, string]>([
    [{ 'Content-Length': '5' }, 'hell'],
    [{ 'Content-Length': '5' }, ''],
    [chunked, ''],
    [chunked, '5'],
    [chunked, '5\r\nhello'],
    [chunked, '5\r\nhello\r\n'],
    [chunked, '0\r\n'],
    [chunked, '0\r\n\r'],
  ])('%j ends too early after %j', (headers, wire) => {
    expect(endOf(headers, wire)).toMatchObject({
      ok: false,
      errors: [{ code: 'response-body', reference: 'RFC 9112 §8', offset: wire.length }],
      rest: new Uint8Array(0),
    })
  })
  it.each<[HeaderRecord, string]>([
    [{ 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, 'head-syntax'],
    [{ 'Content-Length': 'x' }, 'head-syntax'],
    [{ 'Content-Length': ['5', '6'] }, 'head-syntax'],
    [{ 'Transfer-Encoding': '' }, 'head-syntax'],
    [{ 'Transfer-Encoding': 'gzip, chunked' }, 'response-body'],
    [{ 'Transfer-Encoding': 'gzip' }, 'response-body'],
    [{ 'Transfer-Encoding': 'chunked, chunked' }, 'response-body'],
    [{ 'Transfer-Encoding': 'chunked;a' }, 'response-body'],
    [{ 'Transfer-Encoding': `chunked${','.repeat(200)}` }, 'head-syntax'],
  ])('%j has unreliable framing, and the constructor does not throw', (headers, code) => {
    const wire = '5\r\nhello\r\n0\r\n\r\n'
    expect(readBody(headers, wire)).toMatchObject({ ok: false, errors: [{ code }], rest: wire })
    expect(new ResponseBodyReader({ status: 403, headers }).end()).toMatchObject({ ok: false, errors: [{ code }] })
  })
  it('with Transfer-Encoding in HTTP/1.0 has unreliable framing (RFC 9112 §6.1)', () => {
    const reader = new ResponseBodyReader({ status: 403, httpVersion: '1.0', headers: chunked })
    expect(reader.push(latin1('0\r\n\r\n'))).toMatchObject({ ok: false, errors: [{ reference: 'RFC 9112 §6.1' }] })
  })
  it('stays unreadable', () => {
    const reader = new ResponseBodyReader({ status: 403, headers: chunked })
    const first = reader.push(latin1('x'))
    expect(reader.push(latin1('0\r\n\r\n'))).toEqual({ ...first, rest: latin1('0\r\n\r\n') })
    expect(reader.end()).toEqual({ ...first, rest: new Uint8Array(0) })
  })
})

describe('maxBodySize', () => {
  const limit = { maxBodySize: 10 }
  const tooLarge = { code: 'too-large', message: 'the body is larger than 10 bytes (`maxBodySize`)' }

  it('is 64 KiB by default', () => {
    const read = (length: number) =>
      new ResponseBodyReader({ status: 403, headers: { 'content-length': length } }).push(new Uint8Array(length))
    expect(read(65_536)).toMatchObject({ ok: true })
    expect(read(65_537)).toMatchObject({ ok: false, errors: [{ code: 'too-large' }] })
  })
  it('allows exactly that many bytes', () => {
    expect(readBody({ 'Content-Length': '10' }, '0123456789', limit)).toMatchObject({ ok: true })
    expect(readBody(chunked, '5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n', limit)).toMatchObject({ ok: true })
    expect(endOf({}, '0123456789', limit)).toMatchObject({ ok: true })
    expect(readBody({ 'Content-Length': '11' }, 'x', limit)).toMatchObject({ errors: [{ ...tooLarge, offset: 0 }] })
    expect(readBody(chunked, '5\r\n01234\r\n6\r\n', limit)).toMatchObject({ errors: [{ ...tooLarge, offset: 10 }] })
    expect(readBody(chunked, 'b', limit)).toMatchObject({ errors: [{ ...tooLarge, offset: 0 }] })
    expect(readBody({}, '0123456789a', limit)).toMatchObject({ errors: [{ ...tooLarge, offset: 10 }], rest: 'a' })
  })
  it('of 0 allows an empty body, and of Infinity any body', () => {
    expect(readBody(chunked, '0\r\n\r\n', { maxBodySize: 0 })).toMatchObject({ ok: true })
    expect(readBody({}, 'a', { maxBodySize: 0 })).toMatchObject({ ok: false })
    const any = { maxBodySize: Infinity }
    expect(readBody(chunked, '1\r\na\r\nfffffffffffff\r\n', any)).toBeUndefined()
    expect(endOf({}, 'abc', any)).toMatchObject({ ok: true, body: latin1('abc') })
  })
  it.each([-1, 1.5, Number.NaN, -Infinity])('of %d throws', (maxBodySize) => {
    expect(() => new ResponseBodyReader({ status: 403, headers: [] }, { maxBodySize })).toThrow(RangeError)
  })
  it('allocates nothing for announced bytes', () => {
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 100 }, () => {
      const headers = { 'content-length': 2 ** 40 }
      const reader = new ResponseBodyReader({ status: 403, headers }, { maxBodySize: Infinity })
      reader.push(latin1('a'))
      return reader
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
    expect(readers).toHaveLength(100)
  })
  it('has a separate limit for extensions and trailers: 16 KiB', () => {
    const found = { code: 'too-large', reference: 'RFC 9112 §7.1.1' }
    const pushed = (wire: string) => new ResponseBodyReader({ status: 403, headers: chunked }).push(latin1(wire))
    expect(pushed(`0;${'a'.repeat(16_384)}\r\n\r\n`)).toMatchObject({ ok: true })
    expect(pushed(`0;${'a'.repeat(16_385)}`)).toMatchObject({
      errors: [{ ...found, offset: 16_386 }],
      rest: latin1('a'),
    })
    expect(pushed(`0\r\n${'a:\r\n'.repeat(16_384)}\r\n`)).toMatchObject({ ok: true })
    expect(pushed(`0\r\n${'a:\r\n'.repeat(16_385)}`)).toMatchObject({ ok: false, errors: [found] })
    expect(pushed(`1;a\r\n-\r\n`.repeat(16_385))).toMatchObject({ ok: false, errors: [found] })
    expect(pushed(`0${' '.repeat(16_385)}`)).toMatchObject({ ok: false, errors: [found] })
  })
})

describe('any bytes', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '5',
    'a',
    'F',
    ';',
    '\r\n',
    '\r',
    '\n',
    ' ',
    ':',
    'x',
    '0\r\n\r\n',
    '2\r\nab\r\n',
    'a: b\r\n',
    '\0',
  )
  const wire = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
  const headers = fc.constantFrom<HeaderRecord>(chunked, { 'content-length': '4' }, {}, { 'transfer-encoding': 'gzip' })

  it('give the same result in any chunking, and never an exception', () => {
    const cuts = fc.array(fc.nat(40), { maxLength: 6 })
    fc.assert(
      fc.property(wire, headers, cuts, fc.constantFrom(3, 65_536), (text, fields, at, maxBodySize) => {
        const bytes = latin1(text)
        const result = (borders: readonly number[]) => {
          const reader = new ResponseBodyReader({ status: 403, headers: fields }, { maxBodySize })
          for (const [index, border] of borders.entries()) {
            const read = reader.push(bytes.subarray(borders[index - 1] ?? 0, border))
            if (read === undefined) continue
            const rest = toText(concat(read.rest, bytes.subarray(border)))
            return read.ok ? { body: toText(read.body), rest } : { error: read.errors[0].toJSON(), rest }
          }
          const read = reader.end()
          return read.ok ? { body: toText(read.body) } : { error: read.errors[0].toJSON() }
        }
        const borders = [...at.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        expect(result(borders)).toEqual(result([bytes.length]))
      }),
      { numRuns: runs(400, 4000) },
    )
  })
  it('survive chunking and reading', () => {
    const data = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 10 })
    fc.assert(
      fc.property(data, fc.uint8Array({ maxLength: 10 }), (pieces, rest) => {
        const coded = pieces.flatMap((bytes) => [latin1(`${bytes.length.toString(16)}\r\n`), bytes, latin1('\r\n')])
        const read = new ResponseBodyReader({ status: 403, headers: chunked }).push(
          concat(...coded, latin1('0\r\n\r\n'), rest),
        )
        expect(read).toMatchObject({ ok: true, body: concat(...pieces), rest })
      }),
    )
  })
  it('take linear time: 64 KiB in chunks of one byte, pushed byte by byte', () => {
    const reader = new ResponseBodyReader({ status: 403, headers: chunked })
    const one = latin1('1\r\na\r\n')
    const start = performance.now()
    for (let i = 0; i < 65_536; i++) for (let at = 0; at < one.length; at++) reader.push(one.subarray(at, at + 1))
    expect(reader.push(latin1('0\r\n\r\n'))).toMatchObject({ ok: true, body: { length: 65_536 } })
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

it('a client reads the reason for a refusal after the head, from the same bytes', () => {
  const wire = latin1(`HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nno entry\r\n0\r\n\r\n`)
  const parsed = new ResponseHeadParser().push(wire)
  if (!parsed?.ok) throw new Error('not read')
  expect(verifyHandshake(parsed, offerHandshake('ws://a.example/'))).toMatchObject({ kind: 'refused', status: 403 })
  expect(new ResponseBodyReader(parsed.head).push(parsed.rest)).toMatchObject({ ok: true, body: latin1('no entry') })
})

it('reports the number of missing bytes, and suggests the `head` of a parser’s result', () => {
  expect(endOf({ 'Content-Length': '10' }, 'abc')).toMatchObject({
    ok: false,
    errors: [{ message: 'unreadable body: the connection ended 7 bytes early, at byte 3' }],
  })
  const parsed = new ResponseHeadParser().push(latin1('HTTP/1.1 403 Forbidden\r\n\r\n'))
  expect(() => new ResponseBodyReader(parsed as never)).toThrow(TypeError)
  expect(() => new ResponseBodyReader(parsed as never)).toThrow("pass the `head` of a parser's result")
})
