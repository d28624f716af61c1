/** Holds what each rule of HTTP/1.1 says of an opening request; which answers are owed shows in the tests of accept. */

import { describe, expect, it } from 'vitest'
import { checkConnection, checkHttpVersion, checkMethod, checkUpgrade } from '../../src/handshake/opening-rules.ts'

it('a good request breaks none', () => {
  for (const version of ['1.1', undefined] as const) {
    expect(checkHttpVersion(version)).toBeUndefined()
    expect(checkUpgrade(version, ['foo/2', 'WebSocket'])).toBeUndefined()
    expect(checkConnection(version, ['keep-alive, Upgrade'])).toBeUndefined()
  }
  expect(checkMethod('GET')).toBeUndefined()
})

describe('the message says what was found and what is expected', () => {
  it.each([
    [checkHttpVersion('2'), 'HTTP/2 has no Upgrade; HTTP/1.1 is expected'],
    [checkMethod('POST'), 'the method is "POST", where GET is expected'],
    [checkUpgrade('1.0', ['websocket']), 'Upgrade counts for nothing in HTTP/1.0; HTTP/1.1 is expected'],
    [checkUpgrade('1.1', []), 'the request has no Upgrade, where websocket is expected'],
    [checkUpgrade('1.1', ['h2c,', 'websocket/13']), 'Upgrade names "h2c, websocket/13", where websocket is expected'],
    [
      checkConnection('1.1', ['keep-alive', 'close']),
      'Connection is "keep-alive, close", where the option upgrade is expected',
    ],
    [checkConnection('1.1', []), 'the request has no Connection, where the option upgrade is expected'],
  ])('%s', (fault, message) => {
    expect(fault?.message).toBe(message)
  })
})

it('a long Upgrade is repeated in part', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `p${i}`).join()
  expect(checkUpgrade('1.1', [names])?.message.length).toBeLessThan(200)
})

it('a Fetch runtime may leave Connection out', () => {
  expect(checkConnection(undefined, [])).toBeUndefined()
})
