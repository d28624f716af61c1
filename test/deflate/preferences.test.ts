/** The effect of `demand`, `forbid` and `omit` on both sides, and which of them contradict each other. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { permessageDeflate } from '../../src/deflate/extension.ts'
import {
  answerDeflateOffer,
  negotiateDeflate,
  offerDeflate,
  verifyDeflateResponse,
} from '../../src/deflate/negotiate.ts'
import { DEFLATE_NAME, type DeflateParam, type DeflateParams, deflateParams } from '../../src/deflate/params.ts'
import type { DeflatePreferences } from '../../src/deflate/preferences.ts'
import { attempt, ProtocolError } from '../../src/errors.ts'
import type { ExtensionParams } from '../../src/extensions/extension.ts'
import { formatExtensions, parseExtensions } from '../../src/extensions/header.ts'
import { acceptHandshake, offerHandshake, verifyHandshake } from '../../src/handshake/index.ts'
import { runs } from '../share.ts'
import { parse, shorten, tell } from './negotiate-letters.ts'

const letters = {
  sn: 'serverNoContextTakeover',
  cn: 'clientNoContextTakeover',
  sb: 'serverMaxWindowBits',
  cb: 'clientMaxWindowBits',
} as const satisfies Record<string, DeflateParam>
const list = (text: string) => (text === '' ? [] : text.split(' ').map((name) => letters[name as keyof typeof letters]))
const named = (params: ExtensionParams) => ({ name: DEFLATE_NAME, params })

describe('a server', () => {
  it.each<[preferences: DeflatePreferences, offer: string, response: string, params: string]>([
    // What a server may include without an offer is always allowed                         RFC 7692 §7.1.1.1, §7.1.1.2, §7.1.2.1
    [{ demand: list('sn') }, '', 'sn', 'sn'],
    [{ demand: list('cn') }, '', 'cn', 'cn'],
    [{ serverMaxWindowBits: 10, demand: list('sb') }, '', 'sb=10', 'sb=10'],
    [{ serverMaxWindowBits: 10, demand: list('sb') }, 'sb=9', 'sb=9', 'sb=9'],
    [{ serverMaxWindowBits: 15, demand: list('sb') }, '', 'sb=15', ''],
    [{ clientMaxWindowBits: 10, demand: list('cb') }, 'cb', 'cb=10', 'cb=10'],
    [{ clientMaxWindowBits: 10, demand: list('cb') }, 'cb=9', 'cb=9', 'cb=9'],
    [{ clientMaxWindowBits: 10, demand: list('cb') }, 'cb=12', 'cb=10', 'cb=10'],
    [{ clientMaxWindowBits: 15, demand: list('cb') }, 'cb', 'cb=15', ''],
    // It only permits an answer, and gets none.
    [{ forbid: list('cb') }, 'cb', '', ''],
    [{ forbid: list('sn cn sb cb') }, 'cb', '', ''],
    [{ omit: list('sn cn sb cb') }, 'sn; cn; sb=10; cb=10', 'sn; cn; sb=10; cb=10', 'sn; cn; sb=10; cb=10'],
  ])('with %j, offered %j, answers %j', (preferences, offer, response, params) => {
    const answer = answerDeflateOffer(parse(offer), preferences)
    expect(shorten(answer.response)).toBe(response)
    expect(tell(answer.params)).toBe(params)
    expect(verifyDeflateResponse(answer.response, [parse(offer)])).toEqual(answer.params)
  })

  it.each<[preferences: DeflatePreferences, offer: string, message: string, section: string]>([
    [
      { clientMaxWindowBits: 10, demand: list('cb') },
      'sn',
      'no client_max_window_bits, which `demand` lists',
      '§7.1.2.2',
    ],
    [{ forbid: list('sn') }, 'sn', 'server_no_context_takeover, which `forbid` lists', '§7.1.1.1'],
    [{ forbid: list('cn') }, 'cn', 'client_no_context_takeover, which `forbid` lists', '§7.1.1.2'],
    [{ forbid: list('sb') }, 'sb=15', 'server_max_window_bits, which `forbid` lists', '§7.1.2.1'],
    [{ forbid: list('cb') }, 'cb=12', 'client_max_window_bits, which `forbid` lists', '§7.1.2.2'],
  ])('with %j declines %j, and reports why', (preferences, offer, message, section) => {
    const error = attempt(() => answerDeflateOffer(parse(offer), preferences))
    expect(error).toMatchObject({
      code: 'extension',
      message: `permessage-deflate offer: ${message}`,
      reference: `RFC 7692 ${section}`,
    })
    const { params, response, declined } = negotiateDeflate([named(parse(offer)), named(parse('cb'))], preferences)
    expect(declined).toEqual([error])
    expect(params).toEqual(answerDeflateOffer(parse('cb'), preferences).params)
    expect(response?.name).toBe(DEFLATE_NAME)
  })
})

describe('a client', () => {
  it.each<[preferences: DeflatePreferences, offers: string[]]>([
    [{ serverMaxWindowBits: 10 }, ['sb=10; cb', 'cb']],
    [{ serverMaxWindowBits: 10, demand: list('sb') }, ['sb=10; cb']],
    [{ serverMaxWindowBits: 10, serverNoContextTakeover: true, demand: list('sb') }, ['sn; sb=10; cb', 'sb=10; cb']],
    [{ serverMaxWindowBits: 10, serverNoContextTakeover: true, demand: list('sn') }, ['sn; sb=10; cb', 'sn; cb']],
    [{ demand: list('sn') }, ['sn; cb']],
    [{ demand: list('cn') }, ['cn; cb']],
    [{ clientMaxWindowBits: 10, demand: list('cb') }, ['cb=10']],
    [{ omit: list('cb') }, ['']],
    [{ forbid: list('cb') }, ['']],
    [{ clientMaxWindowBits: 10, clientNoContextTakeover: true, omit: list('cb cn') }, ['']],
    [{ serverMaxWindowBits: 10, serverNoContextTakeover: true, omit: list('sn sb') }, ['cb']],
  ])('with %j offers %j', (preferences, offers) => {
    expect(offerDeflate(preferences).map(shorten)).toEqual(offers)
  })

  it('offers what it demands, even if its compressor supports only the largest window', () => {
    const preferences: DeflatePreferences = { clientMaxWindowBits: 15, demand: list('cb') }
    const capabilities = { minWindowBits: 15 }
    const offers = offerDeflate(preferences, capabilities)
    expect(offers.map(shorten)).toEqual(['cb'])
    expect(tell(verifyDeflateResponse(parse('cb=15'), offers, capabilities, preferences))).toBe('')
    expect(attempt(() => verifyDeflateResponse(parse('cb=14'), offers, capabilities, preferences))).toBeInstanceOf(
      ProtocolError,
    )
    expect(offerDeflate({}, capabilities).map(shorten)).toEqual([''])
  })

  it.each<[preferences: DeflatePreferences, response: string, message: string, section: string]>([
    [{ demand: list('cn') }, '', 'no client_no_context_takeover, which `demand` lists', '§7.1.1.2'],
    [
      { clientMaxWindowBits: 10, demand: list('cb') },
      '',
      'no client_max_window_bits, which `demand` lists',
      '§7.1.2.2',
    ],
    [{ serverMaxWindowBits: 10, demand: list('sb') }, '', 'no server_max_window_bits, 10 or less', '§7.1.2.1'],
    [{ serverMaxWindowBits: 10, demand: list('sb') }, 'sb=11', 'server_max_window_bits=11, 10 or less', '§7.1.2.1'],
    [{ forbid: list('sn') }, 'sn', 'server_no_context_takeover, which `forbid` lists', '§7.1.1.1'],
    [{ forbid: list('cn') }, 'cn', 'client_no_context_takeover, which `forbid` lists', '§7.1.1.2'],
    [{ forbid: list('sb') }, 'sb=15', 'server_max_window_bits, which `forbid` lists', '§7.1.2.1'],
    [{ forbid: list('cb') }, 'cb=15', 'client_max_window_bits=15, which was not offered', '§7.1.2.2'],
    [{ omit: list('cb') }, 'cb=15', 'client_max_window_bits=15, which was not offered', '§7.1.2.2'],
  ])('with %j, answered %j, fails the handshake', (preferences, response, message, section) => {
    const error = attempt(() => verifyDeflateResponse(parse(response), offerDeflate(preferences), {}, preferences))
    expect(error).toMatchObject({ code: 'extension', reference: `RFC 7692 ${section}` })
    expect((error as ProtocolError).message).toContain(`permessage-deflate response: ${message}`)
  })

  it('enforces `demand` even if it was not in the offer', () => {
    const preferences: DeflatePreferences = { serverMaxWindowBits: 10, demand: ['serverMaxWindowBits'] }
    expect(attempt(() => verifyDeflateResponse(parse('sb=12'), [parse('')], {}, preferences))).toMatchObject({
      message: 'permessage-deflate response: server_max_window_bits=12, `demand` allows 10',
    })
    expect(verifyDeflateResponse(parse('sb=9'), [parse('')], {}, preferences).serverMaxWindowBits).toBe(9)
  })

  it('applies its own preferences even if it omits them from the offer', () => {
    const preferences: DeflatePreferences = {
      clientMaxWindowBits: 10,
      clientNoContextTakeover: true,
      omit: list('cb cn'),
    }
    expect(tell(verifyDeflateResponse([], offerDeflate(preferences), {}, preferences))).toBe('cn; cb=10')
    expect(tell(verifyDeflateResponse([], offerDeflate(preferences), { minWindowBits: 12 }, preferences))).toBe(
      'cn; cb=12',
    )
  })
})

it('a demanded window that the server ignores fails the handshake', () => {
  const extensions = [permessageDeflate({ codec: pako, serverMaxWindowBits: 10, demand: ['serverMaxWindowBits'] })]
  const offer = offerHandshake('ws://localhost/', { extensions })
  const accepted = acceptHandshake(offer.request, { extensions: [permessageDeflate({ codec: pako })] })
  expect(accepted.response.headers).toContainEqual([
    'Sec-WebSocket-Extensions',
    'permessage-deflate; server_max_window_bits=10',
  ])
  expect(verifyHandshake(accepted.response, offer)).toMatchObject({ ok: true })
  const headers = accepted.response.headers.map(([name, value]): [string, string] => [
    name,
    value.replace('; server_max_window_bits=10', ''),
  ])
  const verified = verifyHandshake({ ...accepted.response, headers }, offer)
  expect(verified.ok).toBe(false)
})

describe('contradictions', () => {
  const oneOf =
    "`demand`, `forbid` or `omit` must be 'serverNoContextTakeover' or 'clientNoContextTakeover' or 'serverMaxWindowBits' or 'clientMaxWindowBits', not"
  it.each<[preferences: DeflatePreferences, message: string]>([
    [{ demand: list('sn'), forbid: list('sn') }, '`demand` lists `serverNoContextTakeover`, which `forbid` lists too'],
    [{ demand: list('cn'), omit: list('cn') }, '`demand` lists `clientNoContextTakeover`, which `omit` lists too'],
    [
      { demand: list('sn'), serverNoContextTakeover: false },
      '`demand` lists `serverNoContextTakeover`, which is false',
    ],
    [{ forbid: list('cn'), clientNoContextTakeover: true }, '`forbid` lists `clientNoContextTakeover`, which is true'],
    [{ forbid: list('sb'), serverMaxWindowBits: 14 }, '`forbid` lists `serverMaxWindowBits`, which is 14'],
    [{ demand: list('cb') }, '`demand` lists `clientMaxWindowBits`, which is undefined'],
    [{ demand: 'serverMaxWindowBits' as never }, '`demand` must be an array, not a string'],
    [{ forbid: ['server_max_window_bits' as never] }, `${oneOf} "server_max_window_bits"`],
    [{ omit: [null as never] }, `${oneOf} null`],
  ])('%j', (preferences, message) => {
    const error = new TypeError(message)
    expect(() => offerDeflate(preferences)).toThrow(error)
    expect(() => answerDeflateOffer([], preferences)).toThrow(error)
    expect(() => negotiateDeflate([], preferences)).toThrow(error)
    expect(() => verifyDeflateResponse([], [[]], {}, preferences)).toThrow(error)
    expect(() => permessageDeflate({ codec: pako, ...preferences })).toThrow(error)
  })

  it('a demand that our own compressor does not support', () => {
    const capabilities = { minWindowBits: 9 }
    const server: DeflatePreferences = { serverMaxWindowBits: 8, demand: ['serverMaxWindowBits'] }
    const client: DeflatePreferences = { clientMaxWindowBits: 8, demand: ['clientMaxWindowBits'] }
    const error = (name: string) => new RangeError(`\`${name}\` must be 9 or more for this codec, not 8`)
    expect(() => negotiateDeflate([], server, capabilities)).toThrow(error('serverMaxWindowBits'))
    expect(() => answerDeflateOffer([], server, capabilities)).toThrow(error('serverMaxWindowBits'))
    expect(() => offerDeflate(client, capabilities)).toThrow(error('clientMaxWindowBits'))
    // The other side's compressor is not ours.
    expect(offerDeflate(server, capabilities).map(shorten)).toEqual(['sb=8; cb'])
    expect(tell(answerDeflateOffer(parse('cb'), client, capabilities).params)).toBe('cb=8')
  })
})

describe('of any two sides', () => {
  const names = Object.keys(deflateParams) as DeflateParam[]
  const some = fc.subarray(names)
  const bits = fc.integer({ min: 8, max: 15 })
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
  const preferences = fc
    .record({
      serverNoContextTakeover: maybe(fc.boolean()),
      clientNoContextTakeover: maybe(fc.boolean()),
      serverMaxWindowBits: maybe(bits),
      clientMaxWindowBits: maybe(bits),
      demand: some,
      forbid: some,
      omit: some,
    })
    .filter((given) => {
      try {
        offerDeflate(given)
        return true
      } catch {
        return false
      }
    })
  const travel = (entries: readonly { name: string; params: ExtensionParams }[]) =>
    parseExtensions(formatExtensions(entries))

  it('both agree on the same parameters or on none; demands are met, and forbidden parameters never appear', () => {
    let agreed = 0
    fc.assert(
      fc.property(preferences, preferences, (client, server) => {
        const offers = travel(offerDeflate(client).map(named))
        const sent = offers.map((offer) => offer.params)
        saysNone(sent.flat(), [...client.forbid, ...client.omit])
        const { params, response, declined } = negotiateDeflate(offers, server)
        if (params === undefined) {
          expect(declined).toHaveLength(offers.length)
          return
        }
        const answered = travel([response])[0]?.params ?? []
        keeps(answered, params, server)
        const verified = attempt(() => verifyDeflateResponse(answered, sent, {}, client))
        // The error fails the handshake: neither side has an agreement.
        if (verified instanceof ProtocolError) return
        agreed++
        keeps(answered, verified, client)
        expect(verified.clientMaxWindowBits).toBeLessThanOrEqual(params.clientMaxWindowBits)
        expect(withoutSecrets(verified, params, client)).toEqual(params)
      }),
      { numRuns: runs(100, 1000) },
    )
    expect(agreed).toBeGreaterThan(runs(30, 300))
  })

  function saysNone(said: ExtensionParams, names: readonly DeflateParam[]): void {
    for (const name of names) expect(said.map(([onWire]) => onWire)).not.toContain(deflateParams[name].onWire)
  }

  /** A client may restrict itself without saying so, which is stricter than what the server knows. */
  function withoutSecrets(own: DeflateParams, known: DeflateParams, { omit = [] }: DeflatePreferences): DeflateParams {
    const both = { ...own }
    if (omit.includes('clientNoContextTakeover')) both.clientNoContextTakeover = known.clientNoContextTakeover
    if (omit.includes('clientMaxWindowBits')) both.clientMaxWindowBits = known.clientMaxWindowBits
    return both
  }

  function keeps(answered: ExtensionParams, params: DeflateParams, side: DeflatePreferences): void {
    saysNone(answered, side.forbid ?? [])
    for (const name of side.demand ?? [])
      expect(answered.map(([onWire]) => onWire)).toContain(deflateParams[name].onWire)
    holds(params, side)
  }

  function holds(params: DeflateParams, side: DeflatePreferences): void {
    for (const name of side.demand ?? []) {
      const [is, most] = [params[name], side[name]]
      if (typeof is === 'number') expect(is).toBeLessThanOrEqual(most as number)
      else expect(is).toBe(true)
    }
    for (const name of side.forbid ?? []) expect([false, 15]).toContain(params[name])
  }
})

it('returns fresh offers: changing them has no effect', () => {
  const extension = permessageDeflate({ codec: pako, serverMaxWindowBits: 10 })
  const first = extension.offer() as ExtensionParams[]
  const before = structuredClone(first)
  for (const params of first) {
    for (const param of params) param[0] = 'x'
    params.push(['y', true])
  }
  first.length = 0
  expect(extension.offer()).toEqual(before)
})
