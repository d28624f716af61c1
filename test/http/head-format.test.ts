/** Tests the exact bytes of heads and responses, that no input can end a line early, and that parsing reverses formatting. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRequestHead, formatResponse, formatResponseHead } from '../../src/http/head-format.ts'
import type { RequestLike } from '../../src/http/request.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { splitTarget } from '../../src/http/target.ts'
import { toText } from './head.ts'

const requestText = (request: Partial<RequestLike>) =>
  toText(formatRequestHead({ method: 'GET', target: '/', headers: [], ...request }))

/** Texts that no name, value, method, target or phrase may contain. */
const hostile = [
  '\r',
  '\n',
  '\0',
  '\r\nX: y',
  'a\r\n\r\nGET / HTTP/1.1',
  '\x01',
  '\x1b',
  '\x7f',
  'Ā',
  '€',
  '\ud800',
  '\ud83d\ude00',
]

describe('formatRequestHead', () => {
  it('writes the fields in order, with their spelling', () => {
    expect(
      requestText({
        target: '/chat?a=b',
        headers: [
          ['Host', 'a'],
          ['uPGRADE', 'websocket'],
          ['Host', 'é\xff'],
        ],
      }),
    ).toBe('GET /chat?a=b HTTP/1.1\r\nHost: a\r\nuPGRADE: websocket\r\nHost: é\xff\r\n\r\n')
  })
  it('accepts every source of fields, and HTTP/1.0', () => {
    expect(requestText({ httpVersion: '1.0', headers: { host: 'a', x: ['1', '2'] } })).toBe(
      'GET / HTTP/1.0\r\nhost: a\r\nx: 1\r\nx: 2\r\n\r\n',
    )
  })
  it('trims values, since a parser would trim them anyway', () => {
    expect(requestText({ headers: { a: ' \tb c ', d: ' ' } })).toBe('GET / HTTP/1.1\r\na: b c\r\nd: \r\n\r\n')
  })
  it.each(hostile)('rejects %j in every part', (text) => {
    expect(() => requestText({ method: `GET${text}` })).toThrow(TypeError)
    expect(() => requestText({ target: `/${text}` })).toThrow(TypeError)
    expect(() => requestText({ headers: [[`a${text}`, 'b']] })).toThrow(TypeError)
    expect(() => requestText({ headers: [['a', `b${text}`]] })).toThrow(TypeError)
  })
  it.each<Partial<RequestLike>>([
    { method: '' },
    { method: 'GE T' },
    { target: '' },
    { target: '/a b' },
    { target: '/é' },
    { headers: [['', 'a']] },
    { headers: [['a b', 'c']] },
    { headers: [['a:', 'c']] },
    { headers: [['é', 'c']] },
    { httpVersion: '2' },
    { httpVersion: '3' },
  ])('refuses %j', (request) => {
    expect(() => requestText(request)).toThrow(TypeError)
  })
})

describe('formatResponse', () => {
  const text = (...args: Parameters<typeof formatResponse>) => toText(formatResponse(...args))
  it('adds the reason phrase and Content-Length', () => {
    expect(text({ status: 503, headers: { 'retry-after': 120 }, body: 'later\n' })).toBe(
      'HTTP/1.1 503 Service Unavailable\r\nretry-after: 120\r\nContent-Length: 6\r\n\r\nlater\n',
    )
  })
  it('writes texts as UTF-8, and bytes unchanged', () => {
    expect(text({ status: 200, body: 'é' })).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xc3\xa9')
    expect(text({ status: 200, body: Uint8Array.of(0, 255) })).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\0\xff',
    )
  })
  it('writes a Content-Length of 0 if a body is possible', () => {
    expect(text({ status: 404 })).toBe('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    expect(text({ status: 205 })).toBe('HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n')
  })
  it('keeps an existing phrase and Content-Length', () => {
    expect(text({ status: 200, reason: '', body: 'a' })).toBe('HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na')
    expect(text({ status: 200, reason: 'Fine', headers: { 'CONTENT-length': 1 }, body: 'a' })).toBe(
      'HTTP/1.1 200 Fine\r\nCONTENT-length: 1\r\n\r\na',
    )
    // As in a response to HEAD.
    expect(text({ status: 200, headers: { 'content-length': 5 } })).toBe('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
  })
  it.each<[string, Parameters<typeof formatResponse>[0]]>([
    ['a length that differs from the body’s', { status: 200, headers: { 'content-length': 5 }, body: 'hello!!' }],
    ['two lengths', { status: 200, headers: { 'content-length': ['1', '2'] }, body: 'a' }],
    ['a transfer coding', { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: 'a' }],
    ['a length in a 101', { status: 101, headers: { 'content-length': 0 } }],
    ['a transfer coding in a 204', { status: 204, headers: { 'transfer-encoding': 'chunked' } }],
  ])('rejects %s, which would hide the end of the response', (_, response) => {
    expect(() => formatResponse(response)).toThrow(TypeError)
  })
  it('writes an empty phrase for an unregistered status', () => {
    expect(text({ status: 599 })).toBe('HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n')
  })
  it.each([100, 101, 103, 199, 204, 304])('writes a %i with neither a body nor Content-Length', (status) => {
    expect(text({ status, reason: 'x' })).toBe(`HTTP/1.1 ${status} x\r\n\r\n`)
    expect(() => text({ status, body: 'a' })).toThrow(TypeError)
  })
  it('writes a 205 without a body', () => {
    expect(() => text({ status: 205, body: 'a' })).toThrow(TypeError)
  })
  it.each([0, 99, 1000, 200.5, -200, Number.NaN, Infinity, '200\r\n' as unknown as number])(
    'rejects the status %j',
    (status) => {
      expect(() => text({ status })).toThrow(TypeError)
      expect(() => formatResponseHead({ status })).toThrow(TypeError)
    },
  )
  it.each(hostile)('rejects %j in every part', (bad) => {
    for (const format of [formatResponse, formatResponseHead]) {
      expect(() => format({ status: 200, reason: bad })).toThrow(TypeError)
      expect(() => format({ status: 200, headers: [[`a${bad}`, 'b']] })).toThrow(TypeError)
      expect(() => format({ status: 200, headers: [['a', `b${bad}`]] })).toThrow(TypeError)
      expect(() => format({ status: 200, headers: { a: ['b', bad] } })).toThrow(TypeError)
    }
  })
})

describe('a 100 before the response', () => {
  const switched = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n'
  it('is written by both formatters, without fields, if the head asks for it (RFC 9110 §7.8)', () => {
    const head = { status: 101, headers: { Upgrade: 'foo' }, continueFirst: true }
    for (const format of [formatResponse, formatResponseHead]) {
      expect(toText(format(head))).toBe(`HTTP/1.1 100 Continue\r\n\r\n${switched}`)
      expect(toText(format({ ...head, continueFirst: false }))).toBe(switched)
      expect(toText(format({ ...head, continueFirst: undefined }))).toBe(switched)
    }
  })
  it('is skipped by the parser', () => {
    const bytes = formatResponse({ status: 101, headers: { Upgrade: 'foo' }, continueFirst: true })
    expect(new ResponseHeadParser().push(bytes)).toEqual({
      ok: true,
      head: { status: 101, reason: 'Switching Protocols', httpVersion: '1.1', headers: [['Upgrade', 'foo']] },
      size: switched.length,
      rest: new Uint8Array(0),
    })
  })
})

it('formatResponseHead adds only the phrase', () => {
  expect(toText(formatResponseHead({ status: 200, headers: { 'content-length': 5 } }))).toBe(
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n',
  )
  expect(toText(formatResponseHead({ status: 404 }))).toBe('HTTP/1.1 404 Not Found\r\n\r\n')
})

const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const token = fc.string({ unit: fc.constantFrom(...tchars), minLength: 1, maxLength: 20 })
const visible = fc.integer({ min: 0x21, max: 0x7e }).map((unit) => String.fromCharCode(unit))
const textUnit = fc.oneof(
  visible,
  fc.constantFrom(' ', '\t'),
  fc.integer({ min: 0x80, max: 0xff }).map((unit) => String.fromCharCode(unit)),
)
const value = fc.string({ unit: textUnit, maxLength: 60 }).map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''))
const headers = fc.array(fc.tuple(token, value), { maxLength: 12 })
const rest = fc.uint8Array({ maxLength: 20 })

describe('parsing reverses formatting', () => {
  it('of requests', () => {
    const target = fc.string({ unit: visible, minLength: 1, maxLength: 40 }).map((text) => text.replaceAll('#', '!'))
    const version = fc.constantFrom('1.0' as const, '1.1' as const)
    fc.assert(
      fc.property(token, target, version, headers, rest, (method, target, httpVersion, headers, rest) => {
        const { path = '', query = '' } = splitTarget(target) ?? {}
        const pseudo = { protocol: undefined, authority: undefined, scheme: undefined }
        const head = { method, target, path, query, httpVersion, headers, ...pseudo }
        const bytes = formatRequestHead(head)
        const parsed = new RequestHeadParser().push(Uint8Array.of(...bytes, ...rest))
        expect(parsed).toEqual({ ok: true, head, size: bytes.length, rest })
      }),
    )
  })
  it('of responses', () => {
    const reason = fc.string({ unit: textUnit, maxLength: 30 })
    const status = fc.oneof(fc.constant(101), fc.integer({ min: 200, max: 999 }))
    fc.assert(
      fc.property(status, reason, headers, rest, (status, reason, headers, rest) => {
        const bytes = formatResponseHead({ status, reason, headers })
        const parsed = new ResponseHeadParser().push(Uint8Array.of(...bytes, ...rest))
        expect(parsed).toEqual({
          ok: true,
          head: { status, reason, httpVersion: '1.1', headers },
          size: bytes.length,
          rest,
        })
      }),
    )
  })
})
