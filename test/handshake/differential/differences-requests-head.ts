/**
 * Where the judgements of an opening request part over HTTP: its start line, `Host`, its body, and how lines are written.
 * Each difference between us and `ws` on Node's server, or wsproto on h11, falls into a class, and each has its reason.
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

/** One line, with something in it. */
const isOneHost = (text: string): boolean => hasLines('Host', 'one')(text) && inField('Host', /./)(text)

const isEmptyCodingBesideLength = (text: string): boolean =>
  inField('Transfer-Encoding', /^[ ,]*$/)(text) && inField('Content-Length', /^/)(text)

/** By name. */
export const requestHeadDifferences: DifferenceClasses = {
  'a line end before a request that is not CRLF': {
    right: 'both',
    reason: 'Empty lines are skipped, and they end in CRLF. A lone LF may be taken for a line end, a lone CR never.',
    reference: 'RFC 9112 §2.2',
    example: `\n${request({})}`,
    ws: weCannotRead(/^(method|head-syntax) .* unreadable head: /, /^(\r\n)*(\n|\r[^\n])/),
  },
  'an empty line before a request': {
    right: 'ours',
    reason: 'A server ignores at least one; clients put them behind bodies.',
    reference: 'RFC 9112 §2.2',
    example: `\r\n${request({})}`,
    wsproto: { ...peerRefuses(/^400: Bad HTTP message: no request line received$/), text: /^\r\n/ },
  },
  'a line that ends in LF alone': {
    right: 'both',
    reason: 'A recipient may take it for a line end. Then it may differ with others over where a head ends.',
    reference: 'RFC 9112 §2.2',
    example: request({}, 'GET / HTTP/1.1', '\n'),
    wsproto: weCannotRead(/^(head-syntax|http-version) .* unreadable head: an LF in /),
  },
  'an error in a head whose end is not seen': {
    right: 'both',
    reason: 'Only LF LF and LF CR LF end a head for h11, and it waits for them. We refuse at the first wrong byte.',
    reference: 'RFC 9112 §2.2',
    example: request({ X: 'X-A: b\r' }, 'GET / HTTP/1.1', ''),
    wsproto: weRefuseEarly(/^(head-syntax|http-version|method|target) \(/, endless),
  },
  'a folded line': {
    right: 'both',
    reason: 'A server refuses it with 400, or puts spaces in its place.',
    reference: 'RFC 9112 §5.2',
    example: request({ Connection: 'Connection:\r\n Upgrade' }),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: a line that begins with white space/),
  },
  'a control in a value': {
    right: 'both',
    reason: 'A field that holds one is invalid; a recipient may keep it where that is safe.',
    reference: 'RFC 9110 §5.5',
    example: request({ Host: 'Host: a\x01.example' }),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the value/),
  },
  'several spaces in a request line': {
    right: 'both',
    reason: 'One space stands between the parts. Leniency is allowed; then recipients may differ over the target.',
    reference: 'RFC 9112 §3',
    example: request({}, 'GET /  HTTP/1.1'),
    ws: weCannotRead(/^http-version .* unreadable head: a space in the HTTP version/, / {2}HTTP/),
  },
  'a higher minor version': {
    right: 'ours',
    reason: 'It is understood as the highest minor version that one knows of its major version.',
    reference: 'RFC 9110 §2.5',
    example: request({}, 'GET / HTTP/1.2'),
    ws: { ...peerRefuses(/^400: HPE_INVALID_VERSION Invalid HTTP version$/), text: /HTTP\/1\.[2-9]/ },
  },
  'another major version': {
    right: 'ours',
    reason: 'HTTP/0.9 has no heads, and those of HTTP/2 and 3 are no text. It is a 505.',
    reference: 'RFC 9110 §15.6.6',
    example: request({}, 'GET / HTTP/2.0'),
    ws: weCannotRead(protocolError('http-version', '9110 §15.6.6'), / HTTP\/[02]\.\d/),
    wsproto: weCannotRead(protocolError('http-version', '9110 §15.6.6'), / HTTP\/[023]\.\d/),
  },
  'Upgrade in HTTP/1.0': {
    right: 'ours',
    reason: 'It must be ignored there, and WebSocket asks for HTTP/1.1.',
    reference: 'RFC 9110 §7.8, RFC 6455 §4.2.1',
    example: request({}, 'GET / HTTP/1.0'),
    ws: weRefuse('http-version', '9110 §7.8'),
    wsproto: weRefuse('http-version', '9110 §7.8'),
  },
  'a target of no form that a WebSocket has': {
    right: 'ours',
    reason: 'A path, or a URL of HTTP or WebSocket with a host.',
    reference: 'RFC 9112 §3.2',
    example: request({}, 'GET * HTTP/1.1'),
    ws: weRefuse('target', '9112 §3.2'),
    wsproto: weRefuse('target', '9112 §3.2'),
  },
  'a fragment in the target': {
    right: 'ours',
    reason: 'A target has none: it stays with the client.',
    reference: 'RFC 9112 §3.2, RFC 9110 §4.2.5',
    example: request({}, 'GET /a#b HTTP/1.1'),
    ws: weCannotRead(/^target \(RFC 9112 §3\): .*'#' in the request target/),
    wsproto: weCannotRead(/^target \(RFC 9112 §3\): .*'#' in the request target/),
  },
  'no Host': {
    right: 'ours',
    reason: 'A request of HTTP/1.1 without it gets a 400. Node looks at it in requests only that are no upgrade.',
    reference: 'RFC 9112 §3.2',
    example: request({ Host: '' }),
    ws: weRefuse('host', '9112 §3.2', hasLines('Host', 'no')),
  },
  'several Host lines': {
    right: 'ours',
    reason: 'They get a 400: recipients would differ over which one counts.',
    reference: 'RFC 9112 §3.2',
    example: request({ Host: 'Host: a\r\nHost: b' }),
    ws: weRefuse('host', '9112 §3.2', hasLines('Host', 'several')),
  },
  'an empty Host': {
    right: 'both',
    reason: 'A URL of HTTP has a host. A server may refuse the request, or take a host that it was set up with.',
    reference: 'RFC 9112 §3.3',
    example: request({ Host: 'Host:' }),
    ws: weRefuse('host', '9112 §3.2', inField('Host', /^$/)),
    wsproto: weRefuse('host', '9112 §3.2', inField('Host', /^$/)),
  },
  'a Host that is no host and port': {
    right: 'ours',
    reason: 'An invalid value gets a 400.',
    reference: 'RFC 9112 §3.2',
    example: request({ Host: 'Host: user@a' }),
    ws: weRefuse('host', '9112 §3.2', isOneHost),
    wsproto: weRefuse('host', '9112 §3.2', isOneHost),
  },
  'a Host that begins like an internationalized name': {
    right: 'ours',
    reason: 'Any registered name may stand in Host. wsproto decodes it, and falls over one that does not decode.',
    reference: 'RFC 3986 §3.2.2',
    example: request({ Host: 'Host: xn--x' }),
    wsproto: peerRefuses(/^crash: UnicodeError: .*idna/, inField('Host', /xn--|\.\.|^\.|[^.]{64}/)),
  },
  'a body': {
    right: 'both',
    reason: 'What follows the head is read as a body by the one, as WebSocket by the other. A server may refuse that.',
    reference: 'RFC 9112 §6',
    example: request({ Length: 'Content-Length: 5' }),
    ws: weRefuse('request-body', '9112 §6'),
    wsproto: weRefuse('request-body', '9112 §6'),
  },
  'a body of unreliable framing': {
    right: 'ours',
    reason: 'Nobody can tell where it ends; the server must answer 400 and close.',
    reference: 'RFC 9112 §6.3',
    example: request({ Coding: 'Transfer-Encoding: gzip' }),
    ws: weRefuse('request-body', '9112 §6.3', hasLines('Content-Length', 'no')),
  },
  'a coding in HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 has none: somebody on the way has not understood it, and framing is faulty.',
    reference: 'RFC 9112 §6.1',
    example: request({ Coding: 'Transfer-Encoding: chunked' }, 'GET / HTTP/1.0'),
    ws: weRefuse('request-body', '9112 §6.1'),
    wsproto: weRefuse('request-body', '9112 §6.1'),
  },
  'a length and a coding': {
    right: 'both',
    reason: 'They contradict each other. A server may refuse that, or go by the coding and close afterwards.',
    reference: 'RFC 9112 §6.3',
    example: request({ Length: 'Content-Length: 0', Coding: 'Transfer-Encoding: chunked' }),
    wsproto: weRefuse('request-body', '9112 §6.3', inField('Content-Length', /^/)),
  },
  'an empty coding beside a length': {
    right: 'ours',
    reason: 'The two contradict each other even then; llhttp goes by the length.',
    reference: 'RFC 9112 §6.3',
    example: request({ Coding: 'Transfer-Encoding:', Length: 'Content-Length: 0' }),
    ws: {
      ...weRefuse('request-body', '9112 §6.3', isEmptyCodingBesideLength),
      lastSeen: '9.3.1',
    },
  },
  'the same length several times': {
    right: 'both',
    reason: 'A recipient may refuse it, or take it for one.',
    reference: 'RFC 9110 §8.6',
    example: request({ Length: 'Content-Length: 0, 0' }),
    ws: peerRefuses(badLength, (text) => elements(text, 'Content-Length').length > 1),
  },
  'the same length, once with leading zeros': {
    right: 'both',
    reason: 'It is one number, spelt in two ways. A recipient may refuse several, or take them for one.',
    reference: 'RFC 9110 §8.6',
    example: request({ Length: 'Content-Length: 0\r\nContent-Length: 00' }),
    wsproto: peerRefuses(/^400: Bad HTTP message: conflicting/, (text) =>
      elements(text, 'Content-Length').includes('00'),
    ),
  },
  'a tab behind a length': {
    right: 'ours',
    reason: 'White space around a value may be tabs, in every field.',
    reference: 'RFC 9110 §5.6.3',
    example: request({ Length: 'Content-Length: 0\t' }),
    ws: { ...peerRefuses(badLength), text: /content-length:[ \t]*\d+ *\t/i, lastSeen: '9.3.1' },
  },
}
