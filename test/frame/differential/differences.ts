/**
 * The known differences between our connection and the receiver of `ws`, or the parser of websocket-driver: one class each, with its
 * reason.
 */

import type { DifferenceClasses } from './difference.ts'
import { hasTopBit, isBadBeforeItsEnd, isLong, isTorn, weRefuse } from './features.ts'

const notMinimal = weRefuse(/^error 1002 (length: payload length below|control-frame: .* extended length)/, isLong)
const topBit = weRefuse(/^error 1002 length: .* top bit/, hasTopBit, /^error 1009/)
const headerTorn = { ours: /^error 10(02|09)/, theirs: /^(waiting$|error)/, holds: isTorn }
const badEarly = { ours: /^error 1007 utf8/, holds: isBadBeforeItsEnd }

/** The classes, by their names. */
export const differences: DifferenceClasses = {
  'a length in more bytes than needed': {
    right: 'ours',
    reason: 'A length must have the minimal number of bytes.',
    reference: 'RFC 6455 §5.2',
    example: '82 fe 00 01 00 00 00 00 41',
    ws: notMinimal,
    driver: notMinimal,
  },
  'a length with its top bit set': {
    right: 'ours',
    reason: 'The frame is not too large but invalid, because the bit must be 0.',
    reference: 'RFC 6455 §5.2, §7.4.1',
    example: '82 ff 80 00 00 00 00 00 00 00 00 00 00 00',
    ws: topBit,
    driver: topBit,
  },
  'a text that becomes invalid UTF-8 before it is complete': {
    right: 'ours',
    reason: 'The receiver must fail the connection; we do not wait for the end of the message.',
    reference: 'RFC 6455 §8.1',
    example: '01 81 00 00 00 00 ff',
    ws: badEarly,
    driver: badEarly,
  },
  'an error in an incomplete header': {
    right: 'both',
    reason: 'We reject the first wrong byte; the others wait for more bytes.',
    reference: 'RFC 6455 §5.2',
    example: '82 ff 80',
    ws: headerTorn,
    driver: headerTorn,
  },
  'a Close of one byte of which only the header has arrived': {
    right: 'both',
    reason: 'Its header is enough to reject it; websocket-driver waits for the payload.',
    reference: 'RFC 6455 §5.5.1',
    example: '88 81 00 00 00 00',
    driver: weRefuse(/^error 1002 close-payload/, ({ whole }) => !whole, /^waiting$/),
  },
  'an unmasked frame, rejected with another code': {
    right: 'both',
    reason: 'The server must close, and may send 1002; 1003 is meant for types of data.',
    reference: 'RFC 6455 §5.1, §7.4.1',
    example: '81 00',
    driver: weRefuse(/^error 1002/, ({ masked }) => !masked, /^error 1003/),
  },
  'a masked frame to a client': {
    right: 'ours',
    reason: 'The client must close the connection.',
    reference: 'RFC 6455 §5.1',
    example: '81 81 00 00 00 00 41',
    role: 'client',
    driver: weRefuse(/^error 1002 masked/, ({ masked }) => masked),
  },
  'a Close without a code': {
    right: 'ours',
    reason: 'It must be reported as 1005, because there is no code.',
    reference: 'RFC 6455 §7.1.5',
    example: '88 80 00 00 00 00',
    driver: { ours: /^close 1005 ""$/, theirs: /^close 1000 ""$/ },
  },
  'an invalid Close, reported as a Close with 1002': {
    right: 'both',
    reason: 'Both answer it with 1002. websocket-driver does not report an error.',
    reference: 'RFC 6455 §5.5.1, §7.4',
    example: '88 82 00 00 00 00 03 ed',
    driver: { ours: /^error 1002 close-(code|payload)/, theirs: /^close 1002 / },
  },
  'a reason that is not UTF-8': {
    right: 'both',
    reason: 'It fails the connection. 1007 is the more specific code, although the RFC defines it for messages.',
    reference: 'RFC 6455 §5.5.1, §8.1',
    example: '88 83 00 00 00 00 03 e8 ff',
    driver: { ours: /^error 1007 utf8: close reason/, theirs: /^close 1002 ""$/ },
  },
  'close codes 1012 to 1014': {
    right: 'ours',
    reason: 'They were registered after the RFC, and may be sent.',
    reference: 'RFC 6455 §7.4.2, §11.7',
    example: '88 82 00 00 00 00 03 f4',
    driver: { ours: /^close 101[2-4] /, theirs: /^close 1002 / },
  },
  'a continuation without a message, rejected when it is complete': {
    right: 'both',
    reason:
      'Its header is enough to reject it; websocket-driver waits for the payload, unless the payload is too large.',
    reference: 'RFC 6455 §5.4',
    example: '80 81 00 00 00 00',
    driver: weRefuse(
      /^error 1002 continuation: continuation/,
      ({ opcode, whole }) => opcode === 0 && !whole,
      /^(waiting$|error 1009)/,
    ),
  },
}
