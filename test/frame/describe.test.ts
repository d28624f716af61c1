import { expect, it } from 'vitest'
import { describeFrame } from '../../src/frame/describe.ts'
import { decodeFrameHeader, type FrameHeader } from '../../src/frame/header.ts'
import { hex } from './vector.ts'

const line = (header: string, payload?: string | Uint8Array): string =>
  describeFrame(
    decodeFrameHeader(hex(header)) as FrameHeader,
    typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
  )

it('describes each kind of frame in one line', () => {
  expect(line('81 85 37 fa 21 3d', 'Hello')).toBe('text, fin, masked 37fa213d, 5 bytes: "Hello"')
  expect(line('01 03', 'Hel')).toBe('text, 3 bytes: "Hel"')
  expect(line('80 02')).toBe('continuation, fin, 2 bytes')
  expect(line('82 03', hex('01 02 ff'))).toBe('binary, fin, 3 bytes: 01 02 ff')
  expect(line('88 05', hex('03 e8 62 79 65'))).toBe('close, fin, 5 bytes: 1000 Normal Closure "bye"')
  expect(line('88 02', hex('0b b8'))).toBe('close, fin, 2 bytes: 3000 Unauthorized')
  expect(line('88 00', hex(''))).toBe('close, fin, 0 bytes')
  expect(line('88 01', hex('03'))).toBe('close, fin, 1 byte: 03')
  expect(line('89 00')).toBe('ping, fin, 0 bytes')
  expect(line('8a 00')).toBe('pong, fin, 0 bytes')
  expect(line('f3 7e 00 01')).toBe('reserved opcode 3, fin, rsv1, rsv2, rsv3, length in 2 bytes, 1 byte')
  expect(line('c1 02', hex('f2 48'))).toBe('text, fin, rsv1, 2 bytes: f2 48')
})

it('escapes characters that could break a log', () => {
  expect(line('81 04', 'a\n"\u001b')).toBe('text, fin, 4 bytes: "a\\n\\"\\u001b"')
  expect(line('81 05', '\u2028\u202e\u0085')).toBe('text, fin, 5 bytes: "\\u{2028}\\u{202e}\\u{85}"')
})

it('shortens long payloads, and cuts texts between characters', () => {
  expect(line('81 7e 00 c8', 'x'.repeat(200))).toBe(`text, fin, 200 bytes: "${'x'.repeat(64)}" … and 136 more`)
  expect(line('81 7e 00 c8', `x${'é'.repeat(100)}`)).toBe(`text, fin, 200 bytes: "x${'é'.repeat(31)}" … and 138 more`)
  expect(line('82 7e 00 c8', new Uint8Array(200))).toBe(`binary, fin, 200 bytes: ${'00 '.repeat(64)}… and 136 more`)
})
