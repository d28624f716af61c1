/**
 * The differences in the handling of an opening request's WebSocket fields and negotiation. Each difference between our server and `ws` on
 * Node's server, or wsproto on h11, belongs to a class, and each class has a reason.
 */

import { KEY } from '../opening.ts'
import type { DifferenceClasses } from './difference.ts'
import { request } from './examples.ts'
import {
  elements,
  emptyElement,
  hasInvalidDeflate,
  hasLines,
  hasSeveralValidDeflates,
  inField,
  peerRefuses,
  weRefuse,
} from './features.ts'

const badExtensions = /^400: Invalid or unacceptable Sec-WebSocket-Extensions header$/

/** Texts that JavaScript converts to the number 13. */
const thirteen = /^(0xd|0b1101|0o15|1\.3e1|\+13|13\.0|0+13|\xa0*13\xa0*)$/

/** The classes, by name. */
export const requestFieldDifferences: DifferenceClasses = {
  'a list of protocols in Upgrade': {
    right: 'ours',
    reason: 'Upgrade is a list, over all its lines, and the client may offer other protocols beside websocket.',
    reference: 'RFC 9110 §7.8, RFC 6455 §4.2.1',
    example: request({ Upgrade: 'Upgrade: foo/2, websocket' }),
    ws: peerRefuses(/^400: Invalid Upgrade header$/, inField('Upgrade', /,/)),
    wsproto: peerRefuses(/^400: Missing header, 'Upgrade: WebSocket'$/, inField('Upgrade', /,/)),
  },
  'an invalid protocol beside websocket in Upgrade': {
    right: 'ours',
    reason: 'A request that breaks the grammar gets a 400. wsproto reads only the last line.',
    reference: 'RFC 9110 §7.8, RFC 6455 §4.2.1',
    example: request({ Upgrade: 'Upgrade: "foo"\r\nUpgrade: websocket' }),
    wsproto: weRefuse('head-syntax', '9110 §7.8', hasLines('Upgrade', 'several')),
  },
  'Connection on several lines': {
    right: 'ours',
    reason: 'Several lines are one list. wsproto reads only the last line.',
    reference: 'RFC 9110 §5.3',
    example: request({ Connection: 'Connection: Upgrade\r\nConnection: close' }),
    wsproto: peerRefuses(/^400: Missing header, 'Connection: Upgrade'$/, hasLines('Connection', 'several')),
  },
  'a tab after the option upgrade': {
    right: 'ours',
    reason: 'The white space around list elements may contain tabs. llhttp reads a tab as part of the option.',
    reference: 'RFC 9110 §5.6.3',
    example: request({ Connection: 'Connection: Upgrade\t, TE' }),
    ws: { ...peerRefuses(/^426: Node sees no upgrade$/), text: /upgrade *\t/i, lastSeen: '9.3.1' },
  },
  'an invalid token in Connection': {
    right: 'ours',
    reason:
      'The field is a list of tokens. A request that breaks the grammar gets a 400; others only look for upgrade.',
    reference: 'RFC 9110 §7.6.1',
    example: request({ Connection: 'Connection: a", Upgrade' }),
    ws: weRefuse('head-syntax', '9110 §7.6.1'),
    wsproto: weRefuse('head-syntax', '9110 §7.6.1'),
  },
  'an invalid key': {
    right: 'ours',
    reason: 'A key is the base64 of 16 bytes, and a request that breaks the grammar gets a 400.',
    reference: 'RFC 6455 §4.2.1',
    example: request({ Key: 'Sec-WebSocket-Key: hello' }),
    wsproto: weRefuse('key', '6455 §4.2.1'),
  },
  'several keys': {
    right: 'ours',
    reason: 'The field must not appear twice. wsproto computes the accept for all keys, joined.',
    reference: 'RFC 6455 §11.3.1',
    example: request({ Key: `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Key: ${KEY}` }),
    wsproto: weRefuse('key', '6455 §11.3.1'),
  },
  'a version that only looks like 13': {
    right: 'ours',
    reason: 'A version has at most three digits, without leading zeros. No other text is a number here.',
    reference: 'RFC 6455 §4.3',
    example: request({ Version: 'Sec-WebSocket-Version: 0xd' }),
    ws: weRefuse('version', '6455 §4.3', inField('Sec-WebSocket-Version', thirteen)),
  },
  'version 8': {
    right: 'both',
    reason: 'Version 8 is an interim draft, which ws also supports.',
    reference: 'RFC 6455 §4.4',
    example: request({ Version: 'Sec-WebSocket-Version: 8' }),
    ws: weRefuse('version', '6455 §4.4', inField('Sec-WebSocket-Version', /^8$/)),
  },
  'several versions': {
    right: 'ours',
    reason: 'A request must not have the field twice. wsproto uses the last.',
    reference: 'RFC 6455 §11.3.5',
    example: request({ Version: 'Sec-WebSocket-Version: 8\r\nSec-WebSocket-Version: 13' }),
    wsproto: weRefuse('version', '6455 §11.3.5'),
  },
  'an empty element among subprotocols': {
    right: 'ours',
    reason: 'A recipient ignores empty list elements.',
    reference: 'RFC 9110 §5.6.1.2',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: chat,,soap' }),
    ws: peerRefuses(/^400: Invalid Sec-WebSocket-Protocol header$/, inField('Sec-WebSocket-Protocol', emptyElement)),
  },
  'a subprotocol that is offered twice': {
    right: 'both',
    reason: 'A client must not do that. A server need not check it.',
    reference: 'RFC 6455 §4.1',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: chat, chat' }),
    ws: peerRefuses(/^400: Invalid Sec-WebSocket-Protocol header$/, (text) => {
      const names = elements(text, 'Sec-WebSocket-Protocol')
      return new Set(names).size < names.length
    }),
  },
  'an invalid subprotocol': {
    right: 'ours',
    reason: 'A request that breaks the grammar gets a 400.',
    reference: 'RFC 6455 §4.2.1, §4.3',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: chat, a b' }),
    wsproto: weRefuse('subprotocol', '6455 §4.3', inField('Sec-WebSocket-Protocol', /[^\t ,]/)),
  },
  'no subprotocol in its field': {
    right: 'ours',
    reason: 'The list has at least one element, so a request without any breaks the grammar.',
    reference: 'RFC 6455 §4.2.1, §4.3',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: ,' }),
    wsproto: weRefuse('subprotocol', '6455 §4.3', inField('Sec-WebSocket-Protocol', /^[\t ,]*$/)),
  },
  'extensions that break the grammar': {
    right: 'ours',
    reason: 'A recipient must fail the connection. wsproto only splits at commas and semicolons.',
    reference: 'RFC 6455 §9.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: foo; =1' }),
    wsproto: weRefuse('extension-syntax', '6455 §9.1'),
  },
  'white space around the equals sign of a parameter': {
    right: 'ours',
    reason: 'The grammar implies that white space is allowed between any two tokens.',
    reference: 'RFC 6455 §9.1, §2.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: foo; x = 1' }),
    ws: peerRefuses(badExtensions, inField('Sec-WebSocket-Extensions', /[ \t]=|=[ \t]/)),
  },
  'an empty element among extensions': {
    right: 'ours',
    reason: 'A recipient ignores empty list elements.',
    reference: 'RFC 9110 §5.6.1.2',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: foo,, bar' }),
    ws: peerRefuses(badExtensions, inField('Sec-WebSocket-Extensions', emptyElement)),
  },
  'an offer that must be declined': {
    right: 'ours',
    reason: 'A server declines an offer with unknown, repeated or wrong parameters, and continues the handshake.',
    reference: 'RFC 7692 §7.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7x' }),
    ws: peerRefuses(badExtensions, hasInvalidDeflate(false)),
    wsproto: peerRefuses(/^crash: ValueError: invalid literal for int/, hasInvalidDeflate(false)),
  },
  'an accepted offer that must be declined': {
    right: 'ours',
    reason:
      'Numbers have no sign and no leading zeros, and flags have no value. Unknown or repeated parameters decline an offer.',
    reference: 'RFC 7692 §7.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=+10' }),
    ws: { kind: 'deflate', theirs: /^server/, matches: hasInvalidDeflate(false) },
    wsproto: { kind: 'deflate', theirs: /^server/, matches: hasInvalidDeflate(false) },
  },
  'a quoted number': {
    right: 'ours',
    reason: 'A quoted value means the same. wsproto crashes at the quotes.',
    reference: 'RFC 6455 §9.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="10"' }),
    wsproto: peerRefuses(/^crash: ValueError: invalid literal for int\(\) with base 10: '"/),
  },
  'the last of several offers': {
    right: 'both',
    reason: 'A server may choose any offer. We choose the first, which the client prefers, and wsproto the last.',
    reference: 'RFC 7692 §5',
    example: request({
      Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9, permessage-deflate',
    }),
    wsproto: { kind: 'deflate', ours: /^server/, theirs: /^server/, matches: hasSeveralValidDeflates },
  },
  'a window of 8 bits': {
    right: 'both',
    reason: 'A server may decline any offer. zlib does not support such a small window.',
    reference: 'RFC 7692 §7.1.2',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8' }),
    wsproto: {
      kind: 'deflate',
      ours: /(server|client) 8\b/,
      matches: inField('Sec-WebSocket-Extensions', /bits[ \t]*=[ \t]*"?8\b/),
    },
  },
}
