/** Holds what each rule of HTTP/1.1 says of an opening request; which answers are owed shows in the tests of accept. */

import { describe, expect, it } from 'vitest'
import { pickOpeningFields } from '../../src/handshake/opening-fields.ts'
import { upgradeServer } from '../../src/handshake/upgrade-carrier.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { requestHeadFrom } from '../../src/http/request.ts'
import { type Opening, opening } from './opening.ts'

/** What is wrong with an opening request, in words. */
function messages(headers: HeaderRecord, changes: Partial<Opening> = {}): string[] {
  const head = requestHeadFrom(opening(headers, changes))
  return upgradeServer.judge(head, pickOpeningFields(head.headers)).faults.map(({ message }) => message)
}

it('a good request breaks none', () => {
  for (const version of ['1.1', undefined] as const)
    expect(messages({ Upgrade: ['foo/2', 'WebSocket'], Connection: 'keep-alive, Upgrade' }, { version })).toEqual([])
})

describe('the message says what was found and what is expected', () => {
  it.each<[HeaderRecord, Partial<Opening>, string]>([
    [{}, { method: 'POST' }, 'the method is "POST", where GET is expected'],
    [{}, { version: '1.0' }, 'Upgrade counts for nothing in HTTP/1.0; HTTP/1.1 is expected'],
    [{ Upgrade: undefined }, {}, 'the request has no Upgrade, where websocket is expected'],
    [{ Upgrade: ['h2c,', 'websocket/13'] }, {}, 'Upgrade names "h2c, websocket/13", where websocket is expected'],
    [
      { Connection: ['keep-alive', 'close'] },
      {},
      'Connection is "keep-alive, close", where the option upgrade is expected',
    ],
    [{ Connection: undefined }, {}, 'the request has no Connection, where the option upgrade is expected'],
  ])('%j %j', (headers, changes, message) => {
    expect(messages(headers, changes)).toEqual([message])
  })
})

it('a long Upgrade is repeated in part', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `p${i}`).join()
  expect(messages({ Upgrade: names })[0]?.length).toBeLessThan(200)
})

it('a Fetch runtime may leave Connection out', () => {
  expect(messages({ Connection: undefined }, { version: 'unknown' })).toEqual([])
})
