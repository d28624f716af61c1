/**
 * The head of an HTTP/1.1 response as a client reads it: status lines, other statuses, interim responses, the grammar of fields, and
 * how the bytes arrive.
 *
 * @module
 */

import type { Case, Outcome, Step } from '../testing/case.ts'
import {
  afterFence,
  binary,
  closeWith,
  closing,
  echoes,
  FENCE,
  failsWith,
  messages,
  open,
  piece,
  ping,
  pongs,
  section,
  text,
} from './build.ts'
import { eitherWay, followed, givesUp, head, openAndClose, taken, takes, tried } from './opening.ts'
import {
  bareCr,
  dangerousCharacters,
  higherMinorVersion,
  messageParsing,
  not101,
  optionalWhiteSpace,
  rule,
  whiteSpaceBeforeFields,
} from './opening-rules.ts'

const notConforming = rule(
  'RFC 6455 §4.1',
  "If the server's response does not conform to the requirements for the server's handshake as defined in this section and in Section 4.2.2, the client MUST _Fail the WebSocket Connection_.",
)
const statusLineGrammar = rule('RFC 9112 §4', 'status-line = HTTP-version SP status-code SP [ reason-phrase ]')
const lenientLine = rule(
  'RFC 9112 §4',
  'Although the status-line grammar rule requires that each of the component elements be separated by a single SP octet, recipients MAY instead parse on whitespace-delimited word boundaries and, aside from the line terminator, treat any form of whitespace as the SP separator while ignoring preceding or trailing whitespace; such whitespace includes one or more of the following octets: SP, HTAB, VT (%x0B), FF (%x0C), or bare CR.',
)
const ignoreReason = rule(
  'RFC 9112 §4',
  'A client SHOULD ignore the reason-phrase content because it is not a reliable channel for information (it might be translated for a given locale, overwritten by intermediaries, or discarded when the message is forwarded via other versions of HTTP).',
)

const statusLine: readonly Case[] = section(
  'client',
  'status-line',
  {
    references: [...notConforming, ...statusLineGrammar],
    why: 'Without a valid HTTP/1.1 response there is no handshake.',
  },
  [
    ...tried(givesUp, [
      ['no-version', 'No version', { line: '101 Switching Protocols' }],
      ['lower-case-version', 'http/1.1', { line: 'http/1.1 101 Switching Protocols' }],
      ['other-name', 'ICY 101', { line: 'ICY 101 Switching Protocols' }],
      ['longer-name', 'HTTPS/1.1', { line: 'HTTPS/1.1 101 Switching Protocols' }],
      ['two-digits', 'A status of two digits', { line: 'HTTP/1.1 10 Switching Protocols' }],
      ['four-digits', 'A status of four digits', { line: 'HTTP/1.1 1010 Switching Protocols' }],
      ['leading-zero', 'Status 0101', { line: 'HTTP/1.1 0101 Switching Protocols' }],
      ['plus-sign', 'Status +101', { line: 'HTTP/1.1 +101 Switching Protocols' }],
      ['letter', 'Status 1O1, with the letter O', { line: 'HTTP/1.1 1O1 Switching Protocols' }],
      ['no-status', 'No status', { line: 'HTTP/1.1 Switching Protocols' }],
      ['request-line', 'The line of a request', { line: 'GET {path} HTTP/1.1' }],
    ]),
    ...tried(givesUp, [['http-1-0', 'HTTP/1.0 101', { line: 'HTTP/1.0 101 Switching Protocols' }]], {
      level: 'should',
      references: rule(
        'RFC 9110 §15.2',
        'Since HTTP/1.0 did not define any 1xx status codes, a server MUST NOT send a 1xx response to an HTTP/1.0 client.',
      ),
      why: 'HTTP/1.0 has no status 101 and no upgrade. A proxy must have rewritten the response.',
    }),
    ...tried(
      givesUp,
      [
        ['http-2-0', 'HTTP/2.0 101', { line: 'HTTP/2.0 101 Switching Protocols' }],
        ['http-2', 'HTTP/2 101', { line: 'HTTP/2 101 Switching Protocols' }],
      ],
      { level: 'should', why: 'HTTP/2 has no status line and no status 101.' },
    ),
    ...taken(
      [
        ['no-reason', 'An empty reason phrase', { line: 'HTTP/1.1 101 ' }],
        ['other-reason', 'Another reason phrase', { line: 'HTTP/1.1 101 Web Socket Protocol Handshake' }],
        ['reason-of-failure', 'A reason phrase that sounds like a failure', { line: 'HTTP/1.1 101 404 Not Found' }],
        ['reason-not-ascii', 'A reason phrase that is not ASCII', { line: 'HTTP/1.1 101 \xc3\x84nderung' }],
      ],
      { references: ignoreReason, why: 'The reason phrase is for humans. Only the status counts.' },
    ),
    ...taken([['http-1-2', 'HTTP/1.2 101', { line: 'HTTP/1.2 101 Switching Protocols' }]], {
      level: 'should',
      references: higherMinorVersion,
      why: "A later minor version of HTTP/1 can be read by today's clients.",
    }),
    ...tried(
      eitherWay('It split the line at white space.'),
      [
        ['two-spaces', 'Two spaces before the status', { line: 'HTTP/1.1  101 Switching Protocols' }],
        ['tab', 'A tab before the status', { line: 'HTTP/1.1\t101 Switching Protocols' }],
        ['no-last-space', 'No space after the status', { line: 'HTTP/1.1 101' }],
        ['empty-line-before', 'An empty line before it', { before: '\r\n' }],
        ['control-in-reason', 'A control character in the reason phrase', { line: 'HTTP/1.1 101 a\x1bb' }],
      ],
      { level: 'may', references: lenientLine, why: 'These break the grammar, but do no harm.' },
    ),
  ],
)

/** A response without the fields of a 101. */
const plain = { Upgrade: null, Connection: null, 'Sec-WebSocket-Accept': null, 'Sec-WebSocket-Protocol': null }

const status: readonly Case[] = section(
  'client',
  'status',
  {
    references: not101,
    why: 'Everything except a 101 is a plain HTTP response. A client that looks only at the fields treats a refusal or a page as a WebSocket.',
  },
  [
    ...tried(givesUp, [
      ['200-with-fields', '200 with all the fields of a 101', { line: 'HTTP/1.1 200 OK' }],
      ['100-with-fields', '100 with all the fields of a 101, and no other response', { line: 'HTTP/1.1 100 Continue' }],
      ['201-with-fields', '201 with all the fields of a 101', { line: 'HTTP/1.1 201 Created' }],
      ['400-with-fields', '400 with all the fields of a 101', { line: 'HTTP/1.1 400 Bad Request' }],
      ['200', '200 with a body', { line: 'HTTP/1.1 200 OK', fields: { ...plain, 'Content-Length': '0' } }],
      ['204', '204', { line: 'HTTP/1.1 204 No Content', fields: plain }],
      [
        '301',
        '301 to another URL',
        {
          line: 'HTTP/1.1 301 Moved Permanently',
          fields: { ...plain, Location: 'ws://127.0.0.1:9/', 'Content-Length': '0' },
        },
      ],
      [
        '302-without-location',
        '302 without Location',
        { line: 'HTTP/1.1 302 Found', fields: { ...plain, 'Content-Length': '0' } },
      ],
      [
        '307-unreadable',
        '307 to an invalid URL',
        { line: 'HTTP/1.1 307 Temporary Redirect', fields: { ...plain, Location: 'http://[', 'Content-Length': '0' } },
      ],
      ['304', '304', { line: 'HTTP/1.1 304 Not Modified', fields: plain }],
      [
        '401',
        '401 with a challenge',
        {
          line: 'HTTP/1.1 401 Unauthorized',
          fields: { ...plain, 'WWW-Authenticate': 'Basic realm="a"', 'Content-Length': '0' },
        },
      ],
      ['403', '403', { line: 'HTTP/1.1 403 Forbidden', fields: { ...plain, 'Content-Length': '0' } }],
      ['404', '404', { line: 'HTTP/1.1 404 Not Found', fields: { ...plain, 'Content-Length': '0' } }],
      [
        '407',
        '407 with a challenge',
        {
          line: 'HTTP/1.1 407 Proxy Authentication Required',
          fields: { ...plain, 'Proxy-Authenticate': 'Basic realm="a"', 'Content-Length': '0' },
        },
      ],
      [
        '426',
        '426 with another version',
        {
          line: 'HTTP/1.1 426 Upgrade Required',
          fields: {
            Connection: 'Upgrade',
            Upgrade: 'websocket',
            'Sec-WebSocket-Accept': null,
            'Sec-WebSocket-Version': '25',
            'Content-Length': '0',
          },
        },
      ],
      ['500', '500', { line: 'HTTP/1.1 500 Internal Server Error', fields: { ...plain, 'Content-Length': '0' } }],
      [
        '503',
        '503 with Retry-After',
        { line: 'HTTP/1.1 503 Service Unavailable', fields: { ...plain, 'Retry-After': '1', 'Content-Length': '0' } },
      ],
      [
        '599',
        '599, which is not registered',
        { line: 'HTTP/1.1 599 Unknown', fields: { ...plain, 'Content-Length': '0' } },
      ],
      [
        '999',
        '999, which is not a valid status',
        { line: 'HTTP/1.1 999 Unknown', fields: { ...plain, 'Content-Length': '0' } },
      ],
    ]),
  ],
)

const interimRule = rule(
  'RFC 9110 §15.2',
  'A client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client does not expect one.',
)
const earlyHints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'

const interim: readonly Case[] = section(
  'client',
  'interim',
  {
    references: interimRule,
    why: 'Servers and proxies send unsolicited interim responses. A client that treats the first response as the last one never opens.',
  },
  [
    ...taken([
      ['100', '100 before the 101', { before: 'HTTP/1.1 100 Continue\r\n\r\n' }],
      ['102', '102 before the 101', { before: 'HTTP/1.1 102 Processing\r\n\r\n' }],
      ['103', '103 with a field before the 101', { before: earlyHints }],
      ['199', '199, which is not registered, before the 101', { before: 'HTTP/1.1 199 Unknown\r\n\r\n' }],
      ['two', '100 and 103 before the 101', { before: `HTTP/1.1 100 Continue\r\n\r\n${earlyHints}` }],
      ['torn', '103 and the 101, byte by byte', { before: earlyHints, chunks: 'bytes' }],
    ]),
    ...tried(
      givesUp,
      [
        [
          'fields-in-103',
          'The accept in a 103, and a 101 without it',
          {
            before: 'HTTP/1.1 103 Early Hints\r\nSec-WebSocket-Accept: {accept}\r\n\r\n',
            fields: { 'Sec-WebSocket-Accept': null },
          },
        ],
      ],
      {
        references: [...interimRule, ...notConforming],
        why: 'The fields of an interim response are not those of the 101.',
      },
    ),
    ...tried(
      eitherWay('It skipped all of them.'),
      [['hundred', 'A hundred 103s before the 101', { before: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100) }]],
      {
        level: 'policy',
        why: 'Their number has no limit. A client with its own limit is safe from an endless series.',
      },
    ),
  ],
)

/** The 101 with more lines after its status line, before the other fields. */
function withLines(...lines: readonly string[]): string {
  return ['HTTP/1.1 101 Switching Protocols', ...lines].join('\r\n')
}

const noAccept = { 'Sec-WebSocket-Accept': null }
const replaceFold = rule(
  'RFC 9112 §5.2',
  'A user agent that receives an obs-fold in a response message that is not within a "message/http" container MUST replace each received obs-fold with one or more SP octets prior to interpreting the field value.',
)

const fields: readonly Case[] = section(
  'client',
  'fields',
  {
    references: notConforming,
    why: 'Response splitting relies on two recipients that read one head in different ways.',
  },
  [
    ...tried(
      givesUp,
      [
        [
          'bare-cr-for-line-end',
          'A bare CR before the accept',
          { line: withLines('X-Other: a\rSec-WebSocket-Accept: {accept}'), fields: noAccept },
        ],
      ],
      { references: bareCr },
    ),
    ...tried(
      givesUp,
      [
        [
          'fold-for-field',
          'The accept in a folded line',
          { line: withLines('X-Other: a', ' Sec-WebSocket-Accept: {accept}'), fields: noAccept },
        ],
      ],
      { references: replaceFold },
    ),
    ...tried(
      givesUp,
      [
        [
          'space-before-first-field',
          'The accept in a first line after a space',
          { line: withLines(' Sec-WebSocket-Accept: {accept}'), fields: noAccept },
        ],
      ],
      {
        references: whiteSpaceBeforeFields,
      },
    ),
    ...tried(
      givesUp,
      [
        ['nul-in-upgrade', 'A NUL and more after websocket', { fields: { Upgrade: 'websocket\0foo' } }],
        ['nul-in-accept', 'A NUL and more after the accept', { fields: { 'Sec-WebSocket-Accept': '{accept}\0x' } }],
      ],
      {
        references: dangerousCharacters,
        why: 'Code in C ends a text at its first NUL, and does not see the rest.',
      },
    ),
    ...tried(givesUp, [
      [
        'underscores',
        'Underscores for the hyphens of the accept',
        { fields: { ...noAccept, Sec_WebSocket_Accept: '{accept}' } },
      ],
    ]),
    ...tried(
      eitherWay('It replaced the character by a space, or kept it where it is harmless.'),
      [
        ['nul-in-value', 'A NUL in an unknown field', { fields: { 'X-Other': 'a\0b' } }],
        ['bare-cr-in-value', 'A bare CR in an unknown field', { fields: { 'X-Other': 'a\rb' } }],
        ['control-in-value', 'A control character in an unknown field', { fields: { 'X-Other': 'a\x01b' } }],
      ],
      { level: 'may', references: dangerousCharacters },
    ),
    ...tried(
      eitherWay('It skipped the line.'),
      [
        ['space-before-colon', 'A space before a colon', { fields: { 'X-Other ': 'a' } }],
        ['empty-name', 'An empty name', { line: withLines(': a') }],
        ['space-in-name', 'A space in a name', { fields: { 'X Other': 'a' } }],
        ['no-colon', 'A line without a colon', { line: withLines('X-Other') }],
        ['bare-lf', 'A line that ends in LF', { line: withLines('X-Other: a\nX-More: b') }],
      ],
      { level: 'may', why: 'These break the grammar. Clients differ in how much they tolerate.' },
    ),
    ...taken(
      [
        ['fold', 'Connection in two folded lines', { fields: { Connection: 'keep-alive,\r\n Upgrade' } }],
        ['fold-in-unknown', 'An unknown field in two lines', { fields: { 'X-Other': 'a\r\n\tb' } }],
      ],
      { references: replaceFold, why: 'Old gateways fold long lines. A client reads a fold as a space.' },
    ),
    ...taken(
      [
        [
          'lower-case-names',
          'Names in lower case',
          {
            fields: {
              Upgrade: null,
              Connection: null,
              'Sec-WebSocket-Accept': null,
              upgrade: 'websocket',
              connection: 'Upgrade',
              'sec-websocket-accept': '{accept}',
            },
          },
        ],
        [
          'upper-case-names',
          'Names in capitals',
          {
            fields: {
              Upgrade: null,
              Connection: null,
              'Sec-WebSocket-Accept': null,
              UPGRADE: 'websocket',
              CONNECTION: 'Upgrade',
              'SEC-WEBSOCKET-ACCEPT': '{accept}',
            },
          },
        ],
      ],
      {
        references: rule(
          'RFC 6455 §4.1',
          'Please note that according to [RFC2616], all header field names in both HTTP requests and HTTP responses are case-insensitive.',
        ),
      },
    ),
    ...taken(
      [
        [
          'no-space-after-colon',
          'No space after a colon',
          { line: withLines('Upgrade:websocket'), fields: { Upgrade: null } },
        ],
        ['much-white-space', 'Tabs and spaces around a value', { fields: { Upgrade: ' \t websocket \t ' } }],
      ],
      {
        references: optionalWhiteSpace,
        why: 'White space around a value is not part of it.',
      },
    ),
    ...taken(
      [
        ['unknown', 'Unknown fields', { fields: { 'X-Unheard-Of': ['a, b; c="d', ''] } }],
        [
          'usual',
          'Date, Server and a cookie',
          { fields: { Date: 'Sun, 06 Nov 1994 08:49:37 GMT', Server: 'x/1', 'Set-Cookie': ['a=b; Path=/', 'c=d'] } },
        ],
        ['version', 'Sec-WebSocket-Version: 13', { fields: { 'Sec-WebSocket-Version': '13' } }],
        [
          'prototype-names',
          'Fields called __proto__ and constructor',
          { line: withLines('__proto__: a', 'constructor: b') },
        ],
        ['not-ascii-value', 'A byte that is not ASCII', { fields: { 'X-Other': 'caf\xe9' } }],
        ['4-kb-value', 'A value of 4 kB', { fields: { 'X-Large': 'a'.repeat(4000) } }],
      ],
      {
        references: rule('RFC 9110 §5.1', 'Other recipients SHOULD ignore unrecognized header and trailer fields.'),
        level: 'should',
        why: 'Servers and proxies add fields that the client does not know.',
      },
    ),
    ...taken(
      [
        ['length-0', 'Content-Length: 0', { fields: { 'Content-Length': '0' } }],
        ['length-5', 'Content-Length: 5', { fields: { 'Content-Length': '5' } }],
        ['chunked', 'Transfer-Encoding: chunked', { fields: { 'Transfer-Encoding': 'chunked' } }],
      ],
      {
        level: 'may',
        references: rule(
          'RFC 9112 §6.3',
          'Any response to a HEAD request and any response with a 1xx (Informational), 204 (No Content), or 304 (Not Modified) status code is always terminated by the first empty line after the header fields, regardless of the header fields present in the message, and thus cannot contain a message body or trailer section.',
        ),
        why: 'A server must not send these in a 101. A client that waits for a body loses the frames.',
      },
    ),
    {
      name: '200-kb',
      title: 'A field of 200 kB',
      level: 'policy',
      references: rule(
        'RFC 9110 §5.4',
        'A client MAY discard or truncate received field lines that are larger than the client wishes to process if the field semantics are such that the dropped value(s) can be safely ignored without changing the message framing or response semantics.',
      ),
      why: 'Without a limit, a single server can fill the memory of a client.',
      steps: [
        open(
          followed(
            {
              raw: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nX-Large: ',
            },
            { bytes: { text: 'a', repeat: 200_000 } },
            { bytes: '\r\n\r\n' },
          ),
        ),
        ...closing(),
      ],
      outcomes: [
        { verdict: 'pass', reason: 'It gave up.', when: { close: 'none', end: 'any' } },
        { verdict: 'info', reason: 'It has a higher limit.', when: { close: 'any' } },
      ],
    },
  ],
)

/** The response is cut off, so there is nothing to wait for. */
const noticesEnd: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It gave up when the connection ended.',
    when: { close: 'none', messages: [], end: 'any' },
  },
]

function cutOff(raw: string): readonly Step[] {
  return [open({ raw }), { do: 'end' }, { do: 'await', for: 'end' }]
}

const mayBegin = rule('RFC 6455 §4.2.2', 'At this point, the server may begin sending (and receiving) data.')

const bytes: readonly Case[] = section(
  'client',
  'bytes',
  {
    references: mayBegin,
    why: 'TCP cuts bytes anywhere, and joins separate writes. Frames after the head are easily lost, or read twice.',
  },
  [
    ...taken(
      [
        ['one-by-one', 'The head byte by byte', { chunks: 'bytes' }],
        ['cut-in-first-line', 'The head cut in its first line', { chunks: { sizes: [3, 4096] } }],
        ['random-pieces', 'The head in pieces of 1 to 8 bytes', { chunks: { seed: 1 } }],
      ],
      { references: messageParsing },
    ),
    {
      name: 'text-after-head',
      title: 'A text in the same write as the head',
      needs: ['echo'],
      steps: [open(followed({}, piece(text('at once')))), messages(), ...closing()],
      outcomes: echoes({ text: 'at once' }),
    },
    {
      name: 'two-messages-after-head',
      title: 'A text and a binary message in the same write as the head',
      needs: ['echo'],
      steps: [open(followed({}, piece(text('at once')), piece(binary({ hex: '00ff' })))), messages(2), ...closing()],
      outcomes: echoes({ text: 'at once' }, { binary: { hex: '00ff' } }),
    },
    {
      name: 'torn-text-after-head',
      title: 'The head and a text, byte by byte',
      needs: ['echo'],
      steps: [open({ ...followed({}, piece(text('at once'))), chunks: 'bytes' }), messages(), ...closing()],
      outcomes: echoes({ text: 'at once' }),
    },
    {
      name: 'half-text-after-head',
      title: 'Half a text in the same write as the head, then the rest',
      needs: ['echo'],
      steps: [
        open(followed({}, { bytes: { hex: '8107 6174 20' } })),
        { do: 'send', pieces: [{ bytes: 'once' }] },
        messages(),
        ...closing(),
      ],
      outcomes: echoes({ text: 'at once' }),
    },
    {
      name: 'large-text-after-head',
      title: 'A text of 64 kB in the same write as the head',
      needs: ['echo'],
      steps: [open(followed({}, piece(text({ text: 'a', repeat: 65_536 })))), messages(), ...closing()],
      outcomes: echoes({ text: { text: 'a', repeat: 65_536 } }),
    },
    {
      name: 'ping-after-head',
      title: 'A ping in the same write as the head',
      steps: [open(followed({}, piece(ping('at once')))), pongs(), ...closing()],
      outcomes: [
        { verdict: 'pass', reason: 'It answered the ping.', when: { pongs: ['at once'], close: [1000, 'empty'] } },
      ],
    },
    {
      name: 'close-after-head',
      title: 'A Close in the same write as the head',
      steps: [open(followed({}, piece(closeWith(1000)))), { do: 'await', for: 'close' }],
      outcomes: takes,
    },
    {
      name: 'bad-frame-after-head',
      title: 'A masked text in the same write as the head',
      references: rule('RFC 6455 §5.1', 'A client MUST close a connection if it detects a masked frame.'),
      steps: [open(followed({}, piece(text('at once', { mask: '37fa213d' })), piece(ping(FENCE)))), ...afterFence()],
      outcomes: failsWith(1002),
    },
    ...(
      [
        ['end-at-once', 'A FIN instead of a response', ''],
        ['end-in-first-line', 'A FIN in the first line', 'HTTP/1.1 101 Sw'],
        [
          'end-in-fields',
          'A FIN before the empty line',
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n',
        ],
      ] as const
    ).map(([name, title, raw]) => ({
      name,
      title,
      level: 'should' as const,
      references: rule(
        'RFC 9112 §8',
        'A client that receives an incomplete response message, which can occur when a connection is closed prematurely or when decoding a supposedly chunked transfer coding fails, MUST record the message as incomplete.',
      ),
      why: 'A client that keeps waiting does not report that the server has gone.',
      steps: cutOff(raw),
      outcomes: noticesEnd,
    })),
    ...tried(
      givesUp,
      [
        ['other-protocol', 'The greeting of another protocol', { raw: 'SSH-2.0-OpenSSH_9.9\r\n\r\n' }],
        ['page', 'A page without a head', { raw: '<!doctype html><title>Hello</title>\r\n\r\n' }],
        ['frame-without-head', 'A frame instead of a response', { raw: '\x81\x05Hello\r\n\r\n' }],
        [
          'echoed-request',
          'The request is echoed',
          {
            raw: head(
              'GET {path} HTTP/1.1',
              'Host: {host}',
              'Upgrade: websocket',
              'Connection: Upgrade',
              'Sec-WebSocket-Key: {key}',
              'Sec-WebSocket-Version: 13',
            ),
          },
        ],
      ],
      { references: notConforming, why: 'The server does not speak WebSocket.' },
    ),
    {
      name: 'sound',
      title: 'A valid 101, and nothing else',
      references: rule(
        'RFC 6455 §4.1',
        "If the server's response is validated as provided for above, it is said that _The WebSocket Connection is Established_ and that the WebSocket Connection is in the OPEN state.",
      ),
      why: 'This is what every server sends.',
      steps: openAndClose(),
      outcomes: takes,
    },
  ],
)

/** The cases of a response's head, as a client reads it. */
export const httpClient: readonly Case[] = [...statusLine, ...status, ...interim, ...fields, ...bytes]
