/** Tests response heads in every split, interim responses, and that a client's errors have no status. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { relayRefusal } from '../../src/http/relay.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { type ParsedResponse, parseResponseHead, ResponseHeadParser } from '../../src/http/response-parser.ts'
import { verifyTunnel } from '../../src/http/tunnel.ts'
import { verifyUpgrade } from '../../src/http/upgrade-client.ts'
import type { Limits } from '../../src/limits.ts'
import { latin1, readInEverySplit } from './head.ts'

const parser = (limits?: Limits) => () => new ResponseHeadParser(limits)
const LINE = 'HTTP/1.1 101 Switching Protocols\r\n'

describe('a complete response head', () => {
  const vectors: [title: string, wire: string, status: number, reason: string, headers: [string, string][]][] = [
    ['without fields', 'HTTP/1.1 200 OK\r\n\r\n', 200, 'OK', []],
    [
      'of RFC 6455 §1.2',
      `${LINE}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n`,
      101,
      'Switching Protocols',
      [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
      ],
    ],
    ['with an empty phrase', 'HTTP/1.1 404 \r\n\r\n', 404, '', []],
    ['without a phrase and its space', 'HTTP/1.1 404\r\n\r\n', 404, '', []],
    ['with spaces and latin-1 in the phrase', 'HTTP/1.1 404  Über\tall \r\n\r\n', 404, ' Über\tall ', []],
    ['of HTTP/1.0', 'HTTP/1.0 503 No\r\n\r\n', 503, 'No', []],
    ['of a higher minor version, which counts as 1.1', 'HTTP/1.9 503 No\r\n\r\n', 503, 'No', []],
    ['with the highest status', 'HTTP/1.1 999 x\r\n\r\n', 999, 'x', []],
    ['with the lowest final status', 'HTTP/1.1 200 x\r\n\r\n', 200, 'x', []],
    [
      'with folded lines, which a space joins (RFC 9112 §5.2)',
      'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\t \td \r\nE: f\r\nG:\r\n h\r\nI: j\r\n  \r\n k\r\n\r\n',
      200,
      'OK',
      [
        ['A', 'b c d'],
        ['E', 'f'],
        ['G', 'h'],
        ['I', 'j k'],
      ],
    ],
  ]
  it.each(vectors)('%s', (_, wire, status, reason, headers) => {
    const head = { status, reason, httpVersion: wire.startsWith('HTTP/1.0') ? '1.0' : '1.1', headers }
    expect(readInEverySplit(parser(), wire)).toEqual({ ok: true, head, size: wire.length, rest: '' })
    for (const rest of ['\x81\x05Hello', wire, '\r\n'])
      expect(readInEverySplit(parser(), wire + rest)).toEqual({ ok: true, head, size: wire.length, rest })
  })
  it('gives undefined until the last byte', () => {
    const wire = latin1(`HTTP/1.1 100 Continue\r\n\r\n${LINE}A: b\r\n\r\n`)
    for (let size = 0; size < wire.length; size++)
      expect(new ResponseHeadParser().push(wire.subarray(0, size))).toBeUndefined()
  })
})

describe('interim responses', () => {
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'

  it('are skipped; the size is that of the final head', () => {
    const final = 'HTTP/1.1 404 Not Found\r\n\r\n'
    expect(readInEverySplit(parser(), `${interim}${final}body`)).toEqual({
      ok: true,
      head: { status: 404, reason: 'Not Found', httpVersion: '1.1', headers: [] },
      size: final.length,
      rest: 'body',
    })
  })
  it('do not include 101, which switches protocols (RFC 9110 §15.2.2)', () => {
    expect(readInEverySplit(parser(), `${interim}${LINE}\r\nHTTP/1.1 200 OK\r\n\r\n`)).toMatchObject({
      head: { status: 101 },
      rest: 'HTTP/1.1 200 OK\r\n\r\n',
    })
  })
  it('may be eight, but not nine', () => {
    const many = (count: number) => `${'HTTP/1.1 103 x\r\n\r\n'.repeat(count)}HTTP/1.1 200 OK\r\n\r\n`
    expect(readInEverySplit(parser(), many(8))).toMatchObject({ ok: true, head: { status: 200 } })
    expect(readInEverySplit(parser(), many(9))).toMatchObject({
      ok: false,
      kind: 'invalid',
      status: undefined,
      errors: [{ code: 'too-many', reference: 'RFC 9110 §15.2' }],
      rest: 'HTTP/1.1 200 OK\r\n\r\n',
    })
  })
  it('are counted per final head', () => {
    const heads = new ResponseHeadParser()
    const wire = latin1(`${'HTTP/1.1 103 x\r\n\r\n'.repeat(8)}HTTP/1.1 200 OK\r\n\r\n`)
    for (let i = 0; i < 3; i++) expect(heads.push(wire)).toMatchObject({ ok: true, head: { status: 200 } })
  })
})

describe('an unreadable response head', () => {
  const line = 'RFC 9112 §4'
  const version = 'RFC 9112 §2.3'
  const vectors: [wire: string, code: string, offset: number, reference: string][] = [
    ['\r\nHTTP/1.1 200 OK\r\n', 'http-version', 0, line],
    [' HTTP/1.1 200 OK\r\n', 'http-version', 0, line],
    ['HTTP/1.1\r\n', 'http-version', 8, line],
    ['HTTP/1.1\t200 OK\r\n', 'http-version', 8, line],
    ['http/1.1 200 OK\r\n', 'http-version', 0, version],
    ['220 mail.example ESMTP\r\n', 'http-version', 0, version],
    ['HTTP/2.0 200 OK\r\n', 'http-version', 0, 'RFC 9110 §15.6.6'],
    ['HTTP/1.1  200 OK\r\n', 'status', 9, line],
    ['HTTP/1.1 +101 x\r\n', 'status', 9, line],
    ['HTTP/1.1 -101 x\r\n', 'status', 9, line],
    ['HTTP/1.1 0101 x\r\n', 'status', 9, line],
    ['HTTP/1.1 099 x\r\n', 'status', 9, line],
    ['HTTP/1.1 10 x\r\n', 'status', 9, line],
    ['HTTP/1.1 1010 x\r\n', 'status', 9, line],
    ['HTTP/1.1 101.0 x\r\n', 'status', 12, line],
    ['HTTP/1.1 0x65 x\r\n', 'status', 10, line],
    ['HTTP/1.1 1e2 x\r\n', 'status', 10, line],
    ['HTTP/1.1 \u00b9\u2070 x\r\n'.replace('\u2070', '\xb2'), 'status', 9, line],
    ['HTTP/1.1 101\tx\r\n', 'status', 12, line],
    ['HTTP/1.1 101\n', 'status', 12, line],
    ['HTTP/1.1 \r\n', 'status', 9, line],
    ['HTTP/1.1 200 O\0K\r\n', 'head-syntax', 14, line],
    ['HTTP/1.1 200 OK\n', 'head-syntax', 15, line],
    ['HTTP/1.1 200 OK\rX', 'head-syntax', 16, 'RFC 9112 §2.2'],
    ['HTTP/1.1 200 OK\r\n A: b\r\n', 'head-syntax', 17, 'RFC 9112 §2.2'],
    ['HTTP/1.1 200 OK\r\nA : b\r\n', 'head-syntax', 18, 'RFC 9112 §5.1'],
    ['HTTP/1.1 200 OK\r\nA: b\nC: d\r\n', 'head-syntax', 21, 'RFC 9110 §5.5'],
    ['HTTP/1.1 200 OK\r\nA: b\r\n c\0\r\n', 'head-syntax', 25, 'RFC 9110 §5.5'],
  ]
  it.each(vectors)('%j: %s at byte %i (%s)', (wire, code, offset, reference) => {
    const found = readInEverySplit(parser(), `${wire}\r\njunk`)
    // A status here would look like the server's.
    expect(found).toEqual({
      ok: false,
      kind: 'invalid',
      status: undefined,
      errors: [{ code, offset, reference, message: expect.stringMatching(/^[ -~]+$/) }],
      rest: expect.stringMatching(/junk$/),
    })
  })
  it('names the field whose folded line is invalid', () => {
    const found = readInEverySplit(parser(), 'HTTP/1.1 200 OK\r\nA: b\r\nCD: e\r\n f\r\n\tg\0\r\n')
    expect(found).toMatchObject({ errors: [{ message: expect.stringContaining('in the value of "CD"') }] })
  })
  it('stops the parser: later chunks give the same result and stay unread', () => {
    const heads = new ResponseHeadParser()
    const first = heads.push(latin1('SSH-2.0-OpenSSH_9.6\r\n'))
    const next = latin1('HTTP/1.1 200 OK\r\n\r\n')
    expect(heads.push(next)).toEqual({ ...first, rest: next })
  })
})

describe('limits of a response head', () => {
  const head = 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\nD: e\r\n\r\n'

  it('allow a head of exactly maxHeadSize bytes', () => {
    expect(readInEverySplit(parser({ maxHeadSize: head.length }), `${head}rest`)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadSize: head.length - 1 }), `${head}rest`)).toMatchObject({
      ok: false,
      errors: [{ code: 'head-too-large', offset: head.length - 1 }],
    })
    expect(readInEverySplit(parser({ maxHeadSize: 10 }), head)).toMatchObject({
      errors: [{ code: 'head-too-large', offset: 10, reference: 'RFC 9112 §4' }],
    })
  })
  it('allow a line as long as the head, also in an interim response; the error has no status', () => {
    const long = `HTTP/1.1 103 ${'x'.repeat(20_000)}\r\n\r\nHTTP/1.1 200 OK\r\nA: ${'b'.repeat(20_000)}\r\n ${'c'.repeat(20_000)}\r\n\r\n`
    expect(readInEverySplit(parser(), `${long}rest`)).toMatchObject({ ok: true, rest: 'rest' })
    for (const [wire, reference] of [
      [`HTTP/1.1 200 ${'x'.repeat(70_000)}`, 'RFC 9112 §4'],
      [`HTTP/1.1 200 OK\r\nA: ${'b'.repeat(70_000)}`, 'RFC 6585 §5'],
    ] as const) {
      const found = readInEverySplit(parser(), wire)
      expect(found).toMatchObject({
        ok: false,
        status: undefined,
        errors: [{ code: 'head-too-large', offset: 65_536, reference }],
      })
      expect(found?.errors?.[0]).not.toHaveProperty('status')
    }
  })
  it('apply to each head, including interim ones', () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n'
    const size = Math.max(interim.length, head.length)
    expect(readInEverySplit(parser({ maxHeadSize: size }), interim + interim + head)).toMatchObject({ ok: true })
  })
  it('do not count a folded line as a field', () => {
    expect(readInEverySplit(parser({ maxHeadFields: 2 }), head)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadFields: 1 }), head)).toMatchObject({
      errors: [{ code: 'too-many', offset: 27, reference: 'RFC 6585 §5' }],
    })
  })
  it('throw if they are invalid', () => {
    expect(() => new ResponseHeadParser({ maxHeadFields: -1 })).toThrow(RangeError)
  })
  it('apply to a value of thousands of folded lines', () => {
    const value = '\r\n a'.repeat(10_000)
    expect(readInEverySplit(parser(), `HTTP/1.1 200 OK\r\nA:${value}\r\n\r\n`)).toMatchObject({
      head: { headers: [['A', 'a '.repeat(10_000).trim()]] },
    })
  })
})

describe('parseResponseHead', () => {
  const final = `${LINE}Upgrade: foo\r\nUpgrade: bar\r\n\r\n`

  it('returns the final head or a 101, its size and the rest', () => {
    const bytes = latin1(`HTTP/1.1 100 Continue\r\n\r\n${final}\x81\x00`)
    const parsed = parseResponseHead(bytes)
    expect(parsed).toEqual({
      head: {
        status: 101,
        reason: 'Switching Protocols',
        httpVersion: '1.1',
        headers: [
          ['Upgrade', 'foo'],
          ['Upgrade', 'bar'],
        ],
      },
      size: final.length,
      rest: Uint8Array.of(0x81, 0),
    })
    expect(parsed?.rest.buffer).toBe(bytes.buffer)
  })
  it('returns undefined until it is complete', () => {
    const bytes = latin1(`HTTP/1.1 103 x\r\n\r\n${final}`)
    for (let size = 0; size < bytes.length; size++) expect(parseResponseHead(bytes.subarray(0, size))).toBeUndefined()
    expect(parseResponseHead(bytes)?.head.status).toBe(101)
  })
  it.each([
    ['SSH-2.0', undefined],
    ['HTTP/1.1 +101 x', 'status'],
    ['HTTP/1.1 103 x\r\n\r\n'.repeat(9), 'too-many'],
    [`${LINE}A: ${'b'.repeat(65_600)}`, 'head-too-large'],
  ])('for %j throws %s or returns undefined', (text, code) => {
    if (code === undefined) expect(parseResponseHead(latin1(text))).toBeUndefined()
    else expect(() => parseResponseHead(latin1(text))).toThrow(expect.objectContaining({ code, status: undefined }))
  })
  it('accepts limits, and throws for an invalid one', () => {
    expect(() => parseResponseHead(latin1(final), { maxHeadFields: 1 })).toThrow(ProtocolError)
    expect(() => parseResponseHead(latin1(final), { maxHeadFields: -1 })).toThrow(RangeError)
  })
})

it('rejects a 101 in HTTP/1.0', () => {
  const head = Buffer.from('HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  expect(new ResponseHeadParser().push(head)).toMatchObject({
    ok: false,
    kind: 'invalid',
    errors: [{ code: 'http-version', reference: 'RFC 9110 §15.2' }],
  })
})

it('returns a new failure each time', () => {
  const heads = new ResponseHeadParser()
  const first = heads.push(latin1('HTTP/1.1 x'))
  if (first?.ok !== false) throw new Error('accepted')
  ;(first.errors as unknown as unknown[]).length = 0
  expect(heads.push(latin1('x'))).toMatchObject({ ok: false, errors: [{ code: 'status' }], rest: latin1('x') })
})
it('does not mistake a request parser’s result for a response', () => {
  for (const wire of ['GET / HTTP/1.1\r\n\r\n', '\0']) {
    const request = new RequestHeadParser().push(latin1(wire)) as unknown as ParsedResponse
    expect(() => verifyTunnel(request)).toThrow(/a response must have/)
    expect(() => verifyUpgrade(request, [])).toThrow(/a response must have/)
    expect(() => relayRefusal(request)).toThrow(/a response must have/)
    expect(() => verifyHandshake(request, offerHandshake('ws://a/'))).toThrow(/a response must have/)
  }
})
