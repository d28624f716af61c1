/**
 * The differences in the handling of an opening request's HTTP: its start line, `Host`, its body, and the form of lines. Each difference
 * between our server and `ws` on Node's server, or wsproto on h11, belongs to a class, and each class has a reason.
 */

import type { DifferenceClasses } from './difference.ts'
import { request } from './examples.ts'
import {
  elements,
  endless,
  hasLines,
  inField,
  peerRefuses,
  protocolError,
  weCannotRead,
  weRefuse,
  weRefuseEarly,
} from './features.ts'

const badLength = /^400: HPE_(INVALID|UNEXPECTED)_CONTENT_LENGTH/

/** Whether there is one line that is not empty. */
const isOneHost = (text: string): boolean => hasLines('Host', 'one')(text) && inField('Host', /./)(text)

const isEmptyCodingBesideLength = (text: string): boolean =>
  inField('Transfer-Encoding', /^[ ,]*$/)(text) && inField('Content-Length', /^/)(text)

/** The classes, by name. */
export const requestHeadDifferences: DifferenceClasses = {
  'a line end before a request that is not CRLF': {
    right: 'both',
    reason:
      'Empty lines are skipped, and they end in CRLF. A parser may accept a lone LF as a line end, but never a lone CR.',
    reference: 'RFC 9112 §2.2',
    example: `\n${request({})}`,
    ws: weCannotRead(/^(method|head-syntax) .* unreadable head: /, /^(\r\n)*(\n|\r[^\n])/),
  },
  'an empty line before a request': {
    right: 'ours',
    reason: 'A server ignores at least one empty line, since some clients send one after a body.',
    reference: 'RFC 9112 §2.2',
    example: `\r\n${request({})}`,
    wsproto: { ...peerRefuses(/^400: Bad HTTP message: no request line received$/), text: /^\r\n/ },
  },
  'a line that ends in LF alone': {
    right: 'both',
    reason: 'A recipient may accept it as a line end, but then recipients may disagree on where a head ends.',
    reference: 'RFC 9112 §2.2',
    example: request({}, 'GET / HTTP/1.1', '\n'),
    wsproto: weCannotRead(/^(head-syntax|http-version) .* unreadable head: an LF in /),
  },
  'an error in a head without an end that h11 recognizes': {
    right: 'both',
    reason: 'h11 waits for LF LF or LF CR LF, which end a head. We refuse at the first invalid byte.',
    reference: 'RFC 9112 §2.2',
    example: request({ X: 'X-A: b\r' }, 'GET / HTTP/1.1', ''),
    wsproto: weRefuseEarly(/^(head-syntax|http-version|method|target) \(/, endless),
  },
  'a folded line': {
    right: 'both',
    reason: 'A server refuses it with 400, or replaces it with spaces.',
    reference: 'RFC 9112 §5.2',
    example: request({ Connection: 'Connection:\r\n Upgrade' }),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: a line that begins with white space/),
  },
  'a control in a value': {
    right: 'both',
    reason: 'A field with a control character is invalid. A recipient may keep it if that is safe.',
    reference: 'RFC 9110 §5.5',
    example: request({ Host: 'Host: a\x01.example' }),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the value/),
  },
  'several spaces in a request line': {
    right: 'both',
    reason: 'One space separates the parts. A parser may be lenient, but then recipients may read different targets.',
    reference: 'RFC 9112 §3',
    example: request({}, 'GET /  HTTP/1.1'),
    ws: weCannotRead(/^http-version .* unreadable head: a space in the HTTP version/, / {2}HTTP/),
  },
  'a higher minor version': {
    right: 'ours',
    reason: 'A recipient treats it as the highest minor version that it supports of this major version.',
    reference: 'RFC 9110 §2.5',
    example: request({}, 'GET / HTTP/1.2'),
    ws: { ...peerRefuses(/^400: HPE_INVALID_VERSION Invalid HTTP version$/), text: /HTTP\/1\.[2-9]/ },
  },
  'another major version': {
    right: 'ours',
    reason: 'HTTP/0.9 has no heads, and HTTP/2 and HTTP/3 heads are not text. The answer is a 505.',
    reference: 'RFC 9110 §15.6.6',
    example: request({}, 'GET / HTTP/2.0'),
    ws: weCannotRead(protocolError('http-version', '9110 §15.6.6'), / HTTP\/[02]\.\d/),
    wsproto: weCannotRead(protocolError('http-version', '9110 §15.6.6'), / HTTP\/[023]\.\d/),
  },
  'Upgrade in HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 servers must ignore it, and WebSocket requires HTTP/1.1.',
    reference: 'RFC 9110 §7.8, RFC 6455 §4.2.1',
    example: request({}, 'GET / HTTP/1.0'),
    ws: weRefuse('http-version', '9110 §7.8'),
    wsproto: weRefuse('http-version', '9110 §7.8'),
  },
  'a target that a WebSocket cannot have': {
    right: 'ours',
    reason: 'The target must be a path, or an HTTP or WebSocket URL with a host.',
    reference: 'RFC 9112 §3.2',
    example: request({}, 'GET * HTTP/1.1'),
    ws: weRefuse('target', '9112 §3.2'),
    wsproto: weRefuse('target', '9112 §3.2'),
  },
  'a fragment in the target': {
    right: 'ours',
    reason: 'A target has no fragment, which the client does not send.',
    reference: 'RFC 9112 §3.2, RFC 9110 §4.2.5',
    example: request({}, 'GET /a#b HTTP/1.1'),
    ws: weCannotRead(/^target \(RFC 9112 §3\): .*'#' in the request target/),
    wsproto: weCannotRead(/^target \(RFC 9112 §3\): .*'#' in the request target/),
  },
  'no Host': {
    right: 'ours',
    reason: 'An HTTP/1.1 request without Host gets a 400. Node does not check Host in an upgrade.',
    reference: 'RFC 9112 §3.2',
    example: request({ Host: '' }),
    ws: weRefuse('host', '9112 §3.2', hasLines('Host', 'no')),
  },
  'several Host lines': {
    right: 'ours',
    reason: 'They get a 400, since recipients would disagree on which line counts.',
    reference: 'RFC 9112 §3.2',
    example: request({ Host: 'Host: a\r\nHost: b' }),
    ws: weRefuse('host', '9112 §3.2', hasLines('Host', 'several')),
  },
  'an empty Host': {
    right: 'both',
    reason: 'An HTTP URL has a host. A server may refuse the request, or use a configured host.',
    reference: 'RFC 9112 §3.3',
    example: request({ Host: 'Host:' }),
    ws: weRefuse('host', '9112 §3.2', inField('Host', /^$/)),
    wsproto: weRefuse('host', '9112 §3.2', inField('Host', /^$/)),
  },
  'an invalid Host': {
    right: 'ours',
    reason: 'An invalid value gets a 400.',
    reference: 'RFC 9112 §3.2',
    example: request({ Host: 'Host: user@a' }),
    ws: weRefuse('host', '9112 §3.2', isOneHost),
    wsproto: weRefuse('host', '9112 §3.2', isOneHost),
  },
  'a Host that begins like an internationalized name': {
    right: 'ours',
    reason: 'Host may contain any registered name. wsproto decodes it, and crashes if that fails.',
    reference: 'RFC 3986 §3.2.2',
    example: request({ Host: 'Host: xn--x' }),
    wsproto: peerRefuses(/^crash: UnicodeError: .*idna/, inField('Host', /xn--|\.\.|^\.|[^.]{64}/)),
  },
  'a body': {
    right: 'both',
    reason:
      'One recipient reads the following bytes as a body, the other as WebSocket. A server may refuse such a request.',
    reference: 'RFC 9112 §6',
    example: request({ Length: 'Content-Length: 5' }),
    ws: weRefuse('request-body', '9112 §6'),
    wsproto: weRefuse('request-body', '9112 §6'),
  },
  'a body of unreliable framing': {
    right: 'ours',
    reason: 'The end of the body is unknown. The server must answer 400 and close the connection.',
    reference: 'RFC 9112 §6.3',
    example: request({ Coding: 'Transfer-Encoding: gzip' }),
    ws: weRefuse('request-body', '9112 §6.3', hasLines('Content-Length', 'no')),
  },
  'a coding in HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 has no Transfer-Encoding. An intermediary may have ignored it, so the framing is invalid.',
    reference: 'RFC 9112 §6.1',
    example: request({ Coding: 'Transfer-Encoding: chunked' }, 'GET / HTTP/1.0'),
    ws: weRefuse('request-body', '9112 §6.1'),
    wsproto: weRefuse('request-body', '9112 §6.1'),
  },
  'a length and a coding': {
    right: 'both',
    reason:
      'They contradict each other. A server may refuse the request, or use the coding and then close the connection.',
    reference: 'RFC 9112 §6.3',
    example: request({ Length: 'Content-Length: 0', Coding: 'Transfer-Encoding: chunked' }),
    wsproto: weRefuse('request-body', '9112 §6.3', inField('Content-Length', /^/)),
  },
  'an empty coding beside a length': {
    right: 'ours',
    reason: 'They contradict each other even then. llhttp uses the length.',
    reference: 'RFC 9112 §6.3',
    example: request({ Coding: 'Transfer-Encoding:', Length: 'Content-Length: 0' }),
    ws: {
      ...weRefuse('request-body', '9112 §6.3', isEmptyCodingBesideLength),
      lastSeen: '9.3.1',
    },
  },
  'the same length several times': {
    right: 'both',
    reason: 'A recipient may refuse the list, or use the value once.',
    reference: 'RFC 9110 §8.6',
    example: request({ Length: 'Content-Length: 0, 0' }),
    ws: peerRefuses(badLength, (text) => elements(text, 'Content-Length').length > 1),
  },
  'the same length, once with leading zeros': {
    right: 'both',
    reason: 'Both are the same number. A recipient may refuse several values, or use the number once.',
    reference: 'RFC 9110 §8.6',
    example: request({ Length: 'Content-Length: 0\r\nContent-Length: 00' }),
    wsproto: peerRefuses(/^400: Bad HTTP message: conflicting/, (text) =>
      elements(text, 'Content-Length').includes('00'),
    ),
  },
  'a tab after a length': {
    right: 'ours',
    reason: 'The white space around the value of any field may contain tabs.',
    reference: 'RFC 9110 §5.6.3',
    example: request({ Length: 'Content-Length: 0\t' }),
    ws: { ...peerRefuses(badLength), text: /content-length:[ \t]*\d+ *\t/i, lastSeen: '9.3.1' },
  },
}
