/** Tests that limits are always checked, even if a parser's result does not need them. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import * as http from '../../src/http/index.ts'
import { latin1 } from './head.ts'

const request = (text: string) => new http.RequestHeadParser().push(latin1(text)) as http.ParsedRequest
const parsed = {
  'a request': request('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  'an unreadable request': request('GET /\r\n\r\n'),
}
const response = new http.ResponseHeadParser().push(latin1('HTTP/1.1 403 No\r\n\r\n')) as http.ParsedResponse

type Limited = (limits: never) => unknown
const functions = (given: http.ParsedRequest): Record<string, Limited> => ({
  acceptHandshake: (limits) => acceptHandshake(given, { limits }),
  acceptTunnel: (limits) => http.acceptTunnel(given, { limits }),
  findHostError: (limits) => http.findHostError(given, limits),
  getExtendedConnect: (limits) => http.getExtendedConnect(given, limits),
  selectUpgrade: (limits) => http.selectUpgrade(given, ['foo'], { limits }),
  verifyUpgrade: (limits) => http.verifyUpgrade(response, ['foo'], limits),
})

describe.each(Object.entries(parsed))('%s', (_, given) => {
  it.each(Object.entries(functions(given)))('%s', (_name, call) => {
    expect(() => call({ maxPayload: 5 } as never)).toThrow(
      'unknown option "maxPayload"; did you mean `maxMessageSize`?',
    )
    expect(() => call(5 as never)).toThrow('`limits` must be an object, not 5')
    expect(() => call(null as never)).toThrow('`limits` must be an object, not null')
    expect(() => call({ maxHeadFields: -1 } as never)).toThrow(RangeError)
    expect(() => call({ maxHeadFields: 0 } as never)).not.toThrow()
    expect(() => call(undefined as never)).not.toThrow()
  })
})

it.each<[string, (given: never) => unknown]>([
  ['requestHeadFrom', http.requestHeadFrom],
  ['requestFraming', http.requestFraming],
  ['responseFraming', http.responseFraming],
  ['ResponseBodyReader', (given) => new http.ResponseBodyReader(given)],
])('%s suggests the `head` of a parser’s result', (_, call) => {
  for (const given of [...Object.values(parsed), response])
    expect(() => call(given as never)).toThrow("pass the `head` of a parser's result")
})
