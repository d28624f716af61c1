/** The grammar of Sec-WebSocket-Extensions (RFC 6455 §9.1), and the offset of each error. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import type { ExtensionEntry } from '../../src/extensions/extension.ts'
import { getParam, toExtensionParams } from '../../src/extensions/extension.ts'
import { formatExtensions, parseExtensions, readExtensions } from '../../src/extensions/header.ts'

const entry = (name: string, ...params: ExtensionEntry['params']): ExtensionEntry => ({ name, params })

describe('a list of extensions', () => {
  it.each<[string, ExtensionEntry[]]>([
    ['a', [entry('a')]],
    ['a, b', [entry('a'), entry('b')]],
    ['a; x', [entry('a', ['x', true])]],
    ['a; x=1; y="2"', [entry('a', ['x', '1'], ['y', '2'])]],
    ['a; x="1", b', [entry('a', ['x', '1']), entry('b')]],
    ['a;x=1,a;x=2', [entry('a', ['x', '1']), entry('a', ['x', '2'])]],
    ['a; x; x=1', [entry('a', ['x', true], ['x', '1'])]],
    ['  a ;\t x =  1 \t, b', [entry('a', ['x', '1']), entry('b')]],
    ['a,, b,', [entry('a'), entry('b')]],
    ['a; x="\\1\\a"', [entry('a', ['x', '1a'])]],
    ['__proto__; constructor=toString', [entry('__proto__', ['constructor', 'toString'])]],
    [
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate',
      [
        entry('permessage-deflate', ['client_max_window_bits', true], ['server_max_window_bits', '10']),
        entry('permessage-deflate'),
      ],
    ],
  ])('%s', (text, expected) => {
    expect(parseExtensions(text)).toEqual(expected)
    expect(parseExtensions(formatExtensions(expected))).toEqual(expected)
  })

  it.each<[string, number]>([
    ['', 0],
    [', ,', 0],
    ['@', 0],
    ['a b', 2],
    ['a;', 2],
    ['a;;x', 2],
    ['a; =1', 3],
    ['a; x=', 5],
    ['a; x="1', 5],
    ['a; x="1"2', 8],
    ['a; x="1 2"', 5],
    ['a; x=""', 5],
    ['a; x = "1,2"', 7],
    ['a; x=1=2', 6],
    ['a, "b"', 3],
    ['a; x\x00', 4],
    ['é', 0],
    [','.repeat(102), 0],
  ])('%j breaks at %i', (text, offset) => {
    let error: unknown
    try {
      parseExtensions(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'extension-syntax', status: 400, reference: 'RFC 6455 §9.1', offset })
  })

  it.each<[string[], string]>([
    [['a, @b'], 'has "@b" at 3, not an extension\'s name'],
    [['a b'], 'has "b" at 2, not a semicolon or a comma'],
    [['a;'], "has the end at 2, not a parameter's name"],
    [['a; =1'], 'has "=1" at 3, not a parameter\'s name'],
    [['a; x='], 'has the end at 5, not a token or a whole quoted string'],
    [['a; x="1'], 'has "\\"1" at 5, not a token or a whole quoted string'],
    [['a; x="1 2", b'], 'has "\\"1 2\\", b" at 5, not a token in quotes'],
    [['a', `b ${'c'.repeat(50_000)}`], `has "${'c'.repeat(20)}" at 2, not a semicolon or a comma`],
    [['', ','], 'names no extension'],
    [[','.repeat(102)], 'has 103 empty elements; at most 100 are allowed'],
  ])('%j: the message says what was found, where, and what is expected', (lines, message) => {
    const read = () => readExtensions(lines)
    expect(read).toThrow(`Sec-WebSocket-Extensions ${message}`)
  })

  it('reads several lines', () => {
    expect(readExtensions(['a; x=1', 'b'])).toEqual([entry('a', ['x', '1']), entry('b')])
    expect(readExtensions([])).toEqual([])
    expect(() => readExtensions([' , '])).toThrow(ProtocolError)
  })

  it('reads hostile lists in linear time', () => {
    expect(parseExtensions(`a${' '.repeat(100_000)}`)).toEqual([entry('a')])
    for (const part of [',', ';', '"', 'a;', 'a="', '\\'])
      expect(() => parseExtensions(`a${part.repeat(100_000)}`)).toThrow(ProtocolError)
  })

  it('is formatted from tokens only', () => {
    expect(() => formatExtensions([{ name: 'a b', params: {} }])).toThrow(TypeError)
    expect(() => formatExtensions([{ name: 'a', params: { 'x y': true } }])).toThrow(TypeError)
    expect(() => formatExtensions([{ name: 'a', params: { x: '1\r\n' } }])).toThrow(TypeError)
    expect(() => formatExtensions([{ name: 'a', params: { x: '' } }])).toThrow(TypeError)
  })

  it('is the same again after formatting and parsing', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/)
    const params = fc.array(fc.tuple(token, fc.oneof(token, fc.constant(true as const))), { maxLength: 4 })
    const list = fc.array(fc.record({ name: token, params }, { noNullPrototype: true }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(list, (entries) => {
        expect(parseExtensions(formatExtensions(entries))).toEqual(entries)
      }),
    )
  })
})

describe('parameters', () => {
  it('come from pairs or from a record', () => {
    expect(
      toExtensionParams([
        ['x', '1'],
        ['y', true],
      ]),
    ).toEqual([
      ['x', '1'],
      ['y', true],
    ])
    expect(toExtensionParams({ x: 10, y: true, z: undefined, w: 'a' })).toEqual([
      ['x', '10'],
      ['y', true],
      ['w', 'a'],
    ])
  })

  it('getParam returns the only value', () => {
    expect(
      getParam(
        [
          ['x', '1'],
          ['y', true],
        ],
        'x',
      ),
    ).toBe('1')
    expect(
      getParam(
        [
          ['x', '1'],
          ['y', true],
        ],
        'y',
      ),
    ).toBe(true)
    expect(
      getParam(
        [
          ['x', '1'],
          ['x', '2'],
        ],
        'x',
      ),
    ).toBeUndefined()
    expect(getParam([], 'constructor')).toBeUndefined()
  })
})
