/**
 * The differences in the handling of a response's WebSocket fields and agreement. Each difference between our client and `ws` on Node's
 * client, or wsproto on h11, belongs to a class, and each class has a reason.
 */

import { ACCEPT } from '../opening.ts'
import type { DifferenceClasses } from './difference.ts'
import { answer } from './examples.ts'
import {
  emptyElement,
  hasInvalidDeflate,
  hasLines,
  hasSeveralDeflates,
  inField,
  peerRefuses,
  quotedComma,
  weRefuse,
} from './features.ts'

/** The classes, by name. */
export const responseFieldDifferences: DifferenceClasses = {
  'an empty element in Upgrade': {
    right: 'both',
    reason: 'A recipient ignores empty list elements. RFC 6455 requires a single value, as if it were no list.',
    reference: 'RFC 9110 §5.6.1.2, RFC 6455 §4.1',
    example: answer({ Upgrade: 'Upgrade: , websocket' }),
    ws: peerRefuses(/^Invalid Upgrade header$/, inField('Upgrade', emptyElement)),
    wsproto: peerRefuses(/^400: Missing header, 'Upgrade: WebSocket'$/, inField('Upgrade', emptyElement)),
  },
  'more than websocket in Upgrade': {
    right: 'ours',
    reason: 'A value that does not match websocket fails the connection. wsproto reads only the last line.',
    reference: 'RFC 6455 §4.1',
    example: answer({ Upgrade: 'Upgrade: h2c\r\nUpgrade: websocket' }),
    wsproto: weRefuse('upgrade-not-offered', '6455 §4.1', hasLines('Upgrade', 'several')),
  },
  'Connection on several lines': {
    right: 'ours',
    reason: 'Several lines are one list. wsproto reads only the last line.',
    reference: 'RFC 9110 §5.3',
    example: answer({ Connection: 'Connection: Upgrade\r\nConnection: keep-alive' }),
    wsproto: peerRefuses(/^400: Missing header, 'Connection: Upgrade'$/, hasLines('Connection', 'several')),
  },
  'a tab after the option upgrade': {
    right: 'ours',
    reason: 'The white space around list elements may contain tabs. llhttp reads a tab as part of the option.',
    reference: 'RFC 9110 §5.6.3',
    example: answer({ Connection: 'Connection: Upgrade\t, TE' }),
    ws: { ...peerRefuses(/^status 101$/), text: /upgrade *\t/i, lastSeen: '9.3.1' },
  },
  'quotes in Connection': {
    right: 'both',
    reason: 'An option has no quotes. Our parser does not split at a comma in quotes; others ignore quotes.',
    reference: 'RFC 9110 §7.6.1',
    example: answer({ Connection: 'Connection: a", Upgrade' }),
    ws: weRefuse('connection-missing', '6455 §4.1', inField('Connection', quotedComma)),
    wsproto: weRefuse('connection-missing', '6455 §4.1', inField('Connection', quotedComma)),
  },
  'bytes above ASCII in a list': {
    right: 'ours',
    reason: 'They belong to another, unknown option. wsproto crashes at them.',
    reference: 'RFC 9110 §5.5',
    example: answer({ Connection: 'Connection: \xe9, Upgrade' }),
    wsproto: peerRefuses(/^crash: UnicodeDecodeError: 'ascii'/, inField('Connection', /[\x80-\xff]/)),
  },
  'several accepts': {
    right: 'ours',
    reason: 'The field must not appear twice. wsproto uses the last.',
    reference: 'RFC 6455 §11.3.3',
    example: answer({ Accept: `Sec-WebSocket-Accept: x\r\nSec-WebSocket-Accept: ${ACCEPT}` }),
    wsproto: weRefuse('accept', '6455 §4.1', hasLines('Sec-WebSocket-Accept', 'several')),
  },
  'no subprotocol': {
    right: 'both',
    reason: 'A server need not choose a subprotocol. Browsers and ws then fail; our client has an option for it.',
    reference: 'RFC 6455 §4.1',
    example: answer({ Protocol: '' }),
    ws: peerRefuses(/^Server sent no subprotocol$/, hasLines('Sec-WebSocket-Protocol', 'no')),
  },
  'several subprotocols': {
    right: 'ours',
    reason: 'The field must not appear twice in a response. wsproto uses the last.',
    reference: 'RFC 6455 §11.3.4',
    example: answer({ Protocol: 'Sec-WebSocket-Protocol: soap\r\nSec-WebSocket-Protocol: chat' }),
    wsproto: weRefuse('subprotocol', '6455 §4.1', hasLines('Sec-WebSocket-Protocol', 'several')),
  },
  'extensions that break the grammar': {
    right: 'ours',
    reason: 'A recipient must fail the connection. wsproto only splits at commas and semicolons.',
    reference: 'RFC 6455 §9.1',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; =1' }),
    wsproto: weRefuse('extension-syntax', '6455 §9.1'),
  },
  'white space around the equals sign of a parameter': {
    right: 'ours',
    reason: 'The grammar implies that white space is allowed between any two tokens.',
    reference: 'RFC 6455 §9.1, §2.1',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits = 10' }),
    ws: peerRefuses(/^Invalid Sec-WebSocket-Extensions header$/, inField('Sec-WebSocket-Extensions', /[ \t]=|=[ \t]/)),
  },
  'an empty element among extensions': {
    right: 'ours',
    reason: 'A recipient ignores empty list elements.',
    reference: 'RFC 9110 §5.6.1.2',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate,' }),
    ws: peerRefuses(/^Invalid Sec-WebSocket-Extensions header$/, inField('Sec-WebSocket-Extensions', emptyElement)),
    wsproto: peerRefuses(/unrecognized extension $/, inField('Sec-WebSocket-Extensions', emptyElement)),
  },
  'a repeated extension': {
    right: 'ours',
    reason: 'A server accepts at most one of several offers: two would transform the same messages with the same bit.',
    reference: 'RFC 7692 §5',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate' }),
    ws: weRefuse('extension', '6455 §9.1', hasSeveralDeflates),
    wsproto: weRefuse('extension', '6455 §9.1', hasSeveralDeflates),
  },
  'an extension that was not offered, on another line than the last': {
    right: 'ours',
    reason: 'It fails the connection, and several lines are one list. wsproto reads only the last line.',
    reference: 'RFC 6455 §4.1',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: permessage-deflate' }),
    wsproto: weRefuse('extension', '6455 §4.1', hasLines('Sec-WebSocket-Extensions', 'several')),
  },
  'an extension with invalid parameters': {
    right: 'ours',
    reason: 'Unknown, repeated or wrong parameters fail the connection, and a number has no sign and no leading zeros.',
    reference: 'RFC 7692 §7.1',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=+10' }),
    ws: weRefuse('extension', '6455 §9.1', hasInvalidDeflate(true)),
    wsproto: weRefuse('extension', '6455 §9.1', hasInvalidDeflate(true)),
  },
  'a quoted number': {
    right: 'ours',
    reason: 'A quoted value means the same. wsproto crashes at the quotes.',
    reference: 'RFC 6455 §9.1',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="10"' }),
    wsproto: peerRefuses(/^crash: ValueError: invalid literal for int\(\) with base 10: '"/),
  },
  'a window of 8 bits': {
    right: 'ours',
    reason:
      'A server may choose it without an offer, and a client with a larger window can read its messages. wsproto crashes.',
    reference: 'RFC 7692 §7.1.2.1',
    example: answer({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8' }),
    wsproto: peerRefuses(
      /^crash: ValueError: Window size must be/,
      inField('Sec-WebSocket-Extensions', /bits[ \t]*=[ \t]*8\b/),
    ),
  },
}
