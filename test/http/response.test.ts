/** Tests response heads from every source, and short responses. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import {
  createAnswer,
  type ResponseSource,
  reasonPhrase,
  refuseUnreadable,
  responseHeadFrom,
} from '../../src/http/response.ts'

describe('responseHeadFrom', () => {
  it('reads a ResponseLike', () => {
    expect(responseHeadFrom({ status: 101, headers: { upgrade: 'websocket' } })).toEqual({
      status: 101,
      reason: '',
      httpVersion: '1.1',
      headers: [['upgrade', 'websocket']],
    })
    expect(responseHeadFrom({ status: 404, reason: 'No', httpVersion: '1.0' })).toEqual({
      status: 404,
      reason: 'No',
      httpVersion: '1.0',
      headers: [],
    })
    for (const status of [0, 99, 1000, -1, 200.5, Number.NaN]) expect(responseHeadFrom({ status }).status).toBe(0)
  })
  it('reads Node’s IncomingMessage', () => {
    expect(responseHeadFrom({ statusCode: 101, httpVersion: '1.1', rawHeaders: ['A', '1', 'a', '2'] })).toEqual({
      status: 101,
      reason: '',
      httpVersion: '1.1',
      headers: [
        ['A', '1'],
        ['a', '2'],
      ],
    })
    expect(responseHeadFrom({ rawHeaders: [] })).toMatchObject({ status: 0, httpVersion: 'unknown' })
    expect(responseHeadFrom({ httpVersion: '1.0', rawHeaders: [] }).httpVersion).toBe('1.0')
  })
  it('reads a Fetch Response', () => {
    const headers = new Headers([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    expect(responseHeadFrom(new Response('x', { status: 403, statusText: 'No', headers }))).toEqual({
      status: 403,
      reason: 'No',
      httpVersion: 'unknown',
      headers: [
        ['content-type', 'text/plain;charset=UTF-8'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    })
    expect(responseHeadFrom(Response.error()).status).toBe(0)
    const strange = { status: 200, statusText: 'a\r\nb: c', headers: new Headers() }
    expect(responseHeadFrom(strange).reason).toBe('')
  })
  it('reads a header object of node:http2, whose fields may have any name', () => {
    const fields = { status: '500', fields: 'a', rawHeaders: 'b', headers: 'c', 'set-cookie': ['d=1', 'e=2'] }
    const source = { ':status': 200, ...fields } as ResponseSource
    const headers = [...Object.entries(fields).slice(0, 4), ['set-cookie', 'd=1'], ['set-cookie', 'e=2']]
    expect(responseHeadFrom(source)).toEqual({ status: 200, reason: '', httpVersion: '2', headers })
  })
  it.each<[number | string | undefined, number]>([
    [200, 200],
    ['204', 204],
    ['099', 0],
    [99, 0],
    [1000, 0],
    [undefined, 0],
    ['', 0],
    ['20', 0],
    ['2000', 0],
    ['2e2', 0],
    ['+20', 0],
    [' 20', 0],
  ])('reads :status %j as %i', (status, expected) => {
    expect(responseHeadFrom({ ':status': status }).status).toBe(expected)
  })
  it('reads a field section', () => {
    const fields = [
      [':status', '404'],
      ['x-a', '1'],
    ] as const
    expect(responseHeadFrom({ httpVersion: '3', fields })).toEqual({
      status: 404,
      reason: '',
      httpVersion: '3',
      headers: [['x-a', '1']],
    })
    expect(responseHeadFrom({ httpVersion: '2', fields: [] }).status).toBe(0)
    expect(() => responseHeadFrom({ httpVersion: '2', fields: [[':method', 'GET']] })).toThrow(ProtocolError)
  })
})

it('reasonPhrase returns the registered phrase, or an empty one', () => {
  expect([101, 426, 599].map(reasonPhrase)).toEqual(['Switching Protocols', 'Upgrade Required', ''])
})

describe('createAnswer', () => {
  const type = ['Content-Type', 'text/plain; charset=utf-8']
  it('describes its body', () => {
    expect(createAnswer(403, [['A', 'b']], 'no\n')).toEqual({
      status: 403,
      reason: 'Forbidden',
      headers: [['A', 'b'], type],
      body: 'no\n',
    })
  })
  it('adds nothing for an empty body, and keeps a given type', () => {
    expect(createAnswer(404, [], '').headers).toEqual([])
    expect(createAnswer(404, [['content-TYPE', 'text/html']], 'a').headers).toEqual([['content-TYPE', 'text/html']])
    expect(createAnswer(404, [], new Uint8Array(3)).headers).toEqual([])
  })
  it('in a response to HEAD keeps the fields that describe the body and drops the body (RFC 9110 §8.6, §9.3.2)', () => {
    expect(createAnswer(404, [], 'né\n', 'HEAD')).toMatchObject({ headers: [type, ['Content-Length', '4']], body: '' })
    expect(createAnswer(404, [], new Uint8Array(3), 'HEAD')).toMatchObject({
      headers: [['Content-Length', '3']],
      body: '',
    })
    expect(createAnswer(404, [], '', 'HEAD')).toMatchObject({ headers: [], body: '' })
    expect(createAnswer(404, [], 'a', 'head').body).toBe('a')
  })
  it('fits a Fetch Response', async () => {
    const answer = createAnswer(403, [['Connection', 'close']], 'no\n')
    const response = new Response(answer.body, answer)
    expect([response.status, await response.text()]).toEqual([403, 'no\n'])
  })
})

it('refuseUnreadable closes the connection, with the status of the error or 400', () => {
  const refused = refuseUnreadable([new ProtocolError('head-syntax', 'bad', { status: 431 })])
  expect(refused).toMatchObject({ ok: false, isWebSocketRequest: true, response: { status: 431, body: 'bad\n' } })
  expect(refused.response.headers[0]).toEqual(['Connection', 'close'])
  expect(refuseUnreadable([new ProtocolError('head-syntax', 'bad')]).response.status).toBe(400)
  expect(refuseUnreadable([new ProtocolError('target', 'bad')], true, 'HEAD').response).toMatchObject({
    headers: [['Connection', 'close'], expect.anything(), ['Content-Length', '4']],
    body: '',
  })
  // In HTTP/2 and HTTP/3, the stream ends anyway.
  const { headers } = refuseUnreadable([new ProtocolError('pseudo-header', 'bad')], false).response
  expect(headers.map(([name]) => name)).toEqual(['Content-Type'])
})
