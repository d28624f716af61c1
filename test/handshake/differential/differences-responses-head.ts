/**
 * The differences in the handling of a response's HTTP: its status line, its framing, and the form of lines. Each difference between our
 * client and `ws` on Node's client, or wsproto on h11, belongs to a class, and each class has a reason.
 */

import type { DifferenceClasses } from './difference.ts'
import { answer } from './examples.ts'
import {
  endless,
  peerRefuses,
  protocolError,
  weCannotRead,
  weRefuse,
  weRefuseEarly,
  weRefuseToRead,
} from './features.ts'

const badFraming = /^HPE_(INVALID|UNEXPECTED)_(CONTENT_LENGTH|TRANSFER_ENCODING)/
const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n'

/** The classes, by name. */
export const responseHeadDifferences: DifferenceClasses = {
  'an empty line before a response': {
    right: 'ours',
    reason: 'Empty lines are skipped before a request line. The RFC does not allow them before a status line.',
    reference: 'RFC 9112 §2.2',
    example: `\r\n${answer({})}`,
    ws: weRefuseToRead(/^http-version .* unreadable head: (a CR|an LF) in the HTTP version/),
  },
  'a line that ends in LF alone': {
    right: 'both',
    reason: 'A recipient may accept it as a line end, but then recipients may disagree on where a head ends.',
    reference: 'RFC 9112 §2.2',
    example: answer({}, 'HTTP/1.1 101 Switching Protocols', '\n'),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: an LF in /),
  },
  'an error in a head without an end that h11 recognizes': {
    right: 'both',
    reason: 'h11 waits for LF LF or LF CR LF, which end a head. We refuse at the first invalid byte.',
    reference: 'RFC 9112 §2.2',
    example: answer({ X: 'X-A: b\r' }, 'HTTP/1.1 101 Switching Protocols', ''),
    wsproto: weRefuseEarly(/^(head-syntax|http-version|status) \(/, endless),
  },
  'a folded line': {
    right: 'ours',
    reason: 'A client replaces each fold with spaces. Only servers refuse folds.',
    reference: 'RFC 9112 §5.2',
    example: answer({ Connection: 'Connection:\r\n Upgrade' }),
    ws: { kind: 'peer refuses', ours: /^(accepted|waiting)/, theirs: /^HPE_INVALID_HEADER_TOKEN/, text: /\r\n[ \t]/ },
  },
  'a control in a value': {
    right: 'both',
    reason: 'A field with a control character is invalid. A recipient may keep it if that is safe.',
    reference: 'RFC 9110 §5.5',
    example: answer({ X: 'X-A: \x01' }),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the value/),
  },
  'a control in a reason phrase': {
    right: 'ours',
    reason: 'A reason phrase contains visible characters, spaces and tabs. An escape sequence could get into a log.',
    reference: 'RFC 9112 §4',
    example: answer({}, 'HTTP/1.1 101 a\x1b[0m'),
    ws: weRefuseToRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the reason phrase/),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the reason phrase/),
  },
  'a higher minor version': {
    right: 'ours',
    reason: 'A recipient treats it as the highest minor version that it supports of this major version.',
    reference: 'RFC 9110 §2.5',
    example: answer({}, 'HTTP/1.2 101 Switching Protocols'),
    ws: { kind: 'peer refuses', theirs: /^HPE_INVALID_VERSION Invalid HTTP version$/, text: /HTTP\/1\.[2-9]/ },
  },
  'another major version': {
    right: 'ours',
    reason: 'HTTP/0.9 has no heads, and HTTP/2 heads are not text.',
    reference: 'RFC 9110 §2.5',
    example: answer({}, 'HTTP/2.0 101 Switching Protocols'),
    ws: weRefuseToRead(protocolError('http-version', '9110 §15.6.6'), /HTTP\/[02]\.\d/),
    wsproto: weCannotRead(protocolError('http-version', '9110 §15.6.6'), /HTTP\/[02]\.\d/),
  },
  'a 101 of HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 has no 1xx, so it cannot switch protocols.',
    reference: 'RFC 9110 §15.2',
    example: answer({}, 'HTTP/1.0 101 Switching Protocols'),
    ws: weRefuse('http-version', '9110 §15.2'),
    wsproto: weRefuse('http-version', '9110 §15.2'),
  },
  'an interim response before the 101': {
    right: 'ours',
    reason: 'A client skips each 1xx except the 101. wsproto reads them as refusals.',
    reference: 'RFC 9110 §15.2',
    example: interim + answer({}),
    wsproto: { ...peerRefuses(/^status 1(?!01)\d\d$/), text: /^HTTP\/1\.\d 1(?!01)\d\d/ },
  },
  'an interim response without a final one': {
    right: 'ours',
    reason: 'The final response has not arrived. wsproto reads the interim one as a refusal.',
    reference: 'RFC 9110 §15.2',
    example: interim,
    wsproto: { kind: 'peer refuses', ours: /^waiting$/, theirs: /^status 1(?!01)\d\d$/ },
  },
  'many interim responses': {
    right: 'both',
    reason: 'The RFC does not limit their number. A limit protects a client from an endless sequence.',
    reference: 'RFC 9110 §15.2',
    example: interim.repeat(9) + answer({}),
    ws: weRefuseToRead(protocolError('too-many', '9110 §15.2')),
  },
  'framing of a 101': {
    right: 'ours',
    reason: 'A 1xx ends with its head, even if its fields describe a body.',
    reference: 'RFC 9112 §6.3',
    example: answer({ Length: 'Content-Length: x' }),
    ws: { kind: 'peer refuses', theirs: badFraming, text: /HTTP\/1\.\d 1\d\d/ },
    wsproto: {
      kind: 'peer refuses',
      theirs: /^400: Bad HTTP message: (bad Content-Length|conflicting|Only Transfer-Encoding|multiple Transfer)/,
      text: /HTTP\/1\.\d 1\d\d/,
    },
  },
}
