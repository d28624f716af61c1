/** How a server answers offers, rule by rule of RFC 7692 §7.1: accepted, declined, skipped. */

import { describe, expect, it } from 'vitest'
import {
  answerDeflateOffer,
  negotiateDeflate,
  offerDeflate,
  verifyDeflateResponse,
} from '../../src/deflate/negotiate.ts'
import type { DeflateCapabilities, DeflatePreferences } from '../../src/deflate/preferences.ts'
import { attempt, ProtocolError } from '../../src/errors.ts'
import { formatExtensions, parseExtensions } from '../../src/extensions/header.ts'
import { parse, preference, shorten, tell } from './negotiate-letters.ts'

const fromNine: DeflateCapabilities = { minWindowBits: 9 }

describe('a server’s answer', () => {
  it.each<[offer: string, preferences: string, response: string, params: string]>([
    ['', '', '', ''],
    // §7.1.1.1: echoed; included without being offered.
    ['sn', '', 'sn', 'sn'],
    ['', 'sn', 'sn', 'sn'],
    ['sn', 'sn', 'sn', 'sn'],
    // §7.1.1.2: a hint is used; included without being offered.
    ['cn', '', 'cn', 'cn'],
    ['', 'cn', 'cn', 'cn'],
    // §7.1.2.1: answered if offered, with at most that value; included without being offered.
    ['sb=15', '', 'sb=15', ''],
    ['sb=12', '', 'sb=12', 'sb=12'],
    ['sb=12', 'sb=10', 'sb=10', 'sb=10'],
    ['sb=10', 'sb=12', 'sb=10', 'sb=10'],
    ['sb=8', '', 'sb=8', 'sb=8'],
    ['', 'sb=10', 'sb=10', 'sb=10'],
    ['', 'sb=15', '', ''],
    // §7.1.2.2: only if offered; a value is never exceeded.
    ['', 'cb=10', '', ''],
    ['cb', '', '', ''],
    ['cb', 'cb=10', 'cb=10', 'cb=10'],
    ['cb', 'cb=8', 'cb=8', 'cb=8'],
    ['cb=12', '', 'cb=12', 'cb=12'],
    ['cb=12', 'cb=10', 'cb=10', 'cb=10'],
    ['cb=10', 'cb=12', 'cb=10', 'cb=10'],
    ['cb=15', '', '', ''],
    ['cb=8', '', 'cb=8', 'cb=8'],
    ['cb; sb=10; cn; sn', 'cb=9; sb=9', 'sn; cn; sb=9; cb=9', 'sn; cn; sb=9; cb=9'],
  ])('%j with the preferences %j: %j', (offer, preferences, response, params) => {
    const answer = answerDeflateOffer(parse(offer), preference(preferences))
    expect(shorten(answer.response)).toBe(response)
    expect(tell(answer.params)).toBe(params)
    // Our own client reads the same from the answer.
    expect(verifyDeflateResponse(answer.response, [parse(offer)])).toEqual(answer.params)
  })
  it('stays within what its compressor supports', () => {
    expect(answerDeflateOffer(parse('sb=9'), {}, fromNine).params.serverMaxWindowBits).toBe(9)
    expect(answerDeflateOffer(parse(''), preference('sb=8'), fromNine).params.serverMaxWindowBits).toBe(9)
    expect(
      answerDeflateOffer(parse('sb=15'), preference('sb=9'), { minWindowBits: 15 }).params.serverMaxWindowBits,
    ).toBe(15)
    expect(answerDeflateOffer(parse('cb=8'), {}, fromNine).params.clientMaxWindowBits).toBe(8)
    const refused = attempt(() => answerDeflateOffer(parse('sb=8'), {}, fromNine))
    expect(refused).toMatchObject({
      code: 'extension',
      message: 'permessage-deflate offer: server_max_window_bits=8, the compressor supports 9 or more',
      reference: 'RFC 7692 §7.1.2.1',
    })
  })
})

describe('a server’s choice', () => {
  const negotiate = (text: string, preferences: DeflatePreferences = {}, capabilities: DeflateCapabilities = {}) =>
    negotiateDeflate(parseExtensions(text.replaceAll('deflate', 'permessage-deflate')), preferences, capabilities)

  it.each([
    'deflate; server_max_window_bits=0x0a',
    'deflate; server_max_window_bits=1e1',
    'deflate; server_max_window_bits=+10',
    'deflate; server_max_window_bits=08',
    'deflate; client_max_window_bits=08',
    'deflate; server_max_window_bits',
    'deflate; server_no_context_takeover=true',
    'deflate; unknown',
    'deflate; client_max_window_bits; client_max_window_bits',
    'deflate; server_max_window_bits=8',
  ])('declines %s, and accepts the next offer', (bad) => {
    expect(negotiate(bad, {}, fromNine)).toEqual({
      params: undefined,
      response: undefined,
      declined: [expect.any(ProtocolError)],
    })
    const { params, response, declined } = negotiate(`${bad}, x; y, deflate; client_no_context_takeover`, {}, fromNine)
    expect(params && tell(params)).toBe('cn')
    expect(response).toEqual({ name: 'permessage-deflate', params: [['client_no_context_takeover', true]] })
    expect(declined.map(({ code }) => code)).toEqual(['extension'])
  })
  it('accepts 8 if the compressor supports it', () => {
    const { params, declined } = negotiate('deflate; server_max_window_bits=8', {}, { minWindowBits: 8 })
    expect(params?.serverMaxWindowBits).toBe(8)
    expect(declined).toEqual([])
  })
  it('is the first acceptable offer, in the client’s order (RFC 7692 §5)', () => {
    const { params, declined } = negotiate('deflate; server_max_window_bits=10, deflate')
    expect(params?.serverMaxWindowBits).toBe(10)
    expect(declined).toEqual([])
  })
  it('comes with every reason, in order', () => {
    const { declined } = negotiate('deflate; a, deflate; server_max_window_bits=8, b', {}, fromNine)
    expect(declined.map(({ reference }) => reference)).toEqual(['RFC 7692 §7', 'RFC 7692 §7.1.2.1'])
  })
  it('ignores offers after 32 declined ones', () => {
    const { params, declined } = negotiate(`${'deflate; a, '.repeat(31)}b, deflate`)
    expect([params?.clientMaxWindowBits, declined.length]).toEqual([15, 31])
    expect(negotiate(`${'deflate; a, '.repeat(32)}b, deflate`)).toMatchObject({
      params: undefined,
      declined: { length: 32 },
    })
  })
  it('is none if the extension is not offered', () => {
    for (const text of ['x', 'Permessage-Deflate', 'x-webkit-deflate-frame'])
      expect(negotiateDeflate(parseExtensions(text))).toEqual({ params: undefined, response: undefined, declined: [] })
    expect(negotiateDeflate([]).response).toBeUndefined()
  })
  it('examples of RFC 7692 §7.1.3', () => {
    const offers = 'deflate; client_max_window_bits; server_max_window_bits=10, deflate; client_max_window_bits'
    expect(formatExtensions([negotiate('deflate').response ?? failed()])).toBe('permessage-deflate')
    const first = negotiate(offers)
    expect(formatExtensions([first.response ?? failed()])).toBe('permessage-deflate; server_max_window_bits=10')
    const second = negotiate(offers, {}, { minWindowBits: 15 })
    expect(formatExtensions([second.response ?? failed()])).toBe('permessage-deflate')
    expect(second.declined).toHaveLength(1)
  })
})

describe('the caller’s mistakes', () => {
  const wrong: [DeflatePreferences, typeof RangeError][] = [
    [{ serverMaxWindowBits: 7 }, RangeError],
    [{ clientMaxWindowBits: 16 }, RangeError],
    [{ clientMaxWindowBits: 9.5 }, RangeError],
    [{ serverMaxWindowBits: '10' as never }, TypeError],
    [{ clientMaxWindowBits: true as never }, TypeError],
    [{ serverNoContextTakeover: 'yes' as never }, TypeError],
    [{ clientNoContextTakeover: 0 as never }, TypeError],
  ]
  it.each(wrong)('invalid preferences such as %j throw at once, whatever is offered', (preferences, kind) => {
    expect(() => offerDeflate(preferences)).toThrow(kind)
    expect(() => answerDeflateOffer(parse('x'), preferences)).toThrow(kind)
    expect(() => negotiateDeflate([], preferences)).toThrow(kind)
  })
  it('and so do invalid capabilities', () => {
    for (const minWindowBits of [7, 16, Number.NaN]) {
      expect(() => offerDeflate({}, { minWindowBits })).toThrow(RangeError)
      expect(() => answerDeflateOffer(parse('x'), {}, { minWindowBits })).toThrow(RangeError)
      expect(() => negotiateDeflate([], {}, { minWindowBits })).toThrow(RangeError)
      expect(() => verifyDeflateResponse(parse('x'), [], { minWindowBits })).toThrow(RangeError)
    }
  })
})

function failed(): never {
  throw new Error('nothing was agreed on')
}
