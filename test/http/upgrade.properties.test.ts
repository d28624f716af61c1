/** Tests that both sides of an upgrade agree on any offer and in any chunking. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRequestHead, formatResponse } from '../../src/http/head-format.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { isProtocol, parseUpgrade, requireProtocol, upgradeHeaders } from '../../src/http/upgrade.ts'
import { verifyUpgrade } from '../../src/http/upgrade-client.ts'
import { expectsContinue, selectUpgrade, switchingProtocols, upgradeRequired } from '../../src/http/upgrade-server.ts'
import { runs } from '../share.ts'
import { concat } from '../wire.ts'

const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const token = fc.string({ unit: fc.constantFrom(...tchars), minLength: 1, maxLength: 8 })
const name = fc.oneof(token, fc.constantFrom('foo', 'FOO', 'bar', '__proto__', 'h2c'))
const version = fc.oneof(token, fc.constantFrom('1', '2', '1.0'))
const protocol = fc.oneof(
  name,
  fc.tuple(name, version).map((parts) => parts.join('/')),
)
const offered = fc.uniqueArray(protocol, { minLength: 1, maxLength: 6 })
const prefer = fc.constantFrom('client' as const, 'server' as const)

/** Parses a head in chunks of a given size. */
function read<Result>(
  parser: { push(chunk: Uint8Array): Result | undefined },
  bytes: Uint8Array,
  size: number,
): Result {
  for (let at = 0; at < bytes.length; at += size) {
    const result = parser.push(bytes.slice(at, at + size))
    if (result !== undefined) return result
  }
  throw new Error('not read')
}

function readRequest(list: readonly string[], waits: boolean, size: number) {
  const expected: [string, string][] = waits ? [['Expect', '100-continue']] : []
  const headers = [['Host', 'a'] as [string, string], ...upgradeHeaders(list), ...expected]
  const parsed = read(new RequestHeadParser(), formatRequestHead({ method: 'GET', target: '/', headers }), size)
  if (!parsed.ok) throw new Error('not read')
  return parsed.head
}

const readResponse = (bytes: Uint8Array, size: number) => read(new ResponseHeadParser(), bytes, size)

describe('the protocols of a switch', () => {
  it('are those that the server selected from the offer', () => {
    const isSupported = fc.func(fc.boolean())
    const sizes = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(offered, isSupported, prefer, fc.boolean(), sizes, (offered, isSupported, prefer, waits, size) => {
        const head = readRequest(offered, waits, size)
        expect(parseUpgrade(head.headers)).toEqual(offered.map(requireProtocol))
        expect(expectsContinue(head)).toBe(waits)

        // Some offered protocols, with the same spelling, and one that was not offered.
        const supported = [...offered.filter((entry) => isSupported(entry)).toReversed(), 'not/offered']
        const chosen = selectUpgrade(head, supported, { prefer })
        expect(chosen === undefined).toBe(supported.length === 1)
        if (chosen === undefined) return
        if (prefer === 'server') expect(chosen).toBe(supported[0])

        const bytes = formatResponse(switchingProtocols(chosen, [], expectsContinue(head)))
        const answer = readResponse(concat(bytes, Uint8Array.of(1, 2, 3)), bytes.length + 3)
        expect(answer).toMatchObject({ ok: true, rest: Uint8Array.of(1, 2, 3) })
        const outcome = verifyUpgrade(readResponse(bytes, size), offered)
        if (outcome.kind !== 'switched') throw new Error(JSON.stringify(outcome))
        expect(outcome.protocols.map((text) => requireProtocol(text).version)).toEqual([
          requireProtocol(chosen).version,
        ])
        expect(isProtocol(requireProtocol(chosen), outcome.protocols[0] as string)).toBe(true)
      }),
      { numRuns: runs(150, 500) },
    )
  })
  it('are all layers, in their order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(protocol, { minLength: 1, maxLength: 4, selector: (text) => text.toLowerCase() }),
        (list) => {
          const answer = readResponse(formatResponse(switchingProtocols(list)), 1000)
          expect(verifyUpgrade(answer, list.toReversed())).toEqual({ ok: true, kind: 'switched', protocols: list })
        },
      ),
    )
  })
})

it('a client reads the protocols that a server requires', () => {
  fc.assert(
    fc.property(offered, fc.boolean(), (wanted, keepAlive) => {
      const answer = readResponse(formatResponse(upgradeRequired(wanted, { keepAlive })), 1000)
      expect(verifyUpgrade(answer, ['foo'])).toEqual({
        ok: true,
        kind: 'required',
        status: 426,
        protocols: wanted.map(requireProtocol),
      })
    }),
  )
})

it('neither side accepts a protocol that was not offered', () => {
  fc.assert(
    fc.property(offered, offered, (offered, supported) => {
      const known = (entry: string) => offered.some((text) => isProtocol(requireProtocol(text), entry))
      const chosen = selectUpgrade(readRequest(offered, false, 1000), supported)
      expect(chosen === undefined || known(chosen)).toBe(true)
      expect(chosen !== undefined).toBe(supported.some(known))
      const answer = readResponse(formatResponse(switchingProtocols(supported)), 1000)
      const fits = supported.every((text) => offered.some((entry) => isProtocol(requireProtocol(text), entry)))
      expect(verifyUpgrade(answer, offered).ok).toBe(fits)
    }),
  )
})

it('both sides return a result for any fields', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 24 })
  const field = fc.tuple(fc.constantFrom('Upgrade', 'Connection', 'Expect'), anything)
  fc.assert(
    fc.property(fc.array(field, { maxLength: 5 }), fc.constantFrom(101, 200, 426), (headers, status) => {
      const request = { method: 'GET', target: '/', httpVersion: '1.1' as const, headers }
      expect([undefined, 'foo']).toContain(selectUpgrade(request, ['foo']))
      expect(typeof expectsContinue(request)).toBe('boolean')
      expect(['switched', 'ignored', 'required', 'invalid']).toContain(verifyUpgrade({ status, headers }, ['foo']).kind)
    }),
    { numRuns: runs(150, 500) },
  )
})
