/**
 * The differences in the status of a refused opening request, if the peer's status is not that of an error we found. Each difference
 * between our server and `ws` on Node's server, or wsproto on h11, belongs to a class, and each class has a reason.
 */

import type { DifferenceClasses } from './difference.ts'
import { request } from './examples.ts'
import { protocolError } from './features.ts'

/** Our errors of a request that does not ask for a WebSocket. */
const notAsked = /^(upgrade-missing \(RFC 6455 §4\.2\.1|http-version \(RFC 9110 §7\.8|head-syntax \(RFC 9110 §7\.8)\)/

/** The classes, by name. */
export const requestStatusDifferences: DifferenceClasses = {
  'a request that Node reads as plain HTTP': {
    right: 'both',
    reason: 'Without both fields a server may answer as plain HTTP, or require an upgrade with a 426.',
    reference: 'RFC 9110 §7.8, §15.5.22',
    example: request({ Connection: '' }),
    ws: { kind: 'status', theirs: /^426: Node sees no upgrade$/ },
  },
  'a method that Node does not know': {
    right: 'both',
    reason: 'Any token is a method, and one that is not allowed gets a 405. llhttp reads only the methods of a list.',
    reference: 'RFC 9110 §9.1, §15.5.6',
    example: request({}, 'BREW / HTTP/1.1'),
    ws: {
      kind: 'status',
      ours: /^(method|http-version) \(/,
      theirs: /^400: HPE_INVALID_(METHOD|VERSION Expected HTTP\/2)/,
    },
  },
  'a method other than GET': {
    right: 'both',
    reason: 'RFC 6455 requires an appropriate error, such as 400. A method that is not allowed gets a 405.',
    reference: 'RFC 6455 §4.2.1, RFC 9110 §15.5.6',
    example: request({}, 'POST / HTTP/1.1'),
    wsproto: {
      kind: 'status',
      ours: protocolError('method', '6455 §4.1'),
      theirs: /^400: Request method must be GET$/,
    },
  },
  'a major version that Node does not know': {
    right: 'both',
    reason: 'A server may send a 505 for an unsupported version, or a 400 for an unreadable head.',
    reference: 'RFC 9110 §15.6.6',
    example: request({}, 'GET / HTTP/3.0'),
    ws: {
      kind: 'status',
      ours: protocolError('http-version', '9110 §15.6.6'),
      text: / HTTP\/3\.0/,
      theirs: /^400: HPE_(INVALID_VERSION Invalid HTTP version|INVALID_URL)/,
    },
  },
  'no websocket in Upgrade': {
    right: 'both',
    reason:
      'RFC 6455 requires an appropriate error, such as 400. A 426 names the required protocol, without checks of other fields.',
    reference: 'RFC 6455 §4.2.1, RFC 9110 §15.5.22',
    example: request({ Upgrade: 'Upgrade: foo/2' }),
    ws: { kind: 'status', ours: notAsked },
    wsproto: { kind: 'status', ours: notAsked },
  },
  'an unsupported version': {
    right: 'both',
    reason:
      'It gets an appropriate error, such as 426, and a list of the supported versions. ws sends the list with a 400.',
    reference: 'RFC 6455 §4.2.2, §4.4',
    example: request({ Version: 'Sec-WebSocket-Version: 14' }),
    ws: {
      kind: 'status',
      ours: protocolError('version', '6455 §4.4'),
      theirs: /^400: Missing or invalid Sec-WebSocket-Version header$/,
    },
  },
  'an invalid version': {
    right: 'both',
    reason: 'It breaks the grammar, for which 400 is the example. wsproto reads any other text as another version.',
    reference: 'RFC 6455 §4.2.1, §4.4',
    example: request({ Version: 'Sec-WebSocket-Version: 0xd' }),
    wsproto: {
      kind: 'status',
      ours: /^(version|head-syntax) \(/,
      theirs: /^426: Missing header, 'Sec-WebSocket-Version'$/,
    },
  },
  'no Host in a higher minor version, and an invalid version': {
    right: 'ours',
    reason: 'HTTP/1.2 counts as 1.1, and without Host gets a 400. h11 requires Host only in HTTP/1.1.',
    reference: 'RFC 9112 §3.2, RFC 9110 §2.5',
    example: request({ Host: '', Version: 'Sec-WebSocket-Version: 0xd' }, 'GET / HTTP/1.2'),
    wsproto: {
      kind: 'status',
      ours: protocolError('host', '9112 §3.2'),
      theirs: /^426: Missing header, 'Sec-WebSocket-Version'$/,
      text: / HTTP\/1\.[2-9]\r?\n/,
    },
  },
}
