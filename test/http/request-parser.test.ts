/** Tests request heads: valid ones in every split, invalid ones with code, status, offset and section. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { type ParsedRequest, RequestHeadParser } from '../../src/http/request-parser.ts'
import type { Refused } from '../../src/http/response.ts'
import { splitTarget } from '../../src/http/target.ts'
import { latin1, readInEverySplit } from './head.ts'

const parser = () => new RequestHeadParser()
const LINE = 'GET / HTTP/1.1\r\n'

describe('a complete request head', () => {
  const vectors: [title: string, wire: string, method: string, target: string, headers: [string, string][]][] = [
    ['without fields', 'GET / HTTP/1.1\r\n\r\n', 'GET', '/', []],
    [
      'of RFC 6455 §1.2',
      'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n' +
        'Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n',
      'GET',
      '/chat',
      [
        ['Host', 'server.example.com'],
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ['Origin', 'http://example.com'],
        ['Sec-WebSocket-Protocol', 'chat, superchat'],
        ['Sec-WebSocket-Version', '13'],
      ],
    ],
    [
      'with an absolute target',
      'GET http://a.example/b?c HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET',
      'http://a.example/b?c',
      [['Host', 'x']],
    ],
    ['with an authority', 'CONNECT a.example:443 HTTP/1.1\r\n\r\n', 'CONNECT', 'a.example:443', []],
    ['with an asterisk', 'OPTIONS * HTTP/1.1\r\n\r\n', 'OPTIONS', '*', []],
    ['with a method of any token', "!#$%&'*+-.^_`|~09Az / HTTP/1.1\r\n\r\n", "!#$%&'*+-.^_`|~09Az", '/', []],
    [
      'with values that are empty or contain only white space',
      `${LINE}A:\r\nB: \r\nC: \t \r\n\r\n`,
      'GET',
      '/',
      [
        ['A', ''],
        ['B', ''],
        ['C', ''],
      ],
    ],
    [
      'with white space around values and inside',
      `${LINE}A:b\r\nC: \t d \t e \t \r\n\r\n`,
      'GET',
      '/',
      [
        ['A', 'b'],
        ['C', 'd \t e'],
      ],
    ],
    ['with latin-1 in a value', `${LINE}A: \x80\x85\xa0é\xff\r\n\r\n`, 'GET', '/', [['A', '\x80\x85\xa0é\xff']]],
    ['with colons in a value', `${LINE}A: b: c:\r\n\r\n`, 'GET', '/', [['A', 'b: c:']]],
    [
      'with repeated fields, in order and spelling',
      `${LINE}a: 1\r\nA: 2\r\nb: 3\r\na: 1\r\n\r\n`,
      'GET',
      '/',
      [
        ['a', '1'],
        ['A', '2'],
        ['b', '3'],
        ['a', '1'],
      ],
    ],
    [
      'with names that objects inherit',
      `${LINE}__proto__: 1\r\nconstructor: 2\r\n\r\n`,
      'GET',
      '/',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ]
  it.each(vectors)('%s', (_, wire, method, target, headers) => {
    const { path = '', query = '' } = splitTarget(target) ?? {}
    const head = {
      method,
      target,
      path,
      query,
      httpVersion: '1.1',
      headers,
      protocol: undefined,
      authority: undefined,
      scheme: undefined,
    }
    expect(readInEverySplit(parser, wire)).toEqual({ ok: true, head, size: wire.length, rest: '' })
    for (const rest of ['\x81\x85', wire, 'GET', '\r\n', '\0'])
      expect(readInEverySplit(parser, wire + rest)).toEqual({ ok: true, head, size: wire.length, rest })
  })

  it('may follow empty lines, which count towards its size (RFC 9112 §2.2)', () => {
    const wire = `\r\n\r\n\r\n${LINE}\r\n`
    expect(readInEverySplit(parser, `${wire}x`)).toMatchObject({ ok: true, size: wire.length, rest: 'x' })
  })
  it.each([
    ['HTTP/1.0', '1.0'],
    ['HTTP/1.1', '1.1'],
    ['HTTP/1.2', '1.1'],
    ['HTTP/1.9', '1.1'],
  ])('of %s counts as %s (RFC 9110 §2.5)', (text, httpVersion) => {
    expect(readInEverySplit(parser, `GET / ${text}\r\n\r\n`)).toMatchObject({ ok: true, head: { httpVersion } })
  })
})

describe('an incomplete request head', () => {
  it('gives undefined after each byte', () => {
    const wire = latin1(`\r\n${LINE}Host: a\r\nB: c\r\n\r\n`)
    for (let size = 0; size < wire.length; size++)
      expect(new RequestHeadParser().push(wire.subarray(0, size))).toBeUndefined()
  })
  it('gives undefined for empty chunks', () => {
    const heads = new RequestHeadParser()
    expect(heads.push(new Uint8Array(0))).toBeUndefined()
    expect(heads.push(latin1('GET / HTTP/1.1\r'))).toBeUndefined()
    expect(heads.push(new Uint8Array(0))).toBeUndefined()
    expect(heads.push(latin1('\n\r\n'))).toMatchObject({ ok: true, size: 18 })
  })
})

type FoundError = [wire: string, code: string, status: number, offset: number, reference: string]

describe('an unreadable request head', () => {
  const start = 'RFC 9112 §3'
  const version = 'RFC 9112 §2.3'
  const lines: FoundError[] = [
    [' GET / HTTP/1.1\r\n', 'method', 400, 0, start],
    ['\r\n GET / HTTP/1.1\r\n', 'method', 400, 2, start],
    ['G\0T / HTTP/1.1\r\n', 'method', 400, 1, start],
    ['G\xc9T / HTTP/1.1\r\n', 'method', 400, 1, start],
    ['GET\t/ HTTP/1.1\r\n', 'method', 400, 3, start],
    ['GET\r\n', 'method', 400, 3, start],
    ['(GET) / HTTP/1.1\r\n', 'method', 400, 0, start],
    ['\nGET / HTTP/1.1\r\n', 'method', 400, 0, start],
    ['\x16\x03\x01\x02\0', 'method', 400, 0, start],
    ['GET  / HTTP/1.1\r\n', 'target', 400, 4, start],
    ['GET \r\n', 'target', 400, 4, start],
    ['GET /\r\n', 'target', 400, 5, start],
    ['GET /\n', 'target', 400, 5, start],
    ['GET /\0 HTTP/1.1\r\n', 'target', 400, 5, start],
    ['GET /\x7f HTTP/1.1\r\n', 'target', 400, 5, start],
    ['GET /\xc3\xa9 HTTP/1.1\r\n', 'target', 400, 5, start],
    ['GET /\t HTTP/1.1\r\n', 'target', 400, 5, start],
    ['GET / a HTTP/1.1\r\n', 'http-version', 400, 7, start],
    ['GET / HTTP/1.1 \r\n', 'http-version', 400, 14, start],
    ['GET /  HTTP/1.1\r\n', 'http-version', 400, 6, start],
    ['GET / HTTP/1.1\n', 'http-version', 400, 14, start],
    ['GET / HTTP/1.1\t\r\n', 'http-version', 400, 14, start],
    ['GET / \r\n', 'http-version', 400, 6, version],
    ['GET / http/1.1\r\n', 'http-version', 400, 6, version],
    ['GET / HTTP/1.10\r\n', 'http-version', 400, 6, version],
    ['GET / HTTP/01.1\r\n', 'http-version', 400, 6, version],
    ['GET / HTTP/11\r\n', 'http-version', 400, 6, version],
    ['GET / HTTP/1,1\r\n', 'http-version', 400, 6, version],
    ['GET / HTTP/1.x\r\n', 'http-version', 400, 6, version],
    ['GET / HTTP/1\r\n', 'http-version', 400, 6, version],
    ['GET / HTTPS/1.1\r\n', 'http-version', 400, 6, version],
    ['\r\nGET / ICE/1.1\r\n', 'http-version', 400, 8, version],
    ['GET / HTTP/2.0\r\n', 'http-version', 505, 6, 'RFC 9110 §15.6.6'],
    ['GET / HTTP/0.9\r\n', 'http-version', 505, 6, 'RFC 9110 §15.6.6'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http-version', 505, 6, 'RFC 9110 §15.6.6'],
    ['GET / HTTP/1.1\rX', 'head-syntax', 400, 15, 'RFC 9112 §2.2'],
    ['GET / HTTP/1.1\r\r\n', 'head-syntax', 400, 15, 'RFC 9112 §2.2'],
    ['\rGET / HTTP/1.1\r\n', 'head-syntax', 400, 1, 'RFC 9112 §2.2'],
  ]
  const name = 'RFC 9112 §5.1'
  const value = 'RFC 9110 §5.5'
  const fields: [line: string, offset: number, reference: string][] = [
    ['Host : a\r\n', 4, name],
    ['Host\t: a\r\n', 4, name],
    [': a\r\n', 0, name],
    ['Host\r\n', 4, name],
    ['Ho st: a\r\n', 2, name],
    ['Ho\0st: a\r\n', 2, name],
    ['H\xf6st: a\r\n', 1, name],
    ['H"st: a\r\n', 1, name],
    ['\n', 0, name],
    ['A: b\n', 4, value],
    ['A: b\r\nC: d\ne: f\r\n', 10, value],
    ['A: b\0c\r\n', 4, value],
    ['A: \0\r\n', 3, value],
    ['A:\n', 2, value],
    ['A: b\x01c\r\n', 4, value],
    ['A: b\x0bc\r\n', 4, value],
    ['A: b\x1b[2J\r\n', 4, value],
    ['A: b\x7f\r\n', 4, value],
    ['A: b\rC: d\r\n', 5, 'RFC 9112 §2.2'],
    ['A: b\r\r\n', 5, 'RFC 9112 §2.2'],
    ['\rA: b\r\n', 1, 'RFC 9112 §2.2'],
    [' A: b\r\n', 0, 'RFC 9112 §2.2'],
    ['\tA: b\r\n', 0, 'RFC 9112 §2.2'],
    ['A: b\r\n c\r\n', 6, 'RFC 9112 §5.2'],
    ['A: b\r\n\tc\r\n', 6, 'RFC 9112 §5.2'],
    ['A: b\r\n \r\n', 6, 'RFC 9112 §5.2'],
  ]
  const inFields = fields.map(
    ([line, offset, reference]): FoundError => [LINE + line, 'head-syntax', 400, LINE.length + offset, reference],
  )
  it.each([...lines, ...inFields])('%j: %s, %i at byte %i (%s)', (wire, code, status, offset, reference) => {
    const found = readInEverySplit(parser, `${wire}\r\njunk`)
    expect(found).toMatchObject({ ok: false, isWebSocketRequest: true, errors: [{ code, status, offset, reference }] })
    expect(found?.rest.endsWith('junk')).toBe(true)
    expect(found).toMatchObject({
      response: {
        status,
        headers: [
          ['Connection', 'close'],
          ['Content-Type', 'text/plain; charset=utf-8'],
        ],
      },
    })
    // The message quotes the peer's bytes only as visible ASCII.
    expect((found as unknown as { response: { body: string } }).response.body).toMatch(/^[ -~]+\n$/)
  })

  it('stops the parser: later chunks give the same result and stay unread', () => {
    const heads = new RequestHeadParser()
    const first = heads.push(latin1('GET / HTTP/1.1\n\n'))
    const again = heads.push(latin1(`${LINE}\r\n`))
    expect(again).toEqual({ ...first, rest: latin1(`${LINE}\r\n`) })
  })
})

describe('the response to an unreadable HEAD has no body (RFC 9110 §9.3.2)', () => {
  it.each([
    ['HEAD / HTTP/1.1\r\nA : b', 400],
    ['HEAD / HTTP/2.0\r\n', 505],
    ['HEAD /\xe9', 400],
    [`HEAD /${'a'.repeat(70_000)}`, 414],
    [`HEAD / HTTP/1.1\r\nA: ${'b'.repeat(70_000)}`, 431],
    [`HEAD / HTTP/1.1\r\n${'a: b\r\n'.repeat(101)}`, 431],
  ])('%#', (wire, status) => {
    const found = readInEverySplit(parser, wire)
    expect(found).toMatchObject({ ok: false, response: { status, body: '' } })
    // The fields describe the body of the response to a GET.
    const { headers } = (found as unknown as Refused).response
    expect(headers.map(([name]) => name)).toEqual(['Connection', 'Content-Type', 'Content-Length'])
    expect(acceptHandshake(new RequestHeadParser().push(latin1(wire)) as ParsedRequest)).toMatchObject({
      response: { status, body: '' },
    })
  })
  it('nor does the refusal of a readable HEAD', () => {
    const parsed = new RequestHeadParser().push(latin1('HEAD / HTTP/1.1\r\n\r\n')) as ParsedRequest
    expect(acceptHandshake(parsed)).toMatchObject({ ok: false, response: { status: 400, body: '' } })
  })
  it('but the response to another or an incomplete method has one', () => {
    for (const wire of ['GET /\xe9', 'HEAD\0', 'head /\xe9'])
      expect(readInEverySplit(parser, wire)).toMatchObject({ response: { body: expect.stringMatching(/./) } })
  })
})

it('throws for anything but a chunk, before and after an unreadable head', () => {
  const heads = new RequestHeadParser()
  for (const chunk of ['GET', undefined, null, 5, [71], {}, new ArrayBuffer(1)])
    expect(() => heads.push(chunk as Uint8Array)).toThrow(TypeError)
  heads.push(latin1('\0'))
  for (const chunk of ['GET', undefined]) expect(() => heads.push(chunk as unknown as Uint8Array)).toThrow(TypeError)
})

it('returns a new refusal each time', () => {
  const heads = new RequestHeadParser()
  const first = heads.push(latin1('GET \0'))
  if (first?.ok !== false) throw new Error('accepted')
  const expected = structuredClone(first.response)
  first.response.headers.length = 0
  ;(first.errors as unknown as unknown[]).length = 0
  for (let i = 0; i < 2; i++) {
    const again = heads.push(latin1('x'))
    if (again?.ok !== false) throw new Error('accepted')
    expect(again).toMatchObject({ response: expected, errors: [{ code: 'target' }], rest: latin1('x') })
    again.response.headers.length = 0
  }
})
