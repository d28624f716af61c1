/** Tests which fields are specific to one HTTP/1.1 connection. */

import { expect, it } from 'vitest'
import { findConnectionFields } from '../../src/http/hop-by-hop.ts'

it.each<[name: string, value: string, found: string[]]>([
  ['Connection', 'close', ['connection']],
  ['KEEP-ALIVE', '', ['keep-alive']],
  ['proxy-connection', 'x', ['proxy-connection']],
  ['Transfer-Encoding', 'chunked', ['transfer-encoding']],
  ['upgrade', 'websocket', ['upgrade']],
  ['TE', 'gzip', ['te']],
  ['te', 'trailers, gzip', ['te']],
  ['te', '', ['te']],
  ['te', 'Trailers', []],
  ['host', 'a', []],
  ['connection2', 'a', []],
  ['http2-settings', 'a', []],
])('%s: %s', (name, value, found) => {
  expect(
    findConnectionFields([
      ['a', 'b'],
      [name, value],
    ]),
  ).toEqual(found)
})

it('returns each name once, and both of two names', () => {
  const fields = [
    ['te', 'trailers'],
    ['te', 'x'],
    ['Upgrade', ''],
    ['upgrade', ''],
    ['connection', ''],
  ] as const
  expect(findConnectionFields(fields)).toEqual(['connection', 'upgrade', 'te'])
})
