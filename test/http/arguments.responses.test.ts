/** Tests that the response side rejects a wrong argument with a TypeError or RangeError that names it, never with an engine's message. */

import { describe, expect, it } from 'vitest'
import * as http from '../../src/http/index.ts'

const wrong: readonly [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a text', 'text'],
  ['5', 5],
  ['an array', []],
  ['an object', {}],
  ['a promise', Promise.resolve()],
  ['true', true],
]
/** Messages of JavaScript engines, which do not help a caller. */
const engine =
  /Cannot (read|destructure|convert|use|set)|is not (a function|iterable|defined|an Object|a constructor)|undefined is not|has no property|Invalid (value|array|typed)/

type Call = (value: never) => unknown
/** An argument, the call that passes it, the name in the message, and the values above that are valid for it. */
type Row = readonly [argument: string, call: Call, name: RegExp, right?: readonly string[]]

const request = http.offerTunnel('a.example', 443)
const offered = ['foo'] as const
const head = { status: 200, headers: [] }
const challenge = { 'www-authenticate': 'Basic' }
const options = ['undefined', 'an object'] as const

const rows: readonly Row[] = [
  ['responseFraming(_)', (v) => http.responseFraming(v), /response|status/],
  ['responseFraming(, _)', (v) => http.responseFraming(head, v), /`method`/, ['undefined', 'a text']],
  ['formatResponse(_)', (v) => http.formatResponse(v), /response|status/],
  ['formatResponse({ reason })', (v) => http.formatResponse({ ...head, reason: v }), /reason/, ['undefined', 'a text']],
  ['formatResponse({ body })', (v) => http.formatResponse({ ...head, body: v }), /body/, ['undefined', 'a text']],
  ['formatResponseHead(_)', (v) => http.formatResponseHead(v), /response|status/],
  ['formatResponseHead({ body })', (v) => http.formatResponseHead({ ...head, body: v }), /`body`/, ['undefined']],
  ['toHttp2Headers(_)', (v) => http.toHttp2Headers(v), /head|status/],
  ['offerTunnel(_)', (v) => http.offerTunnel(v, 443), /`hostname`/, ['a text']],
  ['offerTunnel(, _)', (v) => http.offerTunnel('a', v), /`port`/, ['5']],
  ['offerTunnel(,, _)', (v) => http.offerTunnel('a', 443, v), /options of offerTunnel/, options],
  [
    'offerTunnel(,, { credentials })',
    (v) => http.offerTunnel('a', 443, { credentials: v }),
    /`credentials/,
    ['undefined'],
  ],
  ['verifyTunnel(_)', (v) => http.verifyTunnel(v), /response/],
  ['acceptTunnel(_)', (v) => http.acceptTunnel(v), /request/],
  ['acceptTunnel(, _)', (v) => http.acceptTunnel(request, v), /options of acceptTunnel/, options],
  ['acceptTunnel(, { realm })', (v) => http.acceptTunnel(request, { realm: v }), /`realm`/, ['undefined', 'a text']],
  [
    'acceptTunnel(, { authenticate })',
    (v) => http.acceptTunnel(request, { authenticate: v }),
    /`authenticate`/,
    ['undefined'],
  ],
  ['formatBasicCredentials(_)', (v) => http.formatBasicCredentials(v), /`credentials/],
  [
    'formatBasicCredentials({ password })',
    (v) => http.formatBasicCredentials({ username: 'a', password: v }),
    /`credentials.password`/,
    ['a text'],
  ],
  ['parseBasicCredentials(_)', (v) => http.parseBasicCredentials(v), /value of the field/, ['a text']],
  ['formatBasicChallenge(_)', (v) => http.formatBasicChallenge(v), /`realm`/, ['a text']],
  ['verifyConnectSetting(_)', (v) => http.verifyConnectSetting(v), /`value`/, ['undefined', '5']],
  ['verifyConnectSetting(, _)', (v) => http.verifyConnectSetting(1, v), /options of verifyConnectSetting/, options],
  [
    'verifyConnectSetting(, { version })',
    (v) => http.verifyConnectSetting(1, { httpVersion: v }),
    /`httpVersion`/,
    ['undefined'],
  ],
  [
    'verifyConnectSetting(, { previous })',
    (v) => http.verifyConnectSetting(1, { previous: v }),
    /`previous`/,
    ['undefined', 'true'],
  ],
  ['selectStreamEnding(_)', (v) => http.selectStreamEnding(v), /`closed`/],
  ['selectStreamEnding(, _)', (v) => http.selectStreamEnding({ error: undefined }, v), /`httpVersion`/, ['undefined']],
  ['readStreamEnding(_)', (v) => http.readStreamEnding(v), /`errorCode`/, ['undefined', '5']],
  ['readStreamEnding(, _)', (v) => http.readStreamEnding(8, v), /`httpVersion`/, ['undefined']],
  ['parseResponseHead(_)', (v) => http.parseResponseHead(v), /chunk/],
  ['parseResponseHead(, _)', (v) => http.parseResponseHead(new Uint8Array(), v), /`limits`/, options],
  ['new ResponseHeadParser(_)', (v) => new http.ResponseHeadParser(v), /`limits`/, options],
  ['ResponseHeadParser.push(_)', (v) => new http.ResponseHeadParser().push(v), /chunk/],
  ['upgradeHeaders(_)', (v) => http.upgradeHeaders(v), /`protocols`|Upgrade/, ['a text']],
  ['upgradeHeaders([_])', (v) => http.upgradeHeaders([v]), /protocol/, ['a text']],
  ['upgradeHeaders(, _)', (v) => http.upgradeHeaders('foo', v), /connection option/, ['a text']],
  ['switchingProtocols(_)', (v) => http.switchingProtocols(v), /`protocols`|Upgrade/, ['a text']],
  ['switchingProtocols(,, _)', (v) => http.switchingProtocols('foo', [], v), /`continueFirst`/, ['undefined', 'true']],
  ['upgradeRequired(_)', (v) => http.upgradeRequired(v), /`protocols`|Upgrade/, ['a text']],
  ['upgradeRequired(, _)', (v) => http.upgradeRequired('foo', v), /options of upgradeRequired/, options],
  ['refuseUpgrade(_)', (v) => http.refuseUpgrade(v), /`status`|refusal/],
  ['refuseUpgrade(, _)', (v) => http.refuseUpgrade(403, v), /options of refuseUpgrade/, options],
  [
    'refuseUpgrade(, { body })',
    (v) => http.refuseUpgrade(401, { headers: challenge, body: v }),
    /`body`/,
    ['undefined', 'a text'],
  ],
  ['refuseUpgrade(, { method })', (v) => http.refuseUpgrade(403, { method: v }), /`method`/, ['undefined', 'a text']],
  [
    'refuseUpgrade(, { keepAlive })',
    (v) => http.refuseUpgrade(403, { keepAlive: v }),
    /`keepAlive`/,
    ['undefined', 'true'],
  ],
  ['verifyUpgrade(_)', (v) => http.verifyUpgrade(v, offered), /response/],
  ['verifyUpgrade(, _)', (v) => http.verifyUpgrade(head, v), /`offered`/, ['an array']],
  ['verifyUpgrade(, [_])', (v) => http.verifyUpgrade(head, [v]), /protocol/, ['a text']],
  ['relayRefusal(_)', (v) => http.relayRefusal(v), /response/],
  ['relayRefusal(, _)', (v) => http.relayRefusal(head, v), /options of relayRefusal/, options],
  ['relayRefusal(, { body })', (v) => http.relayRefusal(head, { body: v }), /`body`/, ['undefined', 'a text']],
  ['relayRefusal(, { version })', (v) => http.relayRefusal(head, { httpVersion: v }), /`httpVersion`/, ['undefined']],
  ['relayRefusal(, { method })', (v) => http.relayRefusal(head, { method: v }), /`method`/, ['undefined', 'a text']],
  ['new ResponseBodyReader(_)', (v) => new http.ResponseBodyReader(v), /response|status/],
  ['new ResponseBodyReader(, _)', (v) => new http.ResponseBodyReader(head, v), /options of ResponseBody/, options],
  [
    'new ResponseBodyReader(, { method })',
    (v) => new http.ResponseBodyReader(head, { method: v }),
    /`method`/,
    ['undefined', 'a text'],
  ],
  [
    'new ResponseBodyReader(, { maxBodySize })',
    (v) => new http.ResponseBodyReader(head, { maxBodySize: v }),
    /`maxBodySize`/,
    ['undefined', '5'],
  ],
  ['ResponseBodyReader.push(_)', (v) => new http.ResponseBodyReader(head).push(v), /chunk/],
]

describe.each(rows.map(([argument, call, name, right = []]) => ({ argument, call, name, right })))(
  '$argument',
  ({ call, name, right }) => {
    it.each(wrong)('%s', (title, value) => {
      let thrown: unknown
      try {
        call(value as never)
      } catch (error) {
        thrown = error
      }
      if (right.includes(title)) return expect(thrown).toBeUndefined()
      expect(thrown instanceof TypeError || thrown instanceof RangeError, String(thrown)).toBe(true)
      const { message } = thrown as Error
      expect(message).toMatch(name)
      expect(message).not.toMatch(engine)
    })
  },
)

it.each<[string, () => unknown, string]>([
  ['offerTunnel', () => http.offerTunnel('a', 1, { credential: {} } as object), '`credentials`'],
  ['acceptTunnel', () => http.acceptTunnel(request, { authentcate: () => true } as object), '`authenticate`'],
  ['refuseUpgrade', () => http.refuseUpgrade(403, { header: [] } as object), '`headers`'],
  ['upgradeRequired', () => http.upgradeRequired('foo', { keepalive: true } as object), '`keepAlive`'],
  ['verifyConnectSetting', () => http.verifyConnectSetting(1, { httpVersions: '2' } as object), '`httpVersion`'],
  ['relayRefusal', () => http.relayRefusal(head, { Body: '' } as object), '`body`'],
  ['ResponseBodyReader', () => new http.ResponseBodyReader(head, { maxBody: 5 } as object), 'maxBody'],
])('%s rejects an unknown option with a TypeError that names the nearest one', (_, call, meant) => {
  expect(call).toThrow(TypeError)
  expect(call).toThrow(meant)
})

it('does not repeat a misplaced password in a message', () => {
  for (const call of [
    () => http.formatBasicCredentials('hunter2' as never),
    () => http.formatBasicCredentials({ username: 'me', password: ['hunter2'] } as never),
    () => http.offerTunnel('me:hunter2@a.example', 443),
    () => http.offerTunnel('a', 'hunter2' as never),
    () => http.offerTunnel('a', 443, { credentials: 'hunter2' as never }),
  ])
    expect(call).toThrow(/^(?!.*hunter2)/)
})
