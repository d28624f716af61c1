// Credentials in reports: which bytes and notes are masked, and which stay.
import { expect, test } from 'vitest'
import { createMask, withoutUser } from '../../src/cli/mask.ts'
import type { CaseResult, TranscriptEntry } from '../../src/testing/result.ts'
import { result } from './output/fixtures.ts'

function entry(from: TranscriptEntry['from'], text: string, ...notes: readonly string[]): TranscriptEntry {
  const bytes = Buffer.from(text, 'latin1')
  return { at: 0, from, type: 'bytes', size: bytes.length, hex: bytes.toString('hex'), notes }
}

function shown({ transcript }: CaseResult): unknown[] {
  return transcript.map(({ hex, notes }) => [Buffer.from(hex, 'hex').toString('latin1'), ...notes])
}

test('masks the values of these fields, also if they are divided or quoted, and nothing else', () => {
  const transcript = [
    entry('suite', 'GET / HTTP/1.1\r\ncookie: a', 'GET / HTTP/1.1', 'cookie: abc', 'Cookie2: a'),
    entry('agent', 'cookie: a', 'cookie: a'),
    entry('suite', 'bc\r\nCookie2: a\r\nx.a:\t\xeb\n\r\n', '"x.a: \\u00eb"', 'text, fin, 1 byte: "a"'),
  ]
  expect(shown(createMask(['cookie', 'x.a', 'text'])({ ...result(), transcript }))).toEqual([
    ['GET / HTTP/1.1\r\ncookie: *', 'GET / HTTP/1.1', 'cookie: …', 'Cookie2: a'],
    ['cookie: a', 'cookie: a'],
    ['**\r\nCookie2: a\r\nx.a:\t*\n\r\n', 'x.a: …', 'text, fin, 1 byte: "a"'],
  ])
})

test('masks the values in a head that is one note, because its lines end in LF', () => {
  const transcript = [entry('suite', '', 'GET / HTTP/1.1\ncookie: a\\nb "c"\nHost: a\nx.a:b\n\n')]
  expect(shown(createMask(['cookie', 'x.a'])({ ...result(), transcript }))).toEqual([
    ['', 'GET / HTTP/1.1\ncookie: …\nHost: a\nx.a: …\n\n'],
  ])
})

test.each([
  ['ws://a:1/b?c=d', 'ws://a:1/b?c=d'],
  ['ws://a', 'ws://a'],
  ['ws://me@a/b?c=@', 'ws://a/b?c=@'],
  ['wss://me:p@s@a', 'wss://a/'],
  ['http://:secret@a/', 'http://a/'],
])('%s without its user', (url, expected) => {
  expect(withoutUser(url)).toBe(expected)
})
