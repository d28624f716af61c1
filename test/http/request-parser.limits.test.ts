/** Tests that the limits of a request head are exact, and the same in any chunking. */

import { describe, expect, it } from 'vitest'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { type Limits, publicServerLimits } from '../../src/limits.ts'
import { latin1, read, readInEverySplit } from './head.ts'

const parser = (limits?: Limits) => () => new RequestHeadParser(limits)
const LINE = 'GET / HTTP/1.1\r\n'
const fields = 'Host: a\r\nB: c\r\n\r\n'
const head = `${LINE}${fields}`

describe('the size of a request head', () => {
  it('may be exactly maxHeadSize; one byte more is a 431', () => {
    expect(readInEverySplit(parser({ maxHeadSize: head.length }), `${head}rest`)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadSize: head.length - 1 }), `${head}rest`)).toMatchObject({
      ok: false,
      errors: [{ code: 'head-too-large', status: 431, offset: head.length - 1, reference: 'RFC 6585 §5' }],
      response: { status: 431, reason: 'Request Header Fields Too Large' },
    })
  })
  it('is a 414 if it is exceeded in the request line', () => {
    for (let maxHeadSize = 0; maxHeadSize < head.length; maxHeadSize++)
      expect(read(parser({ maxHeadSize })(), [latin1(head)])).toMatchObject({
        errors: [{ code: 'head-too-large', status: maxHeadSize > 0 && maxHeadSize < 15 ? 414 : 431 }],
      })
  })
  it('counts empty lines before the request line', () => {
    expect(readInEverySplit(parser({ maxHeadSize: 40 }), '\r\n'.repeat(30))).toMatchObject({
      errors: [{ code: 'head-too-large', offset: 40 }],
    })
  })
  it('may be 64 KiB by default', () => {
    const line = (size: number) => `A: ${'b'.repeat(size - 5)}\r\n`
    const ofSize = (size: number) => `${LINE}${line(16_386).repeat(3)}${line(size - LINE.length - 3 * 16_386 - 2)}\r\n`
    expect(ofSize(65_536)).toHaveLength(65_536)
    expect(readInEverySplit(parser(), ofSize(65_536))).toMatchObject({ ok: true, size: 65_536 })
    expect(readInEverySplit(parser(), ofSize(65_537))).toMatchObject({
      errors: [{ code: 'head-too-large', status: 431, offset: 65_536 }],
    })
  })
})

describe('a line of a request head', () => {
  it('may be as long as the head: a Cookie of 8718 bytes for public servers, of 20 000 by default', () => {
    const cookie = (size: number) => `${LINE}Host: a\r\nCookie: ${'c'.repeat(size - 8)}\r\n\r\n`
    expect(read(parser(publicServerLimits)(), [latin1(cookie(8718))])).toMatchObject({ ok: true })
    expect(read(parser()(), [latin1(cookie(20_000))])).toMatchObject({ ok: true })
    expect(read(parser()(), [latin1(cookie(65_536 - LINE.length - 'Host: a\r\n\r\n\r\n'.length))])).toMatchObject({
      ok: true,
      size: 65_536,
    })
    const target = `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`
    expect(read(parser()(), [latin1(target)])).toMatchObject({ ok: true, size: target.length })
  })
  it('longer than maxHeadSize is a 414 in the request line, and a 431 in a field', () => {
    expect(readInEverySplit(parser(), `GET /${'a'.repeat(70_000)}`)).toMatchObject({
      errors: [{ code: 'head-too-large', status: 414, offset: 65_536, reference: 'RFC 9112 §3' }],
    })
    for (const line of [`A: ${'b'.repeat(70_000)}`, 'A'.repeat(70_000), `A:${' '.repeat(70_000)}`])
      expect(readInEverySplit(parser(), LINE + line)).toMatchObject({
        errors: [{ code: 'head-too-large', status: 431, offset: 65_536, reference: 'RFC 6585 §5' }],
      })
  })
  it('has no limit if maxHeadSize is Infinity', () => {
    const wire = `${LINE}A: ${'b'.repeat(60_000)}\r\n\r\n`
    expect(read(parser({ maxHeadSize: Infinity })(), [latin1(wire.repeat(2))])).toMatchObject({ ok: true, rest: wire })
  })
})

describe('the fields of a request head', () => {
  it('may be exactly maxHeadFields lines; one more is a 431 at the start of that line', () => {
    expect(readInEverySplit(parser({ maxHeadFields: 2 }), head)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadFields: 1 }), head)).toMatchObject({
      ok: false,
      errors: [{ code: 'too-many', status: 431, offset: LINE.length + 9, reference: 'RFC 6585 §5' }],
    })
    expect(readInEverySplit(parser({ maxHeadFields: 0 }), `${LINE}\r\n`)).toMatchObject({ ok: true })
  })
  it('may be 100 lines by default', () => {
    const withFields = (count: number) => `${LINE}${'a: b\r\n'.repeat(count)}\r\n`
    expect(readInEverySplit(parser(), withFields(100))).toMatchObject({ ok: true })
    expect(readInEverySplit(parser(), withFields(101))).toMatchObject({ errors: [{ code: 'too-many' }] })
  })
})

it('throws for an invalid limit', () => {
  for (const name of ['maxHeadSize', 'maxHeadFields'])
    for (const value of [-1, 0.5, Number.NaN])
      expect(() => new RequestHeadParser({ [name]: value })).toThrow(RangeError)
})

it('throws for maxHeadLine, a former limit', () => {
  expect(() => new RequestHeadParser({ maxHeadLine: 8192 } as Limits)).toThrow(
    '`limits`: unknown option "maxHeadLine"; did you mean `maxHeadSize`?',
  )
})
