/** Faults after the opening handshake (RFC 6455 §5–8), of a server, a client or both. */

import { both, type FaultEntry } from './fault-entry.ts'

export const frameFaults = {
  'reserved-data-opcode': {
    does: 'It ignores frames with opcodes 3 to 7.',
    named: both('framing/opcode-3-with-payload'),
  },
  'reserved-control-opcode': { does: 'It ignores frames with opcodes 11 to 15.', named: both('framing/opcode-12') },
  'reserved-bits': { does: 'It accepts RSV2 and RSV3.', named: both('framing/rsv2-on-text') },
  'reserved-bits-on-control': {
    does: 'It checks the reserved bits of data frames only.',
    named: both('framing/rsv1-on-close'),
  },
  'rsv1-without-extension': {
    does: 'It accepts RSV1 although no extension was agreed on.',
    named: both('framing/rsv1-on-text'),
  },
  unmasked: { does: 'It accepts frames that are not masked.', named: ['server/masking/unmasked-text'] },
  masked: { does: 'It accepts masked frames.', named: ['client/masking/masked-text'] },
  'mask-not-removed': {
    does: 'It sends messages back masked, as they arrived.',
    named: ['server/masking/key-in-order'],
  },
  'mask-key-reversed': { does: 'It reads the masking key backward.', named: ['server/masking/key-in-order'] },
  'mask-starts-again-in-chunk': {
    does: 'It starts with the first byte of the masking key in each chunk of the transport.',
    named: ['server/masking/torn-after-1-byte'],
  },
  'mask-last-bytes-kept': {
    does: 'It unmasks four bytes at a time, and leaves the last ones masked.',
    named: ['server/masking/payload-of-5-bytes'],
  },
  'length-16-not-minimal': {
    does: 'It accepts lengths below 126 in two bytes.',
    named: both('framing/binary-of-5-in-length-of-2-bytes'),
    verdict: 'warn',
  },
  'length-64-not-minimal': {
    does: 'It accepts lengths below 65 536 in eight bytes.',
    named: both('framing/binary-of-65535-in-length-of-8-bytes'),
    verdict: 'warn',
  },
  'length-16-signed': {
    does: 'It reads lengths of two bytes as signed.',
    named: both('framing/binary-of-65535-bytes'),
  },
  'length-little-endian': {
    does: 'It reads lengths of eight and two bytes backward.',
    named: both('framing/text-of-126-bytes'),
  },
  'length-64-cut': {
    does: 'It reads the last four of eight bytes of a length.',
    named: both('framing/length-2-to-32-plus-5'),
  },
  'length-64-cut-to-16': {
    does: 'It reads the last two of eight bytes of a length.',
    named: both('framing/text-of-65536-bytes'),
  },
  'length-64-signed': {
    does: 'It reads lengths of eight bytes as signed, and treats negative ones as 0.',
    named: both('framing/length-all-ones'),
  },
  'length-top-bit': {
    does: 'It clears the top bit of a length of eight bytes.',
    history: 'gorilla/websocket before 1.4.1 added up such lengths to a negative size (CVE-2020-27813).',
    named: both('framing/length-with-top-bit'),
  },
  'no-limit': {
    does: 'It waits for a message of any announced size.',
    named: both('limits/header-of-1-gib'),
    verdict: 'info',
  },
  'limit-of-64-kib': {
    does: 'It refuses messages of more than 65 535 bytes.',
    named: both('framing/binary-of-65536-bytes'),
  },
  'limit-of-1-mib': { does: 'It refuses messages of 1 MiB.', named: both('limits/binary-of-1-mib'), verdict: 'info' },
  'size-counter-not-reset': {
    does: 'Its limit for one message counts the bytes of all messages.',
    named: both('limits/size-counter-starts-again'),
    verdict: 'info',
  },
  'fragment-counter-not-reset': {
    does: 'Its limit of 16 384 fragments for one message counts those of all messages.',
    named: both('fragmentation/fragment-counter-starts-again'),
  },
  'one-frame-a-chunk': {
    does: 'It reads one frame in each chunk of the transport and drops the others.',
    named: both('timing/conversation-whole'),
  },
  'torn-header-lost': {
    does: 'It forgets the part of a header at the end of a chunk.',
    named: both('fragmentation/two-fragments-bytewise'),
  },
  'control-too-long': {
    does: 'It accepts control frames of more than 125 bytes.',
    named: both('control/ping-of-126-bytes'),
  },
  'control-of-125-refused': {
    does: 'It refuses control frames of 125 bytes.',
    named: both('control/ping-of-125-bytes'),
  },
  'control-in-fragments': { does: 'It accepts control frames without FIN.', named: both('control/ping-without-fin') },
  'control-inside-message-refused': {
    does: 'It refuses control frames between the fragments of a message.',
    named: both('control/ping-inside-message'),
  },
  'control-ends-message': {
    does: 'It forgets the message that a control frame interrupts.',
    named: both('control/ping-inside-message'),
  },
  'control-resets-utf8': {
    does: 'It forgets the character that a control frame interrupts.',
    named: both('control/ping-inside-character'),
  },
  'ping-unanswered': { does: 'It answers no pings.', named: both('control/ping-with-text') },
  'ping-inside-message-unanswered': {
    does: 'It answers no pings between the fragments of a message.',
    named: both('control/ping-inside-message'),
  },
  'ping-answered-twice': {
    does: 'It answers each ping twice.',
    named: both('control/ping-with-text'),
    verdict: 'warn',
  },
  'ping-answered-by-ping': {
    does: 'It answers a ping with a ping.',
    named: both('control/ping-with-text'),
  },
  'ping-echoed': {
    does: 'It sends the payload of a ping back as a message, too.',
    named: both('control/ping-before-message'),
  },
  'pong-without-payload': { does: 'Its pongs are empty.', named: both('control/ping-with-text') },
  'pong-cut': { does: 'It cuts the payload of a pong to 124 bytes.', named: both('control/ping-of-125-bytes') },
  'pong-cut-at-nul': {
    does: 'It treats the payload of a ping as a string that ends with NUL.',
    named: both('control/ping-of-1-byte'),
  },
  'pong-as-text': {
    does: 'It treats the payload of a ping as UTF-8, and replaces invalid bytes.',
    named: both('control/ping-with-torn-character'),
  },
  'pong-of-first-ping': {
    does: 'It sends the payload of the first ping in each pong.',
    named: both('control/ten-pings-one-by-one'),
  },
  'pong-in-reverse': {
    does: 'It answers several pings in one chunk from the last to the first.',
    named: both('control/ten-pings'),
  },
  'pong-after-message': {
    does: 'It answers a ping between fragments at the end of the message.',
    named: both('control/pings-inside-five-fragments'),
  },
  'pong-with-next-message': {
    does: 'It answers no ping before it has sent a message back.',
    named: both('control/ping-with-text'),
  },
  'pong-answered': {
    does: 'It answers a pong.',
    named: both('control/unsolicited-pong-inside-message'),
    verdict: 'warn',
  },
  'pong-unasked-refused': {
    does: 'It refuses pongs that it has not asked for.',
    named: both('control/unsolicited-pong'),
  },
  'pong-echoed': { does: 'It treats pongs as messages.', named: both('control/unsolicited-pong-inside-message') },
  'continuation-of-nothing': {
    does: 'It treats a continuation as the beginning of a message.',
    named: both('fragmentation/continuation-first'),
  },
  'message-inside-message': {
    does: 'It accepts the beginning of a message inside another.',
    named: both('fragmentation/text-inside-text'),
  },
  'messages-end-with-frames': {
    does: 'It treats each fragment as a message.',
    named: both('fragmentation/two-fragments'),
  },
  'empty-last-fragment-dropped': {
    does: 'It drops an empty last fragment, and waits for another.',
    named: both('fragmentation/empty-last-fragment'),
  },
  'fragments-join-backwards': {
    does: 'It joins the last two fragments in the wrong order.',
    named: both('fragmentation/binary-in-five-fragments'),
  },
  'fragments-echoed-as-binary': {
    does: 'It uses the opcode of the last fragment, so a fragmented text becomes binary.',
    named: both('fragmentation/two-fragments'),
  },
  'empty-message-dropped': { does: 'It does not send empty messages back.', named: both('framing/binary-of-0-bytes') },
  'second-message-unanswered': {
    does: 'It sends the first message back only.',
    named: both('fragmentation/fragmented-then-whole'),
  },
  'text-as-binary': {
    does: 'It sends texts back as binary messages.',
    named: both('framing/text-of-1-bytes'),
  },
  'binary-as-text': {
    does: 'It sends binary messages back as texts.',
    named: both('framing/binary-of-1-bytes'),
  },
  'text-cut-at-nul': { does: 'It treats a text as a string that ends with NUL.', named: both('utf8/first-of-1-byte') },
  'text-as-ucs-2': {
    does: 'It writes characters above U+FFFF as two surrogates.',
    named: both('utf8/first-of-4-bytes'),
  },
  'text-normalized': { does: 'It composes characters (NFC).', named: both('utf8/greek') },
  'text-replaced': { does: 'It replaces CRLF with LF.', named: both('utf8/line-ends') },
  'bom-stripped': {
    does: 'It strips a byte order mark.',
    history: '`TextDecoder` does that by default.',
    named: both('utf8/bom-first'),
    verdict: 'warn',
  },
  'utf8-unchecked': { does: 'It accepts any bytes in a text.', named: both('utf8/surrogate-d800') },
  'utf8-checked-at-end': {
    does: 'It checks a text only when the message is complete.',
    named: both('utf8/at-once-at-second-byte'),
    verdict: 'warn',
  },
  'utf8-checked-by-frame': {
    does: 'It requires whole characters in each frame.',
    named: both('utf8/2-bytes-torn'),
  },
  'utf8-state-dropped-by-frame': {
    does: 'It forgets at the end of each frame that a character has begun.',
    named: both('utf8/2-bytes-torn'),
  },
  'utf8-state-kept': { does: 'It lets a character end in the next message.', named: both('utf8/cut-after-1-of-4') },
  'utf8-end-unchecked': { does: 'It lets a text end within a character.', named: both('utf8/cut-after-1-of-4') },
  'utf8-tail-unchecked': {
    does: 'It checks eight bytes at a time, and ignores the last ones.',
    named: both('utf8/lead-after-lead'),
  },
  'utf8-first-bytes-only': {
    does: 'It checks the first 32 bytes of each chunk.',
    named: both('utf8/bad-byte-at-63'),
  },
  'utf8-lone-continuation': {
    does: 'It accepts continuation bytes without a lead.',
    named: both('utf8/continuation-80'),
  },
  'utf8-overlong': { does: 'It accepts forms that are longer than needed.', named: both('utf8/overlong-slash-in-3') },
  'utf8-surrogates': { does: 'It accepts surrogates.', named: both('utf8/surrogate-d800') },
  'utf8-beyond-unicode': { does: 'It accepts characters above U+10FFFF.', named: both('utf8/above-10ffff') },
  'utf8-long-forms': {
    does: 'It accepts forms of five and six bytes, as in RFC 2279.',
    named: both('utf8/first-of-5-bytes'),
  },
  'utf8-fault-with-1002': {
    does: 'It fails with 1002 for invalid UTF-8.',
    named: both('utf8/bad-byte-at-16'),
    verdict: 'warn',
  },
  'fault-ignored': { does: 'It continues after a fault.', named: both('framing/opcode-3') },
  'fault-kept-silent': {
    does: 'It stops after a fault without a Close or an end.',
    named: both('framing/opcode-3'),
  },
  'fault-with-1000': {
    does: 'It closes with 1000 for a fault.',
    history: 'aiohttp does for messages that cannot be inflated.',
    named: both('framing/opcode-3'),
    verdict: 'warn',
  },
  'fault-without-close': {
    does: 'It ends the connection for a fault without a Close.',
    named: both('framing/opcode-3'),
    verdict: 'warn',
  },
  'fault-resets': {
    does: 'It resets the connection for a fault.',
    named: both('framing/opcode-3'),
    verdict: 'warn',
  },
  'close-unanswered': { does: 'It answers no Close.', named: both('closing/code-1000') },
  'close-ends-transport': {
    does: 'It ends the connection instead of answering a Close.',
    named: both('closing/code-1000'),
  },
  'close-for-fault-ends-transport': {
    does: 'It ends the connection instead of answering a Close with a code above 1001.',
    named: both('closing/code-1002'),
  },
  'close-answered-again': {
    does: 'It answers a second Close, too.',
    named: ['client/closing/close-twice'],
    verdict: 'warn',
  },
  'close-answered-with-1002': { does: 'It answers each Close with 1002.', named: both('closing/code-1000') },
  'close-answered-with-1006': { does: 'It answers each Close with 1006.', named: both('closing/code-1000') },
  'close-empty-answered-with-1002': {
    does: 'It answers a Close without a code with 1002.',
    named: both('closing/no-code'),
  },
  'close-1005-sent': { does: 'It answers a Close without a code with 1005.', named: both('closing/no-code') },
  'close-code-little-endian': { does: 'It writes the code backward.', named: both('closing/code-1000') },
  'close-reason-cut': {
    does: 'It cuts the reason in its answer to 10 bytes, within a character, too.',
    named: both('closing/reason-in-3-byte-characters'),
  },
  'close-reason-too-long': { does: 'Its Close has 126 bytes.', named: both('closing/reason') },
  'close-reason-unchecked': { does: 'It accepts any bytes in a reason.', named: both('closing/reason-with-bad-byte') },
  'close-without-fin': { does: 'Its Close has no FIN.', named: both('closing/code-1000') },
  'close-of-1-byte': { does: 'It accepts a Close of one byte.', named: both('closing/payload-of-1-byte') },
  'close-codes-unchecked': {
    does: 'It accepts all codes, and sends them back.',
    history: 'Chromium and tornado do.',
    named: both('closing/code-0'),
    verdict: 'warn',
  },
  'close-codes-below-1000': { does: 'It accepts codes below 1000.', named: both('closing/code-0'), verdict: 'warn' },
  'close-codes-below-3000': {
    does: 'It accepts undefined codes up to 2999.',
    named: both('closing/code-2999'),
    verdict: 'warn',
  },
  'close-codes-reserved': {
    does: 'It accepts codes that must not be sent.',
    named: both('closing/code-1005'),
    verdict: 'warn',
  },
  'close-codes-beyond-4999': {
    does: 'It accepts codes above 4999.',
    named: both('closing/code-5000'),
    verdict: 'info',
  },
  'close-codes-of-libraries-refused': { does: 'It refuses codes from 3000 to 3999.', named: both('closing/code-3000') },
  'close-codes-of-applications-refused': {
    does: 'It refuses codes from 4000 to 4999.',
    named: both('closing/code-4000'),
  },
  'close-codes-of-rfc-2011-only': {
    does: 'It refuses the codes that were registered after RFC 6455.',
    named: both('closing/code-1013'),
    verdict: 'warn',
  },
  'close-codes-other-than-1000-refused': {
    does: 'It refuses all codes but 1000.',
    named: both('closing/code-1001'),
  },
  'close-reason-refused': { does: 'It refuses reasons.', named: both('closing/reason-of-1-byte') },
  'close-1010-refused': { does: 'It refuses 1010.', named: both('closing/code-1010') },
  'reads-after-close': {
    does: 'It accepts frames after a Close.',
    named: ['client/closing/text-after-close'],
    verdict: 'warn',
  },
  'data-after-close': { does: 'It sends a message after its Close.', named: both('closing/code-1000') },
  'ping-after-close': { does: 'It sends a ping after its Close.', named: both('closing/code-1000'), verdict: 'warn' },
  'garbage-after-close': {
    does: 'It sends bytes that are not a frame after its Close.',
    named: both('closing/code-1000'),
    verdict: 'warn',
  },
  'transport-kept': {
    does: 'It does not end the connection.',
    named: ['server/closing/ends-tcp-first'],
    verdict: 'warn',
  },
  'transport-ended-first': {
    does: 'It does not wait for the server to end the connection.',
    named: ['client/closing/waits-for-the-end-of-tcp'],
    verdict: 'info',
  },
  'transport-reset': {
    does: 'It resets the connection after its Close.',
    named: ['client/closing/waits-for-the-end-of-tcp'],
    verdict: 'info',
  },
  'end-ignored': {
    does: 'It does not end its direction when the other end has ended.',
    named: both('closing/end-without-close'),
    verdict: 'warn',
  },
  'end-delivers-message': {
    does: 'It treats the end of the connection as the end of a message.',
    named: both('closing/end-inside-message'),
    verdict: 'warn',
  },
  'echo-twice': { does: 'It sends each message back twice.', named: both('framing/text-of-128-bytes') },
  'echo-in-text-frames': {
    does: 'Its fragments all have the opcode of the message.',
    named: both('framing/text-of-128-bytes'),
  },
  'echo-in-frames-without-end': {
    does: 'Its fragments end without FIN.',
    named: both('framing/text-of-128-bytes'),
  },
  'sends-masked': { does: 'It masks its frames.', named: ['server/framing/text-of-1-bytes'] },
  'sends-unmasked': { does: 'It does not mask its frames.', named: ['client/framing/text-of-1-bytes'] },
  'mask-not-applied': { does: 'It sends a masking key, but does not mask.', named: ['client/framing/text-of-1-bytes'] },
  'mask-key-of-zeros': {
    does: 'Its masking key is always zero.',
    named: ['client/masking/fresh-key-for-each-message'],
  },
  'mask-key-reused': {
    does: 'It has one masking key for the whole connection.',
    history: 'curl 8.11.0 to 8.15.0 did (CVE-2025-10148).',
    named: ['client/masking/fresh-key-for-each-message'],
  },
  'sends-125-in-16-bits': {
    does: 'It writes a length of 125 in two bytes.',
    named: both('framing/text-of-125-bytes'),
  },
  'sends-126-in-7-bits': { does: 'It writes a length of 126 in seven bits.', named: both('framing/text-of-126-bytes') },
  'sends-65535-in-64-bits': {
    does: 'It writes a length of 65 535 in eight bytes.',
    named: both('framing/binary-of-65535-bytes'),
  },
  'sends-16-bits-only': {
    does: 'It writes all lengths above 125 in two bytes.',
    named: both('framing/binary-of-65536-bytes'),
  },
  'rsv1-sent': {
    does: 'It sets RSV1 although no extension was agreed on.',
    named: both('framing/text-of-128-bytes'),
  },
} as const satisfies Readonly<Record<string, FaultEntry>>
