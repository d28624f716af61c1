/** Tests that the function of each source gives the same result as the function for any source, with the same errors. */

import { describe, expect, it } from 'vitest'
import * as http from '../../src/http/index.ts'

const node = { method: 'GET', url: '/a?b', httpVersion: '1.1', rawHeaders: ['Host', 'a'] }
const fetched = new Request('http://a/b?c', { headers: { x: 'y' } })
const http2 = { ':method': 'GET', ':path': '/a', ':authority': 'a', ':scheme': 'https', x: 'y' }
const section = { httpVersion: '3', fields: Object.entries(http2) } as const
const parts = { method: 'GET', target: '/a', headers: { host: 'a' } }

describe('a request', () => {
  it.each<[string, () => unknown, http.RequestSource]>([
    ['Node', () => http.requestFromNode(node), node],
    ['Fetch', () => http.requestFromFetch(fetched), fetched],
    ['HTTP/2', () => http.requestFromHttp2(http2), http2],
    ['a field section', () => http.requestFromFields(section), section],
    ['parts', () => http.requestFromParts(parts), parts],
  ])('from %s', (_, read, source) => {
    expect(read()).toEqual(http.requestHeadFrom(source))
  })
  it('has a limit on its fields', () => {
    expect(() => http.requestFromNode(node, { maxHeadFields: 0 })).toThrow(
      expect.objectContaining({ code: 'too-many', status: 431 }),
    )
  })
  it('with a repeated pseudo-header is malformed, and a HEAD gets a response without a body', () => {
    const twice = { ...http2, ':method': 'HEAD', ':path': ['/a', '/b'] } as never
    expect(() => http.requestFromHttp2(twice)).toThrow(expect.objectContaining({ code: 'pseudo-header', status: 400 }))
    expect(http.acceptTunnel(twice)).toMatchObject({ ok: false, response: { status: 400, body: '' } })
  })
  it.each([null, undefined, 5, 'x', []])('is not read from %j', (value) => {
    for (const read of [http.requestFromNode, http.requestFromFetch, http.requestFromHttp2, http.requestFromFields])
      expect(() => read(value as never)).toThrow(TypeError)
    expect(() => http.requestFromParts(value as never)).toThrow(TypeError)
  })
})

describe('a response', () => {
  const answer = { statusCode: 404, httpVersion: '1.1', rawHeaders: ['A', 'b'] }
  const response = new Response('', { status: 404 })
  const headers = { ':status': '404', a: 'b' }
  const fields = { httpVersion: '2', fields: Object.entries(headers) } as const
  it.each<[string, () => unknown, http.ResponseSource]>([
    ['Node', () => http.responseFromNode(answer), answer],
    ['Fetch', () => http.responseFromFetch(response), response],
    ['HTTP/2', () => http.responseFromHttp2(headers), headers],
    ['a field section', () => http.responseFromFields(fields), fields],
    ['parts', () => http.responseFromParts({ status: 404 }), { status: 404 }],
  ])('from %s', (_, read, source) => {
    expect(read()).toEqual(http.responseHeadFrom(source))
  })
  it('with an invalid field section is malformed', () => {
    const broken = { httpVersion: '2', fields: [[':method', 'GET']] } as const
    expect(() => http.responseFromFields(broken)).toThrow(expect.objectContaining({ code: 'pseudo-header' }))
  })
})
