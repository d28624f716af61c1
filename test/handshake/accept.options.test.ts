/** Tests the effect of a server's options: versions, order of subprotocols, a required one, the scheme. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { AcceptOptions } from '../../src/handshake/accept-options.ts'
import { getHeaders, type HeaderRecord } from '../../src/http/headers.ts'
import { opening } from './opening.ts'

function accept(headers: HeaderRecord, options: AcceptOptions) {
  const accepted = acceptHandshake(opening(headers), options)
  if (!accepted.ok) throw accepted.errors[0]
  return accepted
}

/** Returns the status, the codes and one field of a refusal. */
function refuse(headers: HeaderRecord, options: AcceptOptions, name = 'Sec-WebSocket-Version') {
  const refused = acceptHandshake(opening(headers), options)
  if (refused.ok) throw new Error('accepted')
  const codes = refused.errors.map((error) => error.code)
  return [refused.response.status, codes, getHeaders(refused.response.headers, name)]
}

describe('versions', () => {
  const version = (value: string | undefined) => ({ 'Sec-WebSocket-Version': value })
  it('are only 13 by default', () => {
    expect(accept({}, {}).version).toBe(13)
    expect(refuse(version('8'), {})).toEqual([426, ['version'], ['13']])
  })
  it('are all accepted if they are listed', () => {
    for (const listed of [13, 8, 7]) {
      const accepted = accept(version(String(listed)), { versions: [13, 8, 7] })
      expect(accepted.version).toBe(listed)
      // "A server that agrees sends no such field"
      expect(getHeaders(accepted.response.headers, 'Sec-WebSocket-Version')).toEqual([])
    }
  })
  it('are all listed, in order, in every refusal that concerns them', () => {
    const versions = [13, 8, 7]
    expect(refuse(version('14'), { versions })).toEqual([426, ['version'], ['13, 8, 7']])
    expect(refuse(version('x'), { versions })).toEqual([400, ['version'], ['13, 8, 7']])
    expect(refuse(version(undefined), { versions })).toEqual([400, ['version'], ['13, 8, 7']])
    expect(refuse({ Upgrade: undefined }, { versions })).toEqual([426, ['upgrade-missing'], ['13, 8, 7']])
    expect(refuse({ Origin: 'null' }, { versions })).toEqual([403, ['origin'], []])
    const both = { Connection: 'close', ...version('14') }
    expect(refuse(both, { versions })).toEqual([400, ['connection-missing', 'version'], ['13, 8, 7']])
  })
  it('throw for any request if they are invalid', () => {
    for (const versions of [[], [256], [-1], [1.5]])
      for (const asked of ['13', 'x'])
        expect(() => acceptHandshake(opening(version(asked)), { versions })).toThrow(RangeError)
  })
  it('of drafts have a different origin field', () => {
    const draft = { ...version('8'), 'Sec-WebSocket-Origin': 'https://b.example' }
    expect(refuse(draft, { versions: [13, 8] })).toEqual([403, ['origin'], []])
    expect(accept(draft, { versions: [13, 8], origins: ['https://b.example'] }).version).toBe(8)
  })
})

describe('subprotocols', () => {
  const offer = { 'Sec-WebSocket-Protocol': 'v1, v2' }
  const subprotocols = ['v2', 'v1'] as const
  it('follow the client’s order, or the server’s', () => {
    expect(accept(offer, { subprotocols }).subprotocol).toBe('v1')
    expect(accept(offer, { subprotocols, prefer: 'client' }).subprotocol).toBe('v1')
    expect(accept(offer, { subprotocols, prefer: 'server' }).subprotocol).toBe('v2')
  })
  it('may be required', () => {
    const options = { subprotocols, requireSubprotocol: true }
    expect(accept(offer, options).subprotocol).toBe('v1')
    expect(refuse({}, options)).toEqual([400, ['subprotocol'], []])
    expect(refuse({ 'Sec-WebSocket-Protocol': 'V1' }, options)).toEqual([400, ['subprotocol'], []])
    expect(refuse(offer, { ...options, subprotocols: () => undefined })).toEqual([400, ['subprotocol'], []])
  })
  it('cannot be required from an empty list', () => {
    for (const none of [undefined, []])
      expect(() => accept(offer, { subprotocols: none, requireSubprotocol: true })).toThrow(TypeError)
  })
  it('are reported as missing after all other errors', () => {
    const options = { subprotocols, requireSubprotocol: true }
    expect(refuse({ Origin: 'null', 'Sec-WebSocket-Extensions': ';' }, options)).toEqual([
      403,
      ['origin', 'extension-syntax', 'subprotocol'],
      [],
    ])
    // An invalid list is one error, not two.
    expect(refuse({ 'Sec-WebSocket-Protocol': ',' }, options)).toEqual([400, ['subprotocol'], []])
  })
  it('are not chosen by a function for a request that is refused anyway', () => {
    const asked: unknown[] = []
    const options: AcceptOptions = {
      requireSubprotocol: true,
      subprotocols: (offered) => void asked.push(offered),
    }
    expect(refuse({ ...offer, Origin: 'null' }, options)).toEqual([403, ['origin'], []])
    expect(asked).toEqual([])
    expect(refuse(offer, options)).toEqual([400, ['subprotocol'], []])
    expect(asked).toEqual([['v1', 'v2']])
  })
})

it('`scheme` decides which pages are of the same origin', () => {
  expect(refuse({ Origin: 'http://a.example' }, { scheme: 'https' })).toEqual([403, ['origin'], []])
  expect(accept({ Origin: 'https://a.example' }, { scheme: 'https' }).ok).toBe(true)
  expect(accept({ Origin: 'https://x.a.example' }, { origins: ['https://*.a.example'] }).ok).toBe(true)
})

describe('native', () => {
  it('hashes the key with the GUID', () => {
    const hashed: string[] = []
    const sha1 = (text: string) => {
      hashed.push(text)
      return 'abc='
    }
    const accepted = accept({}, { native: { sha1 } })
    expect(getHeaders(accepted.response.headers, 'Sec-WebSocket-Accept')).toEqual(['abc='])
    expect(hashed).toEqual(['dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11'])
  })
  it('is not called for a refusal', () => {
    let calls = 0
    const sha1 = () => {
      calls++
      return 'x'
    }
    expect(refuse({ Origin: 'null' }, { native: { sha1 } })[0]).toBe(403)
    expect(calls).toBe(0)
    expect(accept({}, { native: { sha1 } }).response.headers).toContainEqual(['Sec-WebSocket-Accept', 'x'])
  })
  it('may lack the hash', () => {
    expect(accept({}, { native: {} }).response).toEqual(accept({}, {}).response)
  })
  it('must have only known members, which are functions', () => {
    expect(() => accept({}, { native: { sha: 1 } as never })).toThrow(
      '`native`: unknown option "sha"; did you mean `sha1`?',
    )
    expect(() => accept({}, { native: { sha1: 1 } as never })).toThrow('`native.sha1` must be a function, not a number')
  })
})
