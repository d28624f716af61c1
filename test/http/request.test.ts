/** Holds that a request's head is the same, whatever read it: our parser's shape, Node's, a Fetch handler's. */

import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type RequestSource, requestHeadFrom } from '../../src/http/request.ts'

const nothing = { protocol: undefined, authority: undefined, scheme: undefined }

describe('requestHeadFrom', () => {
  it('a head of one’s own: fields become a fresh list', () => {
    const headers: [string, string][] = [['Host', 'a']]
    const head = requestHeadFrom({ method: 'GET', target: '/', headers, version: '1.1', scheme: 'https' })
    expect(head).toEqual({ method: 'GET', target: '/', version: '1.1', headers, ...nothing, scheme: 'https' })
    expect(head.headers).not.toBe(headers)
    expect(requestHeadFrom({ method: 'GET', target: '/', headers: { host: 'a' } }).version).toBeUndefined()
  })
  it('Node’s IncomingMessage: rawHeaders, because headers drops and joins', () => {
    const message = new IncomingMessage(new Socket())
    message.method = 'GET'
    message.url = '/chat?a'
    message.httpVersion = '1.1'
    message.headers = { 'sec-websocket-key': 'one' }
    message.rawHeaders = ['Host', 'a', 'Sec-WebSocket-Key', 'one', 'sec-websocket-key', 'two']
    expect(requestHeadFrom(message)).toEqual({
      method: 'GET',
      target: '/chat?a',
      version: '1.1',
      headers: [
        ['Host', 'a'],
        ['Sec-WebSocket-Key', 'one'],
        ['sec-websocket-key', 'two'],
      ],
      ...nothing,
    })
  })
  it.each([
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.2', '1.1'],
    ['2.0', '2'],
  ])('Node’s httpVersion %s is %s', (httpVersion, version) => {
    expect(requestHeadFrom({ httpVersion, rawHeaders: [] })).toEqual({
      method: '',
      target: '',
      version,
      headers: [],
      ...nothing,
    })
  })
  it('a Fetch Request: no version, the path as target, host and scheme from the URL', () => {
    const request = new Request('https://a.example:8443/chat?a=b#c', { headers: { 'X-A': '1' } })
    expect(requestHeadFrom(request)).toEqual({
      method: 'GET',
      target: '/chat?a=b',
      version: undefined,
      headers: [['x-a', '1']],
      protocol: undefined,
      authority: 'a.example:8443',
      scheme: 'https',
    })
  })
  it('a Fetch-like request whose URL is none keeps it as its target', () => {
    const head = requestHeadFrom({ method: 'GET', url: '/chat', headers: new Headers() })
    expect(head).toEqual({ method: 'GET', target: '/chat', version: undefined, headers: [], ...nothing })
  })
  it('headers alone are no request', () => {
    expect(() => requestHeadFrom({ host: 'a' } as unknown as RequestSource)).toThrow(TypeError)
  })
})
