/** Valid and invalid parameters (RFC 7692 §7.1) in offers, in responses and from the caller. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DeflateParams,
  type DeflateTerms,
  formatDeflateTerms,
  readDeflateTerms,
  requireDeflateParams,
  requireWindowBits,
} from '../../src/deflate/params.ts'
import { ProtocolError } from '../../src/errors.ts'
import type { ExtensionParams } from '../../src/extensions/extension.ts'
import { formatExtensions, parseExtensions } from '../../src/extensions/header.ts'
import { runs } from '../share.ts'

/** Parsed, like a peer's text. */
function parse(text: string): ExtensionParams {
  return parseExtensions(text === '' ? 'x' : `x; ${text}`)[0]?.params ?? []
}

describe('both an offer and a response', () => {
  it.each<[string, DeflateTerms]>([
    ['', {}],
    ['server_no_context_takeover', { serverNoContextTakeover: true }],
    ['client_no_context_takeover', { clientNoContextTakeover: true }],
    ['server_max_window_bits=8', { serverMaxWindowBits: 8 }],
    ['server_max_window_bits=9', { serverMaxWindowBits: 9 }],
    ['server_max_window_bits="10"', { serverMaxWindowBits: 10 }],
    ['server_max_window_bits=15', { serverMaxWindowBits: 15 }],
    ['client_max_window_bits=8', { clientMaxWindowBits: 8 }],
    ['client_max_window_bits=15', { clientMaxWindowBits: 15 }],
    [
      'client_max_window_bits=9; client_no_context_takeover; server_max_window_bits=12; server_no_context_takeover',
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 12,
        clientMaxWindowBits: 9,
      },
    ],
  ])('may have %j', (text, terms) => {
    expect(readDeflateTerms(parse(text), 'offer')).toEqual(terms)
    expect(readDeflateTerms(parse(text), 'response')).toEqual(terms)
  })

  const numbers = [
    '0x0a',
    '1e1',
    '+10',
    '08',
    '010',
    '7',
    '16',
    '-8',
    '8.0',
    '10_',
    '0',
    'x',
    '1',
    'eight',
    '１０',
    '',
    ' 8',
    '8 ',
  ]
  it.each<[params: ExtensionParams, section: string]>([
    ...numbers.map((text): [ExtensionParams, string] => [[['server_max_window_bits', text]], '§7.1.2.1']),
    ...numbers.map((text): [ExtensionParams, string] => [[['client_max_window_bits', text]], '§7.1.2.2']),
    [[['server_max_window_bits', true]], '§7.1.2.1'],
    [[['server_no_context_takeover', 'true']], '§7.1.1.1'],
    [[['server_no_context_takeover', '']], '§7.1.1.1'],
    [[['client_no_context_takeover', '1']], '§7.1.1.2'],
    ...[
      'x',
      'Server_no_context_takeover',
      'CLIENT_MAX_WINDOW_BITS',
      '__proto__',
      'constructor',
      'server_max_window',
    ].map((name): [ExtensionParams, string] => [[[name, true]], '§7']),
    ...['server_no_context_takeover', 'client_no_context_takeover'].map((name): [ExtensionParams, string] => [
      [
        [name, true],
        [name, true],
      ],
      '§7',
    ]),
    ...['server_max_window_bits', 'client_max_window_bits'].map((name): [ExtensionParams, string] => [
      [
        [name, '9'],
        ['server_no_context_takeover', true],
        [name, '9'],
      ],
      '§7',
    ]),
  ])('must not have %j (RFC 7692 %s)', (params, section) => {
    for (const place of ['offer', 'response'] as const) {
      const error = catchError(() => readDeflateTerms(params, place))
      expect(error).toMatchObject({ code: 'extension', reference: `RFC 7692 ${section}` })
      expect(error.message.startsWith(`permessage-deflate ${place}: `)).toBe(true)
      if (section !== '§7') expect(error.message).toContain(', expected ')
      expect(error.message).toMatch(/^[ -~]+$/)
      if (section !== '§7') expect(error.message).toContain(params[0]?.[0])
    }
  })

  it('names what was found and what is expected', () => {
    const told = (text: string) => catchError(() => readDeflateTerms(parse(text), 'offer')).message
    expect(told('server_max_window_bits=08')).toBe(
      'permessage-deflate offer: server_max_window_bits="08", expected 8 to 15',
    )
    expect(told('server_max_window_bits')).toContain(': server_max_window_bits, expected 8 to 15')
    expect(told('server_no_context_takeover=true')).toBe(
      'permessage-deflate offer: server_no_context_takeover="true", expected no value',
    )
    expect(told('y=1')).toMatch(/unknown parameter "y"$/)
    expect(told('client_max_window_bits; client_max_window_bits=9')).toContain('duplicate client_max_window_bits')
  })
})

it('only an offer may have client_max_window_bits without a value (RFC 7692 §7.1.2.2)', () => {
  const params = parse('client_max_window_bits')
  expect(readDeflateTerms(params, 'offer')).toEqual({ clientMaxWindowBits: true })
  expect(catchError(() => readDeflateTerms(params, 'response'))).toMatchObject({
    code: 'extension',
    reference: 'RFC 7692 §7.1.2.2',
  })
})

it('reading reverses formatting', () => {
  const bits = fc.integer({ min: 8, max: 15 })
  const said = {
    serverNoContextTakeover: fc.constantFrom(true, undefined),
    clientNoContextTakeover: fc.constantFrom(true, undefined),
    serverMaxWindowBits: fc.option(bits, { nil: undefined }),
  }
  const response = fc.record({ ...said, clientMaxWindowBits: fc.option(bits, { nil: undefined }) })
  const offer = fc.record({
    ...said,
    clientMaxWindowBits: fc.oneof(bits, fc.constant(true as const), fc.constant(undefined)),
  })
  const travel = (params: ExtensionParams) =>
    parseExtensions(formatExtensions([{ name: 'x', params }]))[0]?.params ?? []
  fc.assert(
    fc.property(offer, response, (offer, response) => {
      expect(readDeflateTerms(travel(formatDeflateTerms(offer)), 'offer')).toEqual(offer)
      expect(readDeflateTerms(travel(formatDeflateTerms(response)), 'response')).toEqual(response)
    }),
  )
})

it('any list of parameters is read or declined', () => {
  const name = fc.constantFrom(
    'server_no_context_takeover',
    'client_max_window_bits',
    'server_max_window_bits',
    'toString',
  )
  const value = fc.oneof(fc.constant(true as const), fc.string({ unit: 'binary' }), fc.integer().map(String))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (params) => {
      for (const place of ['offer', 'response'] as const) {
        try {
          expect(formatDeflateTerms(readDeflateTerms(params, place)).length).toBe(params.length)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }
    }),
    { numRuns: runs(20, 200) },
  )
})

describe('the caller’s parameters', () => {
  const good: DeflateParams = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 8,
    clientMaxWindowBits: 15,
  }
  it('come back from JSON, as a fresh object of four members', () => {
    const stored = JSON.parse(JSON.stringify({ ...good, more: 1 }))
    expect(requireDeflateParams(stored)).toEqual(good)
    expect(requireDeflateParams(good)).not.toBe(good)
  })
  it.each<[Partial<Record<keyof DeflateParams, unknown>>, typeof RangeError]>([
    [{ serverMaxWindowBits: 7 }, RangeError],
    [{ serverMaxWindowBits: 16 }, RangeError],
    [{ clientMaxWindowBits: 9.5 }, RangeError],
    [{ clientMaxWindowBits: Number.NaN }, RangeError],
    [{ clientMaxWindowBits: '9' }, TypeError],
    [{ clientMaxWindowBits: undefined }, TypeError],
    [{ serverNoContextTakeover: 1 }, TypeError],
    [{ clientNoContextTakeover: undefined }, TypeError],
  ])('%j is a mistake', (wrong, kind) => {
    const [name = ''] = Object.keys(wrong)
    expect(() => requireDeflateParams({ ...good, ...wrong } as DeflateParams)).toThrow(kind)
    expect(() => requireDeflateParams({ ...good, ...wrong } as DeflateParams)).toThrow(`\`${name}\``)
  })
  it('windows are named in the message', () => {
    expect(() => requireWindowBits(20, 'minWindowBits')).toThrow(
      '`minWindowBits` must be a whole number from 8 to 15, not 20',
    )
  })
})

function catchError(act: () => unknown): ProtocolError {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
