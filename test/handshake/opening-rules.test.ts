/** Holds what each rule of HTTP/1.1 says of an opening request; which answers are owed shows in the tests of accept. */

import { describe, expect, it } from 'vitest'
import { checkConnection, checkHttpVersion, checkMethod, checkUpgrade } from '../../src/handshake/opening-rules.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { requestHeadFrom } from '../../src/http/request.ts'
import { type Opening, opening } from './opening.ts'

const head = (headers: HeaderRecord, changes: Partial<Opening> = {}) => requestHeadFrom(opening(headers, changes))

it('a good request breaks none', () => {
  for (const check of [checkHttpVersion, checkMethod, checkUpgrade, checkConnection])
    expect(check(head({}))).toBeUndefined()
})

describe('the message says what was found and what is expected', () => {
  it.each<[string, ReturnType<typeof head>, typeof checkMethod, string]>([
    ['HTTP/2', head({}, { version: '2' }), checkHttpVersion, 'HTTP/2 has no Upgrade'],
    [
      'HTTP/1.0',
      head({}, { version: '1.0' }),
      checkUpgrade,
      'Upgrade counts for nothing in HTTP/1.0; HTTP/1.1 is expected',
    ],
    ['POST', head({}, { method: 'POST' }), checkMethod, 'the method is "POST", where GET is expected'],
    [
      'no Upgrade',
      head({ Upgrade: undefined }),
      checkUpgrade,
      'the request has no Upgrade, where websocket is expected',
    ],
    [
      'others',
      head({ Upgrade: ['h2c,', 'websocket/13'] }),
      checkUpgrade,
      'Upgrade names "h2c, websocket/13", where websocket is expected',
    ],
    ['no Connection', head({ Connection: 'close' }), checkConnection, 'the request has no Connection: Upgrade'],
  ])('%s', (_, request, check, message) => {
    expect(check(request)?.message).toBe(message)
  })
})

it('a long Upgrade is repeated in part', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `p${i}`).join()
  expect(checkUpgrade(head({ Upgrade: names }))?.message.length).toBeLessThan(200)
})

it('a Fetch runtime may leave Connection out', () => {
  expect(checkConnection(head({ Connection: undefined }, { version: undefined }))).toBeUndefined()
})
