/** What HTTP heads and the upgrade mechanism must do in every runtime, for any protocol. */

import {
  forwardableHeaders,
  getHeaderElements,
  parseRequestHead,
  parseUpgrade,
  requestFraming,
} from '../../../dist/http/index.js'
import {
  formatResponse,
  RequestHeadParser,
  ResponseHeadParser,
  selectUpgrade,
  switchingProtocols,
  toHeaderRecord,
  upgradeHeaders,
  upgradeRequired,
  verifyUpgrade,
} from '../../../dist/index.js'
import { answerOf, bytesOf, concat, cut, parse, requestOf, utf8 } from './tools.mjs'

export const http = {
  'heads split anywhere, with bytes glued to them'(transcript) {
    const glued = bytesOf('81 85 00 00 00 00 48 65 6c 6c 6f')
    const bytes = concat(requestOf(), glued)
    const whole = parseRequestHead(bytes)
    transcript.equal(whole.rest, glued)
    for (let size = 1; size <= bytes.length; size++) {
      const parser = new RequestHeadParser()
      let parsed
      let rest = new Uint8Array(0)
      for (const chunk of cut(bytes, size))
        if (parsed) rest = concat(rest, chunk)
        else {
          parsed = parser.push(chunk)
          rest = parsed?.rest ?? rest
        }
      transcript.equal([parsed.head, rest], [whole.head, glued])
    }
  },

  'upgrades to any protocol'(transcript) {
    const asked = parseRequestHead(requestOf({ Upgrade: 'foo/1, , foo/2, websocket' })).head
    transcript.equal(selectUpgrade(asked, ['example/1', 'foo/2', 'websocket']), 'foo/2')
    transcript.equal(selectUpgrade(asked, ['websocket', 'foo/2'], { prefer: 'server' }), 'websocket')
    transcript.equal(selectUpgrade(asked, ['bar']), undefined)
    transcript.equal(upgradeHeaders(['foo/2', 'bar']), [
      ['Upgrade', 'foo/2, bar'],
      ['Connection', 'Upgrade'],
    ])
    transcript.note([formatResponse(switchingProtocols('foo/2')), formatResponse(upgradeRequired('foo/2'))])
    const outcomes = [
      answerOf('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'),
      answerOf('200 OK'),
      answerOf('426 Upgrade Required', 'Upgrade: bar, foo/2'),
    ]
    transcript.equal(
      outcomes.map((response) => verifyUpgrade(response, ['websocket']).kind),
      ['switched', 'ignored', 'required'],
    )
  },

  'several heads in one stream'(transcript) {
    const bytes = concat(requestOf(), requestOf({ Host: 'other.test' }, 'HEAD * HTTP/1.1'))
    const parser = new RequestHeadParser()
    const first = parser.push(bytes)
    const second = parser.push(first.rest)
    transcript.equal([first.head.target, second.head.method, second.rest.length], ['/chat', 'HEAD', 0])
    transcript.note([first, second])
    const answers = utf8('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\nbody')
    for (const size of [1, 7, answers.length]) {
      const { head } = parse(new ResponseHeadParser(), answers, size)
      transcript.equal([head.status, head.reason, head.headers], [200, 'OK', [['X', 'a b']]])
    }
  },

  'fields from this runtime’s own `Headers`'(transcript) {
    const headers = new Headers([
      ['Upgrade', 'foo/2'],
      ['upgrade', ', websocket'],
      ['Connection', 'upgrade, X-Hop'],
      ['X-Hop', '1'],
      ['X-End', 'ÿ'],
    ])
    transcript.equal(getHeaderElements(headers, 'UPGRADE'), ['foo/2', 'websocket'])
    transcript.equal(
      parseUpgrade(headers).map(({ name }) => name),
      ['foo', 'websocket'],
    )
    const request = { method: 'GET', url: 'http://a.test/', headers }
    transcript.equal(forwardableHeaders(request), [['x-end', 'ÿ']])
    transcript.note(toHeaderRecord(headers))
    transcript.equal(requestFraming({ httpVersion: '1.1', headers: new Headers({ 'Content-Length': '5' }) }), {
      kind: 'length',
      length: 5,
    })
  },
}
