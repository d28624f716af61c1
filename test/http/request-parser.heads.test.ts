/** Tests several request heads on one connection, and that parseRequestHead agrees with the parser. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { parseRequestHead, RequestHeadParser } from '../../src/http/request-parser.ts'
import { latin1, toText } from './head.ts'

const LINE = 'GET / HTTP/1.1\r\n'

describe('several heads on one connection', () => {
  it('are read one by one by pushing the rest', () => {
    const heads = new RequestHeadParser()
    let rest = latin1('GET /1 HTTP/1.1\r\nA: 1\r\n\r\nGET /2 HTTP/1.0\r\n\r\n\r\nGET /3 HTTP/1.1\r\nB: 3\r\n\r\nGET')
    const found: unknown[] = []
    for (let parsed = heads.push(rest); parsed?.ok; parsed = heads.push(rest)) {
      const { target, httpVersion, headers } = parsed.head
      found.push([target, httpVersion, headers, parsed.size])
      rest = parsed.rest as typeof rest
    }
    expect(found).toEqual([
      ['/1', '1.1', [['A', '1']], 25],
      ['/2', '1.0', [], 19],
      ['/3', '1.1', [['B', '3']], 27],
    ])
    expect(heads.push(latin1(' /4 HTTP/1.1\r\n\r\n'))).toMatchObject({ ok: true, head: { target: '/4' }, size: 19 })
  })
  it('rest is a view of the chunk, not a copy', () => {
    const chunk = latin1(`${LINE}\r\nabc`)
    const parsed = new RequestHeadParser().push(chunk)
    expect(parsed?.rest.buffer).toBe(chunk.buffer)
    expect(toText(parsed?.rest as Uint8Array)).toBe('abc')
  })
})

describe('parseRequestHead', () => {
  const wire = `\r\n${LINE}Host: a\r\nhost: b\r\n\r\n`

  it('returns the head, its size and the rest', () => {
    const bytes = latin1(`${wire}\x81\x00`)
    const parsed = parseRequestHead(bytes)
    expect(parsed).toEqual({
      head: {
        method: 'GET',
        target: '/',
        path: '/',
        query: '',
        httpVersion: '1.1',
        headers: [
          ['Host', 'a'],
          ['host', 'b'],
        ],
        protocol: undefined,
        authority: undefined,
        scheme: undefined,
      },
      size: wire.length,
      rest: Uint8Array.of(0x81, 0),
    })
    expect(parsed?.rest.buffer).toBe(bytes.buffer)
    expect(parseRequestHead(latin1(wire))?.rest).toEqual(new Uint8Array(0))
  })
  it('returns undefined until the head is complete', () => {
    const bytes = latin1(wire)
    for (let size = 0; size < bytes.length; size++) expect(parseRequestHead(bytes.subarray(0, size))).toBeUndefined()
    expect(parseRequestHead(bytes)?.size).toBe(bytes.length)
    expect(toText(bytes)).toBe(wire)
  })
  it('continues with the next head in rest', () => {
    const first = parseRequestHead(latin1(`${wire}${wire}x`))
    const second = parseRequestHead(first?.rest as Uint8Array)
    expect(second?.head).toEqual(first?.head)
    expect(toText(second?.rest as Uint8Array)).toBe('x')
  })
  it.each([
    ['GET\t', 'method', 400, 3],
    ['GET / HTTP/2.0\r\n', 'http-version', 505, 6],
    [`${LINE}A : b`, 'head-syntax', 400, 17],
    [`GET /${'a'.repeat(65_600)}`, 'head-too-large', 414, 65_536],
    [`${LINE}${'a: b\r\n'.repeat(101)}`, 'too-many', 431, 616],
  ])('throws the parser’s error for %j: %s, %i', (text, code, status, offset) => {
    const expected: Partial<ProtocolError> = { code: code as 'method', status, offset }
    expect(() => parseRequestHead(latin1(text))).toThrow(expect.objectContaining(expected))
    expect(() => parseRequestHead(latin1(text))).toThrow(ProtocolError)
  })
  it('accepts limits, and throws for an invalid one', () => {
    expect(parseRequestHead(latin1(wire), { maxHeadSize: wire.length })?.size).toBe(wire.length)
    expect(() => parseRequestHead(latin1(wire), { maxHeadSize: 13 })).toThrow(ProtocolError)
    expect(() => parseRequestHead(latin1(wire), { maxHeadSize: -1 })).toThrow(RangeError)
  })
})
