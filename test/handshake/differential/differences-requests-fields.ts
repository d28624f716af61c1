/**
 * Where the judgements of an opening request part over WebSocket: its fields and what they negotiate. Each difference between
 * us and `ws` on Node's server, or wsproto on h11, falls into a class, and each has its reason.
 */

import { KEY } from '../opening.ts'
import type { DifferenceClasses } from './difference.ts'
import { request } from './examples.ts'
import {
  elements,
  emptyElement,
  hasLines,
  hasSeveralSoundDeflates,
  hasUnsoundDeflate,
  inField,
  peerRefuses,
  weRefuse,
} from './features.ts'

const badExtensions = /^400: Invalid or unacceptable Sec-WebSocket-Extensions header$/

/** To JavaScript each of these is the number 13. */
const thirteen = /^(0xd|0b1101|0o15|1\.3e1|\+13|13\.0|0+13|\xa0*13\xa0*)$/

/** By name. */
export const requestFieldDifferences: DifferenceClasses = {
  'a list of protocols in Upgrade': {
    right: 'ours',
    reason: 'Upgrade is a list, over all its lines, and websocket is one of those that the client would speak.',
    reference: 'RFC 9110 §7.8, RFC 6455 §4.2.1',
    example: request({ Upgrade: 'Upgrade: foo/2, websocket' }),
    ws: peerRefuses(/^400: Invalid Upgrade header$/, inField('Upgrade', /,/)),
    wsproto: peerRefuses(/^400: Missing header, 'Upgrade: WebSocket'$/, inField('Upgrade', /,/)),
  },
  'what is no protocol beside websocket in Upgrade': {
    right: 'ours',
    reason: 'A request that breaks the grammar gets a 400. wsproto reads the last line only.',
    reference: 'RFC 9110 §7.8, RFC 6455 §4.2.1',
    example: request({ Upgrade: 'Upgrade: "foo"\r\nUpgrade: websocket' }),
    wsproto: weRefuse('head-syntax', '9110 §7.8', hasLines('Upgrade', 'several')),
  },
  'Connection over several lines': {
    right: 'ours',
    reason: 'They are one list. wsproto reads the last line only.',
    reference: 'RFC 9110 §5.3',
    example: request({ Connection: 'Connection: Upgrade\r\nConnection: close' }),
    wsproto: peerRefuses(/^400: Missing header, 'Connection: Upgrade'$/, hasLines('Connection', 'several')),
  },
  'a tab behind the option upgrade': {
    right: 'ours',
    reason: 'White space around list elements may be tabs; to llhttp it is part of the option.',
    reference: 'RFC 9110 §5.6.3',
    example: request({ Connection: 'Connection: Upgrade\t, TE' }),
    ws: { ...peerRefuses(/^426: to Node it is no upgrade$/), text: /upgrade *\t/i, lastSeen: '9.3.1' },
  },
  'what is no token in Connection': {
    right: 'ours',
    reason: 'A request that breaks the grammar gets a 400. The others look for upgrade alone.',
    reference: 'RFC 9110 §7.6.1',
    example: request({ Connection: 'Connection: Upgrade, a;b' }),
    ws: weRefuse('head-syntax', '9110 §7.6.1'),
    wsproto: weRefuse('head-syntax', '9110 §7.6.1'),
  },
  'a key that is none': {
    right: 'ours',
    reason: 'It is the base64 of 16 bytes, and a request that breaks the grammar gets a 400.',
    reference: 'RFC 6455 §4.2.1',
    example: request({ Key: 'Sec-WebSocket-Key: hello' }),
    wsproto: weRefuse('key', '6455 §4.2.1'),
  },
  'several keys': {
    right: 'ours',
    reason: 'The field may not come twice. wsproto answers to all of them, joined.',
    reference: 'RFC 6455 §11.3.1',
    example: request({ Key: `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Key: ${KEY}` }),
    wsproto: weRefuse('key', '6455 §11.3.1'),
  },
  'a version that only looks like 13': {
    right: 'ours',
    reason: 'It has at most three digits, without leading zeros; nothing else is a number here.',
    reference: 'RFC 6455 §4.3',
    example: request({ Version: 'Sec-WebSocket-Version: 0xd' }),
    ws: weRefuse('version', '6455 §4.3', inField('Sec-WebSocket-Version', thirteen)),
  },
  'version 8': {
    right: 'both',
    reason: 'An interim draft, which ws speaks as well.',
    reference: 'RFC 6455 §4.4',
    example: request({ Version: 'Sec-WebSocket-Version: 8' }),
    ws: weRefuse('version', '6455 §4.4', inField('Sec-WebSocket-Version', /^8$/)),
  },
  'several versions': {
    right: 'ours',
    reason: 'A request may not have the field twice. wsproto goes by the last.',
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
    reason: 'A client must not do that; a server that minds is not asked to.',
    reference: 'RFC 6455 §4.1',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: chat, chat' }),
    ws: peerRefuses(/^400: Invalid Sec-WebSocket-Protocol header$/, (text) => {
      const names = elements(text, 'Sec-WebSocket-Protocol')
      return new Set(names).size < names.length
    }),
  },
  'a subprotocol that is no token': {
    right: 'ours',
    reason: 'A request that breaks the grammar gets a 400.',
    reference: 'RFC 6455 §4.2.1, §4.3',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: chat, a b' }),
    wsproto: weRefuse('subprotocol', '6455 §4.3', inField('Sec-WebSocket-Protocol', /[^\t ,]/)),
  },
  'no subprotocol in its field': {
    right: 'ours',
    reason: 'The list has one element at least, so a request without any breaks the grammar.',
    reference: 'RFC 6455 §4.2.1, §4.3',
    example: request({ Protocol: 'Sec-WebSocket-Protocol: ,' }),
    wsproto: weRefuse('subprotocol', '6455 §4.3', inField('Sec-WebSocket-Protocol', /^[\t ,]*$/)),
  },
  'extensions that break the grammar': {
    right: 'ours',
    reason:
      'Whoever receives them must fail the connection. wsproto cuts at commas and semicolons and looks no further.',
    reference: 'RFC 6455 §9.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: foo; =1' }),
    wsproto: weRefuse('extension-syntax', '6455 §9.1'),
  },
  'white space around the equals sign of a parameter': {
    right: 'ours',
    reason: 'The grammar implies that white space may stand between any two tokens.',
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
    reason: 'Whose parameters are unknown, repeated or wrong, that offer is declined, and the handshake goes on.',
    reference: 'RFC 7692 §7.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7x' }),
    ws: peerRefuses(badExtensions, hasUnsoundDeflate(false)),
    wsproto: peerRefuses(/^crash: ValueError: invalid literal for int/, hasUnsoundDeflate(false)),
  },
  'an offer that must be declined, and is not': {
    right: 'ours',
    reason:
      'Numbers have no sign and no leading zeros, flags no value; unknown and repeated parameters decline an offer.',
    reference: 'RFC 7692 §7.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=+10' }),
    ws: { kind: 'deflate', theirs: /^server/, holds: hasUnsoundDeflate(false) },
    wsproto: { kind: 'deflate', theirs: /^server/, holds: hasUnsoundDeflate(false) },
  },
  'a quoted number': {
    right: 'ours',
    reason: 'A value may be quoted, and means the same. wsproto falls over the quotes.',
    reference: 'RFC 6455 §9.1',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="10"' }),
    wsproto: peerRefuses(/^crash: ValueError: invalid literal for int\(\) with base 10: '"/),
  },
  'the last of several offers': {
    right: 'both',
    reason: 'A server chooses among offers. We take the first, which the client prefers, wsproto the last.',
    reference: 'RFC 7692 §5',
    example: request({
      Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9, permessage-deflate',
    }),
    wsproto: { kind: 'deflate', ours: /^server/, theirs: /^server/, holds: hasSeveralSoundDeflates },
  },
  'a window of 8 bits': {
    right: 'both',
    reason: 'A server may decline any offer; zlib makes no window that small.',
    reference: 'RFC 7692 §7.1.2',
    example: request({ Extensions: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8' }),
    wsproto: {
      kind: 'deflate',
      ours: /(server|client) 8\b/,
      holds: inField('Sec-WebSocket-Extensions', /bits[ \t]*=[ \t]*"?8\b/),
    },
  },
}
