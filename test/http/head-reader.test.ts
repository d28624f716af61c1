/** Tests how errors name the invalid byte. The tests of the two parsers cover the rest of the reader. */

import { expect, it } from 'vitest'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { latin1 } from './head.ts'

it.each([
  ['GET /\r', 'a CR in the request target at byte 5'],
  ['GET /\n', 'an LF in the request target at byte 5'],
  ['GET  ', 'a space in the request target at byte 4'],
  ['GET /\t', 'the byte 0x09 in the request target at byte 5'],
  ['GET /\x1f', 'the byte 0x1f in the request target at byte 5'],
  ['GET /\x7f', 'the byte 0x7f in the request target at byte 5'],
  ['GET /\xe9', 'the byte 0xe9 in the request target at byte 5'],
  ['G!~"', `'"' in the method at byte 3`],
  ['GET / HTTP/1.1\r\nA: b\rC', "'C' after a CR at byte 21"],
  ['GET / HTTP/1.1\r\nA: b\0', 'the byte 0x00 in the value of "A" at byte 20'],
  ['GET / HTTP/1.1\r\n A', 'a line that begins with white space at byte 16'],
])('%j: %s', (wire, found) => {
  expect(new RequestHeadParser().push(latin1(wire))).toMatchObject({
    errors: [{ message: `unreadable head: ${found}` }],
  })
})
it('shortens a field name in an error', () => {
  const parsed = new RequestHeadParser().push(latin1(`GET / HTTP/1.1\r\n${'a'.repeat(60_000)}: \0`))
  expect(parsed?.ok === false && parsed.errors[0].message.length).toBeLessThan(200)
})
