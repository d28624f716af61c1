/** Holds what a response's head is, from our parser or from Node, and what short answers consist of. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { createAnswer, reasonPhrase, refuseUnreadable, responseHeadFrom } from '../../src/http/response.ts'

describe('responseHeadFrom', () => {
  it('a head of one’s own', () => {
    expect(responseHeadFrom({ status: 101, headers: { upgrade: 'websocket' } })).toEqual({
      status: 101,
      reason: '',
      headers: [['upgrade', 'websocket']],
    })
    expect(responseHeadFrom({ status: 404, reason: 'No' })).toEqual({ status: 404, reason: 'No', headers: [] })
  })
  it('Node’s IncomingMessage', () => {
    expect(responseHeadFrom({ statusCode: 101, rawHeaders: ['A', '1', 'a', '2'] })).toEqual({
      status: 101,
      reason: '',
      headers: [
        ['A', '1'],
        ['a', '2'],
      ],
    })
    expect(responseHeadFrom({ rawHeaders: [] }).status).toBe(0)
  })
})

it('reasonPhrase is the registered one, or empty', () => {
  expect([101, 426, 599].map(reasonPhrase)).toEqual(['Switching Protocols', 'Upgrade Required', ''])
})

describe('createAnswer', () => {
  const type = ['Content-Type', 'text/plain; charset=utf-8']
  it('describes its body', () => {
    expect(createAnswer(404, [['A', 'b']], 'no\n')).toEqual({
      status: 404,
      reason: 'Not Found',
      headers: [['A', 'b'], type],
      body: 'no\n',
    })
  })
  it('describes none, and leaves a type that is there', () => {
    expect(createAnswer(404, [], '').headers).toEqual([])
    expect(createAnswer(404, [['content-TYPE', 'text/html']], 'a').headers).toEqual([['content-TYPE', 'text/html']])
  })
  it('fits a Fetch Response', async () => {
    const answer = createAnswer(403, [['Connection', 'close']], 'no\n')
    const response = new Response(answer.body, answer)
    expect([response.status, await response.text()]).toEqual([403, 'no\n'])
  })
})

it('refuseUnreadable closes, with the status of the fault or 400', () => {
  const refused = refuseUnreadable([new ProtocolError('head-syntax', 'bad', { status: 431 })])
  expect(refused).toMatchObject({ ok: false, asked: true, response: { status: 431, body: 'bad\n' } })
  expect(refused.response.headers[0]).toEqual(['Connection', 'close'])
  expect(refuseUnreadable([new ProtocolError('head-syntax', 'bad')]).response.status).toBe(400)
})
