/**
 * Where the judgements of an answer part over HTTP: its status line, its framing, and how lines are written. Each difference
 * between us and `ws` on Node's client, or wsproto on h11, falls into a class, and each has its reason.
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

/** By name. */
export const responseHeadDifferences: DifferenceClasses = {
  'an empty line before an answer': {
    right: 'ours',
    reason: 'Empty lines are skipped before a request line; nothing of the kind is said of a status line.',
    reference: 'RFC 9112 §2.2',
    example: `\r\n${answer({})}`,
    ws: weRefuseToRead(/^http-version .* unreadable head: (a CR|an LF) in the HTTP version/),
  },
  'a line that ends in LF alone': {
    right: 'both',
    reason: 'A recipient may take it for a line end. Then it may differ with others over where a head ends.',
    reference: 'RFC 9112 §2.2',
    example: answer({}, 'HTTP/1.1 101 Switching Protocols', '\n'),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: an LF in /),
  },
  'an error in a head whose end is not seen': {
    right: 'both',
    reason: 'Only LF LF and LF CR LF end a head for h11, and it waits for them. We refuse at the first wrong byte.',
    reference: 'RFC 9112 §2.2',
    example: answer({ X: 'X-A: b\r' }, 'HTTP/1.1 101 Switching Protocols', ''),
    wsproto: weRefuseEarly(/^(head-syntax|http-version|status) \(/, endless),
  },
  'a folded line': {
    right: 'ours',
    reason: 'A client replaces each fold by spaces; refusing is for servers.',
    reference: 'RFC 9112 §5.2',
    example: answer({ Connection: 'Connection:\r\n Upgrade' }),
    ws: { kind: 'peer refuses', ours: /^(accepted|waiting)/, theirs: /^HPE_INVALID_HEADER_TOKEN/, text: /\r\n[ \t]/ },
  },
  'a control in a value': {
    right: 'both',
    reason: 'A field that holds one is invalid; a recipient may keep it where that is safe.',
    reference: 'RFC 9110 §5.5',
    example: answer({ X: 'X-A: \x01' }),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the value/),
  },
  'a control in a reason phrase': {
    right: 'ours',
    reason: 'It holds visible characters, spaces and tabs; an escape sequence ends up in somebody’s log.',
    reference: 'RFC 9112 §4',
    example: answer({}, 'HTTP/1.1 101 a\x1b[0m'),
    ws: weRefuseToRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the reason phrase/),
    wsproto: weCannotRead(/^head-syntax .* unreadable head: the byte 0x([01].|7f) in the reason phrase/),
  },
  'a higher minor version': {
    right: 'ours',
    reason: 'It is understood as the highest minor version that one knows of its major version.',
    reference: 'RFC 9110 §2.5',
    example: answer({}, 'HTTP/1.2 101 Switching Protocols'),
    ws: { kind: 'peer refuses', theirs: /^HPE_INVALID_VERSION Invalid HTTP version$/, text: /HTTP\/1\.[2-9]/ },
  },
  'another major version': {
    right: 'ours',
    reason: 'HTTP/0.9 has no heads, and those of HTTP/2 are no text.',
    reference: 'RFC 9110 §2.5',
    example: answer({}, 'HTTP/2.0 101 Switching Protocols'),
    ws: weRefuseToRead(protocolError('http-version', '9110 §15.6.6'), /HTTP\/[02]\.\d/),
    wsproto: weCannotRead(protocolError('http-version', '9110 §15.6.6'), /HTTP\/[02]\.\d/),
  },
  'a 101 of HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 knows no 1xx: nothing can be switched to by it.',
    reference: 'RFC 9110 §15.2',
    example: answer({}, 'HTTP/1.0 101 Switching Protocols'),
    ws: weRefuse('http-version', '9110 §15.2'),
    wsproto: weRefuse('http-version', '9110 §15.2'),
  },
  'an interim answer before the 101': {
    right: 'ours',
    reason: 'A client reads past each 1xx but the 101. To wsproto they are refusals.',
    reference: 'RFC 9110 §15.2',
    example: interim + answer({}),
    wsproto: { ...peerRefuses(/^status 1(?!01)\d\d$/), text: /^HTTP\/1\.\d 1(?!01)\d\d/ },
  },
  'an interim answer, and nothing behind it yet': {
    right: 'ours',
    reason: 'The answer is still to come. To wsproto it has been refused.',
    reference: 'RFC 9110 §15.2',
    example: interim,
    wsproto: { kind: 'peer refuses', ours: /^waiting$/, theirs: /^status 1(?!01)\d\d$/ },
  },
  'many interim answers': {
    right: 'both',
    reason: 'Nothing bounds their number; a client that sets a bound is safe from one that sends them for ever.',
    reference: 'RFC 9110 §15.2',
    example: interim.repeat(9) + answer({}),
    ws: weRefuseToRead(protocolError('too-many', '9110 §15.2')),
  },
  'framing of a 101': {
    right: 'ours',
    reason: 'A 1xx ends with its head, whatever its fields say of a body.',
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
