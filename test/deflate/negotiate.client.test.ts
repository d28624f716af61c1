/** What a client offers and which responses it accepts, rule by rule of RFC 7692 §7.1. */

import { describe, expect, it } from 'vitest'
import { offerDeflate, verifyDeflateResponse } from '../../src/deflate/negotiate.ts'
import type { DeflateCapabilities } from '../../src/deflate/preferences.ts'
import { attempt, type ProtocolError } from '../../src/errors.ts'
import { parse, preference, shorten, tell } from './negotiate-letters.ts'

const fromNine: DeflateCapabilities = { minWindowBits: 9 }

describe('a client’s offers', () => {
  it.each<[preferences: string, offers: string[], capabilities?: DeflateCapabilities]>([
    ['', ['cb']],
    ['cn', ['cn; cb']],
    ['cb=12', ['cb=12']],
    ['cb=8', ['cb=8']],
    ['cb=8', ['cb=9'], fromNine],
    ['cb=8', [''], { minWindowBits: 15 }],
    ['cb=9', ['cb=14'], { minWindowBits: 14 }],
    ['sn', ['sn; cb', 'cb']],
    ['sb=10', ['sb=10; cb', 'cb']],
    ['sb=8', ['sb=8; cb', 'cb'], fromNine],
    ['sb=15', ['cb']],
    ['sn; cn; sb=10; cb=9', ['sn; cn; sb=10; cb=9', 'sn; cn; cb=9', 'cn; cb=9']],
  ])('for the preferences %j are %j', (preferences, offers, capabilities = {}) => {
    expect(offerDeflate(preference(preferences), capabilities).map(shorten)).toEqual(offers)
  })
  it('without preferences are those of browsers', () => {
    expect(offerDeflate()).toEqual([[['client_max_window_bits', true]]])
  })
})

describe('a client’s verification', () => {
  it.each<[offers: string[], response: string, params: string]>([
    [[''], '', ''],
    [['cb'], '', ''],
    [['cb'], 'sn; cn; sb=8; cb=8', 'sn; cn; sb=8; cb=8'],
    // Included without being offered (§7.1.1.1, §7.1.1.2, §7.1.2.1).
    [[''], 'sn', 'sn'],
    [[''], 'cn', 'cn'],
    [[''], 'sb=9', 'sb=9'],
    // Granted.
    [['sn'], 'sn', 'sn'],
    [['sb=10'], 'sb=10', 'sb=10'],
    [['sb=10'], 'sb=9', 'sb=9'],
    // Promises hold where the response leaves them out (§7.1.1.2, §7.1.2.2).
    [['cn'], '', 'cn'],
    [['cb=10'], '', 'cb=10'],
    [['cb=10'], 'cb=10', 'cb=10'],
    [['cb=10'], 'cb=9', 'cb=9'],
    // The fallback was taken, or the first was.
    [['sn; sb=10; cb', 'sn; cb', 'cb'], 'sn', 'sn'],
    [['sn; sb=10; cb', 'sn; cb', 'cb'], 'cb=10', 'cb=10'],
    [['sn; sb=10; cb', 'sn; cb', 'cb'], 'sn; sb=9', 'sn; sb=9'],
    [['sn; sb=10; cb', 'sn; cb', 'cb'], 'sb=12', 'sb=12'],
    // The promise of an offer that was not taken binds nobody; of two that may have been, both are kept.
    [['sn; cb=9', 'cb'], '', ''],
    [['cb=9', 'cb=11; cn'], '', 'cn; cb=9'],
    // An offer that no server may accept.
    [['sb=99', 'cb'], '', ''],
  ])('offered %j, answered %j: %j', (offers, response, params) => {
    expect(tell(verifyDeflateResponse(parse(response), offers.map(parse)))).toBe(params)
  })

  it.each<[offers: string[], response: string, found: string, section: string]>([
    [[''], 'cb=10', 'client_max_window_bits=10, which was not offered', '§7.1.2.2'],
    [['cb'], 'cb', 'client_max_window_bits, expected 8 to 15', '§7.1.2.2'],
    [['cb=10'], 'cb=11', 'client_max_window_bits=11, 10 or less was offered', '§7.1.2.2'],
    [['sn'], '', 'no server_no_context_takeover, which was offered', '§7.1.1.1'],
    [['sb=10'], '', 'no server_max_window_bits, 10 or less was offered', '§7.1.2.1'],
    [['sb=10'], 'sb=11', 'server_max_window_bits=11, 10 or less was offered', '§7.1.2.1'],
    // Of several mismatches, the one with the last offer, which asks for the least.
    [['sn', 'sb=10'], '', 'no server_max_window_bits, 10 or less was offered', '§7.1.2.1'],
    [['cb'], 'sb=010', 'server_max_window_bits="010", expected 8 to 15', '§7.1.2.1'],
    [['cb'], 'x', 'unknown parameter "x"', '§7'],
    [['cb'], 'sn; sn', 'duplicate server_no_context_takeover', '§7'],
    [[], '', 'matches no offer', '§5'],
    [['sb=99'], '', 'matches no offer', '§5'],
  ])('offered %j, answered %j: %s', (offers, response, found, section) => {
    const error = attempt(() => verifyDeflateResponse(parse(response), offers.map(parse)))
    expect(error).toMatchObject({ code: 'extension', reference: `RFC 7692 ${section}` })
    expect((error as ProtocolError).message).toContain(`permessage-deflate response: ${found}`)
  })

  it('fails if its compressor does not support the response (RFC 7692 §7)', () => {
    expect(attempt(() => verifyDeflateResponse(parse('cb=8'), [parse('cb')], fromNine))).toMatchObject({
      code: 'extension',
      message: 'permessage-deflate response: client_max_window_bits=8, the compressor supports 9 or more',
      reference: 'RFC 7692 §7.1.2.2',
    })
    expect(verifyDeflateResponse(parse('cb=9'), [parse('cb')], fromNine).clientMaxWindowBits).toBe(9)
    // The server's window is for the decompressor, which reads all.
    expect(verifyDeflateResponse(parse('sb=8'), [parse('cb')], fromNine).serverMaxWindowBits).toBe(8)
  })
})
