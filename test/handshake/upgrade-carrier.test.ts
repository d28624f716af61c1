/** Tests each rule of HTTP/1.1 for an opening request. The tests of accept cover the responses. */

import { describe, expect, it } from 'vitest'
import { pickOpeningFields } from '../../src/handshake/fields.ts'
import { upgradeServer } from '../../src/handshake/upgrade-carrier.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { requestHeadFrom } from '../../src/http/request.ts'
import { type Opening, opening } from './opening.ts'

/** Returns the messages of the errors of an opening request. */
function messages(headers: HeaderRecord, changes: Partial<Opening> = {}): string[] {
  const head = requestHeadFrom(opening(headers, changes))
  const asking = upgradeServer.judge(head, pickOpeningFields(head.headers))
  if (!asking.isWebSocketRequest) return [asking.error.message]
  return asking.errors.flatMap((error) => (error === undefined ? [] : [error.message]))
}

it('finds no errors in a valid request', () => {
  for (const httpVersion of ['1.1', undefined] as const)
    expect(messages({ Upgrade: ['foo/2', 'WebSocket'], Connection: 'keep-alive, Upgrade' }, { httpVersion })).toEqual(
      [],
    )
})

describe('the message contains the found and the expected value', () => {
  it.each<[HeaderRecord, Partial<Opening>, string]>([
    [{}, { method: 'POST' }, 'expected GET, found "POST"'],
    [{}, { httpVersion: '1.0' }, 'HTTP/1.0 has no Upgrade'],
    [{ Upgrade: undefined }, {}, 'Upgrade is missing, expected websocket'],
    [{ Upgrade: ['h2c,', 'websocket/13'] }, {}, 'Upgrade is "h2c,, websocket/13", expected websocket'],
    [{ Connection: ['keep-alive', 'close'] }, {}, 'Connection is "keep-alive, close", expected upgrade'],
    [{ Connection: undefined }, {}, 'Connection is missing, expected upgrade'],
  ])('%j %j', (headers, changes, message) => {
    expect(messages(headers, changes)).toEqual([message])
  })
})

it('quotes a long Upgrade only in part', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `p${i}`).join()
  expect(messages({ Upgrade: names })[0]?.length).toBeLessThan(200)
})

it('accepts a Fetch Request without Connection', () => {
  expect(messages({ Connection: undefined }, { httpVersion: 'unknown' })).toEqual([])
})
