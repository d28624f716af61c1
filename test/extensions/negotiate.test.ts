/** Agreement on any number of extensions: the order, the accepted offer, one extension per RSV bit. */

import { describe, expect, it } from 'vitest'
import { defineExtension } from '../../src/extensions/define.ts'
import { type DefinedExtension, type Extension, getParam } from '../../src/extensions/extension.ts'
import { acceptExtensions, offerExtensions, verifyExtensions } from '../../src/extensions/negotiate.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { Rsv } from '../../src/registry/websocket.ts'

/** A made-up extension that accepts offers whose `level` is at most its own. */
function leveled(name: string, rsv: number, level: number): DefinedExtension<{ level: string }> {
  const take = (value: string | true | undefined) =>
    typeof value === 'string' && value <= String(level) ? value : undefined
  return defineExtension({
    name,
    rsv,
    offer: () => [{ level: 9 }, { level }],
    accept(offer) {
      const agreed = take(getParam(offer, 'level'))
      return agreed === undefined ? undefined : { params: { level: agreed }, response: { level: agreed } }
    },
    verify(response, offers) {
      const agreed = getParam(response, 'level')
      return offers.some((offer) => getParam(offer, 'level') === agreed) ? { level: String(agreed) } : undefined
    },
    open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
  })
}

const a = leveled('x-a', Rsv.RSV2, 5)
const b = leveled('x-b', Rsv.RSV3, 5)
const rival = leveled('x-rival', Rsv.RSV2, 5)

describe('a server', () => {
  it.each<[string, readonly DefinedExtension[], string[]]>([
    ['x-a; level=3', [a], ['x-a 3']],
    ['x-a; level=9, x-a; level=4, x-a; level=1', [a], ['x-a 4']],
    ['x-b; level=1, x-a; level=1', [a, b], ['x-b 1', 'x-a 1']],
    ['x-a; level=1, x-rival; level=1, x-b; level=1', [rival, b, a], ['x-a 1', 'x-b 1']],
    ['x-unknown, X-A; level=1', [a], []],
    ['x-a; level=9', [a], []],
    ['x-a; level=1', [], []],
  ])('%s', (offered, extensions, agreed) => {
    const accepted = acceptHandshake(
      { ...request, headers: { ...request.headers, 'sec-websocket-extensions': offered } },
      { extensions },
    )
    if (!accepted.ok) throw accepted.errors[0]
    expect(accepted.extensions.map(({ name, params }) => `${name} ${(params as { level: string }).level}`)).toEqual(
      agreed,
    )
    const field = agreed.map((text) => text.replace(' ', '; level=')).join(', ')
    expect(accepted.agreedHeaders).toEqual(agreed.length === 0 ? [] : [['Sec-WebSocket-Extensions', field]])
    expect(accepted.response.headers.slice(3)).toEqual(accepted.agreedHeaders)
    expect(JSON.parse(JSON.stringify(accepted.extensions))).toEqual(accepted.extensions)
  })

  it('answers a malformed list with 400, whether it has extensions or not', () => {
    for (const text of ['@', 'a;', ', ,', 'a; b="c, ;;=@'])
      expect(
        acceptHandshake({ ...request, headers: { ...request.headers, 'sec-websocket-extensions': text } }),
      ).toMatchObject({
        ok: false,
        isWebSocketRequest: true,
        errors: [{ code: 'extension-syntax', status: 400, reference: 'RFC 6455 §9.1' }],
        response: { status: 400 },
      })
  })
})

const request = {
  method: 'GET',
  target: '/',
  httpVersion: '1.1' as const,
  headers: {
    host: 'a',
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
}

describe('a client', () => {
  it('offers every alternative, in order', () => {
    expect(offerExtensions([a, b]).entries).toEqual([
      { name: 'x-a', params: [['level', '9']] },
      { name: 'x-a', params: [['level', '5']] },
      { name: 'x-b', params: [['level', '9']] },
      { name: 'x-b', params: [['level', '5']] },
    ])
    const { request: head } = offerHandshake('ws://a/', { extensions: [a] })
    expect(head.headers).toContainEqual(['Sec-WebSocket-Extensions', 'x-a; level=9, x-a; level=5'])
  })

  it.each<[string, string, string]>([
    ['x-c', 'extension', 'RFC 6455 §4.1'],
    ['x-a; level=7', 'extension', 'RFC 6455 §9.1'],
    ['x-a; level=5, x-a; level=5', 'extension', 'RFC 6455 §9.1'],
    ['x-a; level=5, x-rival; level=5', 'extension', 'RFC 6455 §9.1'],
    ['x-a; level="', 'extension-syntax', 'RFC 6455 §9.1'],
    [',', 'extension-syntax', 'RFC 6455 §9.1'],
  ])('fails on %s', (answered, code, reference) => {
    const offer = offerHandshake('ws://a/', { extensions: [a, rival], key: 'dGhlIHNhbXBsZSBub25jZQ==' })
    expect(verifyHandshake({ status: 101, headers: answer(answered) }, offer)).toMatchObject({
      ok: false,
      kind: 'invalid',
      errors: [{ code, reference }],
    })
  })

  it('agrees with a server’s answer to its offer', () => {
    const offer = offerHandshake('ws://a/', { extensions: [a, b] })
    const accepted = acceptHandshake(offer.request, { extensions: [b, a] })
    if (!accepted.ok) throw accepted.errors[0]
    const verified = verifyHandshake(accepted.response, offer)
    expect(verified).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions: accepted.extensions })
    expect(acceptExtensions(offerExtensions([a, b]).entries, [a]).agreed).toEqual([
      { name: 'x-a', params: { level: '5' } },
    ])
    expect(verifyExtensions([], [a], [])).toEqual([])
  })
})

describe('an extension that was not sent', () => {
  const silent = defineExtension({
    ...a,
    name: 'x-silent',
    offer: () => [],
    verify: () => null as never,
    accept: () => undefined,
  })
  it('is not agreed on, even if its object is listed (RFC 6455 §4.1)', () => {
    const offer = offerHandshake('ws://a/', { extensions: [silent], key: 'dGhlIHNhbXBsZSBub25jZQ==' })
    expect(verifyHandshake({ status: 101, headers: answer('x-silent') }, offer)).toMatchObject({
      ok: false,
      errors: [
        {
          code: 'extension',
          reference: 'RFC 6455 §4.1',
          message: 'the 101 names "x-silent", which was not offered',
        },
      ],
    })
  })
  it('is compared with the request that was sent, not with what would be sent now', () => {
    let level = 0
    const changing = defineExtension({ ...a, offer: () => [{ level: ++level }] })
    const offer = offerHandshake('ws://a/', { extensions: [changing], key: 'dGhlIHNhbXBsZSBub25jZQ==' })
    expect(verifyHandshake({ status: 101, headers: answer('x-a; level=1') }, offer)).toMatchObject({ ok: true })
    expect(level).toBe(1)
  })
})

describe('the caller’s mistakes', () => {
  const both = (extensions: readonly Extension[], message: string) => {
    const options = { extensions: extensions as readonly DefinedExtension[] }
    expect(() => offerHandshake('ws://a/', options)).toThrow(new TypeError(message))
    // Even if no client offers an extension.
    expect(() => acceptHandshake(request, options)).toThrow(new TypeError(message))
  }
  it('are two extensions with one name', () => {
    both([a, defineExtension({ ...b, name: 'x-a' })], 'two extensions are named x-a')
  })
  it('are extensions that were not defined, or copied with changes', () => {
    const message = 'must be a result of defineExtension, not an object'
    both([b, { ...a }], `\`extensions[1]\` ${message}`)
  })
  it('are promises as answers', () => {
    const later = defineExtension({ ...a, accept: async () => undefined, verify: async () => undefined } as never)
    const headers = { ...request.headers, 'sec-websocket-extensions': 'x-a' }
    expect(() => acceptHandshake({ ...request, headers }, { extensions: [later] })).toThrow(/promise/)
    const offer = offerHandshake('ws://a/', { extensions: [later], key: 'dGhlIHNhbXBsZSBub25jZQ==' })
    expect(() => verifyHandshake({ status: 101, headers: answer('x-a') }, offer)).toThrow(/promise/)
  })
})

it('quotes the answer and the offers in the error for an answer that fits no offer', () => {
  const offer = offerHandshake('ws://a/', { extensions: [a], key: 'dGhlIHNhbXBsZSBub25jZQ==' })
  const rejected = verifyHandshake({ status: 101, headers: answer('x-a; level=7') }, offer)
  expect(!rejected.ok && rejected.errors[0].message).toBe(
    'the 101 names "x-a; level=7", which fits none of the offers (x-a; level=9, x-a; level=5)',
  )
})

function answer(extensions: string): Record<string, string> {
  return {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'sec-websocket-extensions': extensions,
  }
}
