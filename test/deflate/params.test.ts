/** Holds what each parameter may say (RFC 7692 §7.1): a table of all of it, in offers and in responses, and of the caller's. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkDeflateParams,
  checkWindowBits,
  type DeflateOffer,
  type DeflateParams,
  formatDeflateTerms,
  readDeflateOffer,
  readDeflateResponse,
} from '../../src/deflate/params.ts'
import { ProtocolError } from '../../src/errors.ts'
import type { ExtensionParams } from '../../src/extensions/extension.ts'
import { formatExtensions, parseExtensions } from '../../src/extensions/header.ts'

const silent: DeflateOffer = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: undefined,
}

/** Through the grammar, as a peer's text comes. */
function parse(text: string): ExtensionParams {
  return parseExtensions(text === '' ? 'x' : `x; ${text}`)[0]?.params ?? []
}

describe('both an offer and a response', () => {
  it.each<[string, Partial<DeflateOffer>]>([
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
  ])('may say %j', (text, terms) => {
    expect(readDeflateOffer(parse(text))).toEqual({ ...silent, ...terms })
    expect(readDeflateResponse(parse(text))).toEqual({ ...silent, ...terms })
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
  ])('must not say %j (RFC 7692 %s)', (params, section) => {
    for (const [read, place] of [
      [readDeflateOffer, 'the offer of permessage-deflate has '],
      [readDeflateResponse, 'the response for permessage-deflate has '],
    ] as const) {
      const fault = catchFault(() => read(params))
      expect(fault).toMatchObject({ code: 'extension', reference: `RFC 7692 ${section}` })
      expect(fault.message.startsWith(place)).toBe(true)
      expect(fault.message).toContain(', where ')
      expect(fault.message).toMatch(/^[ -~]+$/)
      if (section !== '§7') expect(fault.message).toContain(params[0]?.[0])
    }
  })

  it('tells what was found, and what is expected', () => {
    const told = (text: string) => catchFault(() => readDeflateOffer(parse(text))).message
    expect(told('server_max_window_bits=08')).toBe(
      'the offer of permessage-deflate has server_max_window_bits="08", where a whole number from 8 to 15, in decimal digits without leading zeros, is expected',
    )
    expect(told('server_max_window_bits')).toContain('has server_max_window_bits without a value, where a whole number')
    expect(told('server_no_context_takeover=true')).toBe(
      'the offer of permessage-deflate has server_no_context_takeover="true", where no value is expected',
    )
    expect(told('y=1')).toMatch(/has the parameter "y", where server_no_context_takeover, .* are known$/)
    expect(told('client_max_window_bits; client_max_window_bits=9')).toContain('client_max_window_bits more than once')
  })
})

it('only an offer may have client_max_window_bits without a value (RFC 7692 §7.1.2.2)', () => {
  const params = parse('client_max_window_bits')
  expect(readDeflateOffer(params)).toEqual({ ...silent, clientMaxWindowBits: true })
  expect(catchFault(() => readDeflateResponse(params))).toMatchObject({
    code: 'extension',
    reference: 'RFC 7692 §7.1.2.2',
  })
})

it('what is written is read', () => {
  const bits = fc.integer({ min: 8, max: 15 })
  const said = {
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
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
      expect(readDeflateOffer(travel(formatDeflateTerms(offer)))).toEqual(offer)
      expect(readDeflateResponse(travel(formatDeflateTerms(response)))).toEqual(response)
    }),
  )
})

it('no list of parameters does anything but get read or declined', () => {
  const name = fc.constantFrom(
    'server_no_context_takeover',
    'client_max_window_bits',
    'server_max_window_bits',
    'toString',
  )
  const value = fc.oneof(fc.constant(true as const), fc.string({ unit: 'binary' }), fc.integer().map(String))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (params) => {
      for (const read of [readDeflateOffer, readDeflateResponse]) {
        try {
          expect(formatDeflateTerms(read(params)).length).toBe(params.length)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }
    }),
  )
})

describe('the caller’s own', () => {
  const good: DeflateParams = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 8,
    clientMaxWindowBits: 15,
  }
  it('come back from JSON, as a fresh object of four members', () => {
    const stored = JSON.parse(JSON.stringify({ ...good, more: 1 }))
    expect(checkDeflateParams(stored)).toEqual(good)
    expect(checkDeflateParams(good)).not.toBe(good)
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
    expect(() => checkDeflateParams({ ...good, ...wrong } as DeflateParams)).toThrow(kind)
    expect(() => checkDeflateParams({ ...good, ...wrong } as DeflateParams)).toThrow(`\`${name}\``)
  })
  it('windows are named in what is told', () => {
    expect(() => checkWindowBits('minWindowBits', 20)).toThrow(
      '`minWindowBits` must be a whole number from 8 to 15; it is 20',
    )
  })
})

function catchFault(act: () => unknown): ProtocolError {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
