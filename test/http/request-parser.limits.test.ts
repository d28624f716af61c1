/** Holds how much of a request's head is taken: the exact borders, and that they are the same however the chunks fall. */

import { describe, expect, it } from 'vitest'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import type { Limits } from '../../src/limits.ts'
import { latin1, read, readInEverySplit } from './head.ts'

const parser = (limits?: Limits) => () => new RequestHeadParser(limits)
const LINE = 'GET / HTTP/1.1\r\n'

describe('limits of a request head', () => {
  const fields = 'Host: a\r\nB: c\r\n\r\n'
  const head = `${LINE}${fields}`

  it('a head of exactly maxHeadSize passes, one byte more is 431', () => {
    expect(readInEverySplit(parser({ maxHeadSize: head.length }), `${head}rest`)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadSize: head.length - 1 }), `${head}rest`)).toMatchObject({
      ok: false,
      faults: [{ code: 'head-too-large', status: 431, offset: head.length - 1, reference: 'RFC 6585 §5' }],
      response: { status: 431, reason: 'Request Header Fields Too Large' },
    })
  })
  it('is 414 as long as the request line has not ended', () => {
    for (let maxHeadSize = 0; maxHeadSize < head.length; maxHeadSize++)
      expect(read(parser({ maxHeadSize })(), [latin1(head)])).toMatchObject({
        faults: [{ code: 'head-too-large', status: maxHeadSize > 0 && maxHeadSize < 15 ? 414 : 431 }],
      })
  })
  it('empty lines before the request line count', () => {
    expect(readInEverySplit(parser({ maxHeadSize: 40 }), '\r\n'.repeat(30))).toMatchObject({
      faults: [{ code: 'head-too-large', offset: 40 }],
    })
  })
  it('exactly maxHeadFields lines pass, one more is 431, found where that line begins', () => {
    expect(readInEverySplit(parser({ maxHeadFields: 2 }), head)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadFields: 1 }), head)).toMatchObject({
      ok: false,
      faults: [{ code: 'too-many', status: 431, offset: LINE.length + 9, reference: 'RFC 6585 §5' }],
    })
    expect(readInEverySplit(parser({ maxHeadFields: 0 }), `${LINE}\r\n`)).toMatchObject({ ok: true })
  })
  it('by default are 64 KiB and 100 fields', () => {
    const withFields = (count: number) => `${LINE}${'a: b\r\n'.repeat(count)}\r\n`
    expect(readInEverySplit(parser(), withFields(100))).toMatchObject({ ok: true })
    expect(readInEverySplit(parser(), withFields(101))).toMatchObject({ faults: [{ code: 'too-many' }] })
    const ofSize = (size: number) => `${LINE}A: ${'b'.repeat(size - LINE.length - 7)}\r\n\r\n`
    expect(ofSize(65_536)).toHaveLength(65_536)
    expect(readInEverySplit(parser(), ofSize(65_536))).toMatchObject({ ok: true, size: 65_536 })
    expect(readInEverySplit(parser(), ofSize(65_537))).toMatchObject({ faults: [{ code: 'head-too-large' }] })
    expect(readInEverySplit(parser(), `GET /${'a'.repeat(70_000)}`)).toMatchObject({ response: { status: 414 } })
  })
  it('that are none are the caller’s mistake', () => {
    for (const maxHeadSize of [-1, 0.5, Number.NaN])
      expect(() => new RequestHeadParser({ maxHeadSize })).toThrow(RangeError)
  })
})
