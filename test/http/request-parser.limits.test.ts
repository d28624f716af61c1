/** Holds how much of a request's head is taken: the exact borders, and that they are the same however the chunks fall. */

import { describe, expect, it } from 'vitest'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import type { Limits } from '../../src/limits.ts'
import { latin1, read, readInEverySplit } from './head.ts'

const parser = (limits?: Limits) => () => new RequestHeadParser(limits)
const LINE = 'GET / HTTP/1.1\r\n'
const fields = 'Host: a\r\nB: c\r\n\r\n'
const head = `${LINE}${fields}`

describe('the size of a request head', () => {
  it('of exactly maxHeadSize passes, one byte more is 431', () => {
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
  it('counts empty lines before the request line', () => {
    expect(readInEverySplit(parser({ maxHeadSize: 40 }), '\r\n'.repeat(30))).toMatchObject({
      faults: [{ code: 'head-too-large', offset: 40 }],
    })
  })
  it('is 64 KiB by default', () => {
    const line = (size: number) => `A: ${'b'.repeat(size - 5)}\r\n`
    const ofSize = (size: number) => `${LINE}${line(16_386).repeat(3)}${line(size - LINE.length - 3 * 16_386 - 2)}\r\n`
    expect(ofSize(65_536)).toHaveLength(65_536)
    expect(readInEverySplit(parser(), ofSize(65_536))).toMatchObject({ ok: true, size: 65_536 })
    expect(readInEverySplit(parser(), ofSize(65_537))).toMatchObject({
      faults: [{ code: 'head-too-large', status: 431, offset: 65_536 }],
    })
  })
})

describe('a line of a request head', () => {
  const tooLarge = (status: number, offset: number) => ({
    ok: false,
    faults: [{ code: 'head-too-large', status, offset, reference: status === 414 ? 'RFC 9112 §3' : 'RFC 6585 §5' }],
    response: { status, headers: [['Connection', 'close'], expect.anything()] },
  })

  it('may have exactly maxHeadLine bytes, its end apart; one more is 414 in the request line', () => {
    expect(readInEverySplit(parser({ maxHeadLine: 14 }), `${head}rest`)).toMatchObject({ ok: true, rest: 'rest' })
    for (let maxHeadLine = 1; maxHeadLine < 14; maxHeadLine++)
      expect(readInEverySplit(parser({ maxHeadLine }), head)).toMatchObject(tooLarge(414, maxHeadLine))
  })
  it('is 431 in a field, be it in its name, behind the colon or in its value', () => {
    for (const line of [`A: ${'b'.repeat(17)}`, `A:${' '.repeat(17)}b`, `${'A'.repeat(19)}:`, `${'A'.repeat(17)}: b`]) {
      expect(line).toHaveLength(20)
      const wire = `${LINE}Host: a\r\n${line}\r\n\r\nrest`
      expect(readInEverySplit(parser({ maxHeadLine: 20 }), wire)).toMatchObject({ ok: true, rest: 'rest' })
      for (const maxHeadLine of [19, 18, 16])
        expect(readInEverySplit(parser({ maxHeadLine }), wire)).toMatchObject(tooLarge(431, 25 + maxHeadLine))
    }
  })
  it('is counted anew behind each line end, empty lines before the request line among them', () => {
    const wire = `${'\r\n'.repeat(5)}${LINE}${'A: 90123456789\r\n'.repeat(5)}\r\n`
    expect(readInEverySplit(parser({ maxHeadLine: 14 }), wire)).toMatchObject({ ok: true, size: wire.length })
    expect(readInEverySplit(parser({ maxHeadLine: 13 }), wire)).toMatchObject(tooLarge(414, 10 + 13))
  })
  it('that is not over is found by its second byte too many, whatever comes then', () => {
    const line = `${LINE}A: ${'b'.repeat(12)}`
    expect(readInEverySplit(parser({ maxHeadLine: 14 }), line)).toBeUndefined()
    for (const more of ['b', '\r', '\0', '\n'])
      expect(readInEverySplit(parser({ maxHeadLine: 14 }), line + more)).toMatchObject(tooLarge(431, 30))
  })
  it('holds a bad byte up to its border, and is too long behind it', () => {
    // The line's place 14 is the first that is too much, unless a CR stands there.
    const outcome = (at: number, bad: string) => {
      const wire = `${LINE}${'A: 45678901234567890'.slice(0, at)}${bad}7890\r\n\r\n`
      const [fault] = (readInEverySplit(parser({ maxHeadLine: 14 }), wire)?.faults ?? []) as {
        code: string
        offset: number
      }[]
      return [fault?.code, (fault?.offset ?? 0) - LINE.length]
    }
    for (const bad of ['\0', '\n', '\x7f'])
      for (let at = 12; at < 18; at++)
        expect(outcome(at, bad)).toEqual(at < 15 ? ['head-syntax', at] : ['head-too-large', 14])
    // A CR ends the line; what is wrong is the byte behind it.
    for (let at = 12; at < 18; at++)
      expect(outcome(at, '\rx')).toEqual(at < 15 ? ['head-syntax', at + 1] : ['head-too-large', 14])
  })
  it('whichever border comes first counts: of the line, or of the head', () => {
    const wire = `${LINE}A: ${'b'.repeat(50)}`
    for (let maxHeadSize = 26; maxHeadSize < 36; maxHeadSize++) {
      const expected = maxHeadSize < 32 ? [maxHeadSize, 'maxHeadSize'] : [30, 'maxHeadLine']
      const found = readInEverySplit(parser({ maxHeadSize, maxHeadLine: 14 }), wire)
      const [fault] = (found?.faults ?? []) as { offset: number; message: string; status: number }[]
      expect([fault?.offset, fault?.message.match(/limits\.(\w+)/)?.[1], fault?.status]).toEqual([...expected, 431])
    }
  })
  it('is 16 384 bytes by default', () => {
    const target = (size: number) => `GET /${'a'.repeat(size - 14)} HTTP/1.1\r\n\r\n`
    expect(target(16_384)).toHaveLength(16_384 + 4)
    expect(readInEverySplit(parser(), target(16_384))).toMatchObject({ ok: true })
    expect(readInEverySplit(parser(), target(16_385))).toMatchObject(tooLarge(414, 16_384))
    const field = (size: number) => `${LINE}A: ${'b'.repeat(size - 3)}\r\n\r\n`
    expect(readInEverySplit(parser(), field(16_384))).toMatchObject({ ok: true })
    expect(readInEverySplit(parser(), field(16_385))).toMatchObject(tooLarge(431, LINE.length + 16_384))
    expect(readInEverySplit(parser(), `GET /${'a'.repeat(70_000)}`)).toMatchObject(tooLarge(414, 16_384))
  })
  it('may be without border', () => {
    const wire = `${LINE}A: ${'b'.repeat(60_000)}\r\n\r\n`
    expect(read(parser({ maxHeadLine: Infinity })(), [latin1(wire)])).toMatchObject({ ok: true })
    expect(read(parser({ maxHeadLine: Infinity, maxHeadSize: Infinity })(), [latin1(wire.repeat(2))])).toMatchObject({
      ok: true,
      rest: wire,
    })
  })
})

describe('the fields of a request head', () => {
  it('exactly maxHeadFields lines pass, one more is 431, found where that line begins', () => {
    expect(readInEverySplit(parser({ maxHeadFields: 2 }), head)).toMatchObject({ ok: true })
    expect(readInEverySplit(parser({ maxHeadFields: 1 }), head)).toMatchObject({
      ok: false,
      faults: [{ code: 'too-many', status: 431, offset: LINE.length + 9, reference: 'RFC 6585 §5' }],
    })
    expect(readInEverySplit(parser({ maxHeadFields: 0 }), `${LINE}\r\n`)).toMatchObject({ ok: true })
  })
  it('are 100 lines by default', () => {
    const withFields = (count: number) => `${LINE}${'a: b\r\n'.repeat(count)}\r\n`
    expect(readInEverySplit(parser(), withFields(100))).toMatchObject({ ok: true })
    expect(readInEverySplit(parser(), withFields(101))).toMatchObject({ faults: [{ code: 'too-many' }] })
  })
})

it('a limit that is none is the caller’s mistake', () => {
  for (const name of ['maxHeadSize', 'maxHeadLine', 'maxHeadFields'])
    for (const value of [-1, 0.5, Number.NaN])
      expect(() => new RequestHeadParser({ [name]: value })).toThrow(RangeError)
})
