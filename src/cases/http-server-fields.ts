/**
 * The grammar of fields and lines in an opening request, and how its bytes arrive: in pieces, together with frames, cut off, or not
 * HTTP at all.
 *
 * @module
 */

import type { Case, Outcome, Step } from '../testing/case.ts'
import { closeFrame, closing, echoes, messages, open, piece, section, text } from './build.ts'
import {
  accepted,
  either,
  followed,
  head,
  ignored,
  itsChoice,
  openedAndClosed,
  openings,
  refused,
  refusedWith400,
  requestLines,
} from './opening.ts'
import {
  bareCr,
  dangerousCharacters,
  grammarViolations,
  incompleteRequest,
  keyField,
  messageParsing,
  optionalWhiteSpace,
  rule,
  unmaskedFrame,
  whiteSpaceBeforeFields,
} from './opening-rules.ts'

const notHttp = rule(
  'RFC 9112 §2.2',
  'When a server listening only for HTTP request messages, or processing what appears from the start-line to be an HTTP request message, receives a sequence of octets that does not match the HTTP-message grammar aside from the robustness exceptions listed above, the server SHOULD respond with a 400 (Bad Request) response and close the connection.',
)
const bareLf = rule(
  'RFC 9112 §2.2',
  'Although the line terminator for the start-line and fields is the sequence CRLF, a recipient MAY recognize a single LF as a line terminator and ignore any preceding CR.',
)
const folded = rule(
  'RFC 9112 §5.2',
  'A server that receives an obs-fold in a request message that is not within a "message/http" container MUST either reject the message by sending a 400 (Bad Request), preferably with a representation explaining that obsolete line folding is unacceptable, or replace each received obs-fold with one or more SP octets prior to interpreting the field value or forwarding the message downstream.',
)
const names = rule(
  'RFC 9110 §5.1',
  'Field names are case-insensitive and ought to be registered within the "Hypertext Transfer Protocol (HTTP) Field Name Registry"; see Section 16.3.1.',
)
const unknownFields = rule('RFC 6455 §4.2.1', 'Unknown header fields are ignored, as per [RFC2616].')

/** A valid request in which these lines replace the line of the key. */
function inPlaceOfKey(...lines: readonly string[]): string {
  return head(...requestLines.flatMap((one) => (one.startsWith('Sec-WebSocket-Key') ? lines : [one])))
}

/** The line of the key. */
const keyLine = 'Sec-WebSocket-Key: {key}'

const fields: readonly Case[] = section(
  'server',
  'fields',
  {
    references: notHttp,
    why: 'Request smuggling relies on two recipients that read one head in different ways.',
  },
  [
    ...openings(
      refusedWith400,
      [
        ['space-before-colon', 'A space before a colon', { fields: { 'X-Other ': 'a' } }],
        ['tab-before-colon', 'A tab before a colon', { fields: { 'X-Other\t': 'a' } }],
        [
          'key-space-before-colon',
          'A space before the colon of the key',
          { fields: { 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Key ': '{key}' } },
        ],
      ],
      {
        references: rule(
          'RFC 9112 §5.1',
          'A server MUST reject, with a response status code of 400 (Bad Request), any received request message that contains whitespace between a header field name and colon.',
        ),
      },
    ),
    ...openings(
      refused,
      [
        ['empty-name', 'An empty name', { raw: head(...requestLines, ': a') }],
        ['space-in-name', 'A space in a name', { fields: { 'X Other': 'a' } }],
        ['bracket-in-name', 'A bracket in a name', { fields: { 'X(Other)': 'a' } }],
        ['not-ascii-in-name', 'A byte in a name that is not ASCII', { fields: { 'X-\xf6ther': 'a' } }],
        ['control-in-name', 'A control character in a name', { fields: { 'X-\x01Other': 'a' } }],
        ['nul-in-name', 'A NUL in a name', { fields: { 'X-\0Other': 'a' } }],
        ['no-colon', 'A line without a colon', { raw: head(...requestLines, 'X-Other') }],
      ],
      { level: 'should' },
    ),
    ...openings(
      refused,
      [
        ['bare-cr-for-line-end', 'A bare CR before the key', { raw: inPlaceOfKey(`X-Other: a\r${keyLine}`) }],
        ['bare-cr-in-name', 'A bare CR before the name of the key', { raw: inPlaceOfKey(`\r${keyLine}`) }],
      ],
      { references: bareCr },
    ),
    ...openings(
      refused,
      [
        ['fold-for-field', 'The key in a folded line', { raw: inPlaceOfKey('X-Other: a', ` ${keyLine}`) }],
        [
          'fold-by-tab-for-field',
          'The key in a line that a tab folds',
          { raw: inPlaceOfKey('X-Other: a', `\t${keyLine}`) },
        ],
      ],
      { references: folded },
    ),
    ...openings(
      refused,
      [
        [
          'space-before-first-field',
          'The key in a first line after a space',
          { line: `GET {path} HTTP/1.1\r\n ${keyLine}`, fields: { 'Sec-WebSocket-Key': null } },
        ],
      ],
      { references: whiteSpaceBeforeFields },
    ),
    ...openings(
      refused,
      [
        ['nul-in-version', 'A NUL and more after the version', { fields: { 'Sec-WebSocket-Version': '13\x008' } }],
        ['nul-in-key', 'A NUL and more after the key', { fields: { 'Sec-WebSocket-Key': '{key}\0==' } }],
      ],
      {
        references: dangerousCharacters,
        why: 'Code in C ends a text at its first NUL, and does not see what others see after it.',
      },
    ),
    ...openings(
      ignored,
      [['nul-in-upgrade', 'A NUL and more after websocket', { fields: { Upgrade: 'websocket\0foo' } }]],
      {
        references: dangerousCharacters,
        why: 'Code in C ends a text at its first NUL, and does not see what others see after it.',
      },
    ),
    ...openedAndClosed(
      either('It replaced the character by a space, or kept it where it is harmless.'),
      [
        ['nul-in-value', 'A NUL in an unknown field', { fields: { 'X-Other': 'a\0b' } }],
        ['bare-cr-in-value', 'A bare CR in an unknown field', { fields: { 'X-Other': 'a\rb' } }],
      ],
      { references: dangerousCharacters },
    ),
    ...openedAndClosed(
      either('It kept the character where it is harmless.'),
      [
        ['control-in-value', 'A control character in an unknown field', { fields: { 'X-Other': 'a\x01b' } }],
        ['delete-in-value', 'A DEL in an unknown field', { fields: { 'X-Other': 'a\x7fb' } }],
      ],
      {
        level: 'may',
        references: rule(
          'RFC 9110 §5.5',
          'Field values containing other CTL characters are also invalid; however, recipients MAY retain such characters for the sake of robustness when they appear within a safe context (e.g., an application-specific quoted string that will not be processed by any downstream HTTP parser).',
        ),
      },
    ),
    ...openedAndClosed(
      either('It replaced the fold by a space.'),
      [
        ['fold', 'Connection in two folded lines', { fields: { Connection: 'keep-alive,\r\n Upgrade' } }],
        ['fold-before-value', 'A fold before the value', { fields: { 'Sec-WebSocket-Version': '\r\n 13' } }],
      ],
      { references: folded },
    ),
    ...openedAndClosed(
      either('It read LF as the end of a line, as RFC 9112 §2.2 allows.'),
      [
        ['bare-lf', 'One line that ends in LF', { raw: inPlaceOfKey(`X-Other: a\n${keyLine}`) }],
        ['bare-lf-everywhere', 'All lines end in LF', { raw: `${requestLines.join('\n')}\n\n` }],
      ],
      { level: 'may', references: bareLf },
    ),
    ...openedAndClosed(
      either('It ignored the CR, or replaced it by a space.'),
      [['cr-cr-lf', 'CR CR LF at the end of a line', { raw: head(...requestLines, 'X-Other: a\r') }]],
      { level: 'may', references: bareCr },
    ),
    ...openedAndClosed(
      [
        ...refused.filter(({ verdict }) => verdict !== 'fail'),
        {
          verdict: 'fail',
          reason: 'It read an underscore as a hyphen, or does not require the key.',
          when: { status: 101 },
        },
      ],
      [
        [
          'underscores',
          'Underscores for the hyphens of the key',
          { fields: { 'Sec-WebSocket-Key': null, Sec_WebSocket_Key: '{key}' } },
        ],
      ],
      {
        references: keyField,
        why: 'CGI gateways confuse both. A proxy that removes or checks a field does not look for the other name.',
      },
    ),
    ...accepted(
      [
        [
          'lower-case-names',
          'Names in lower case',
          {
            raw: head(
              'GET {path} HTTP/1.1',
              'host: {host}',
              'upgrade: websocket',
              'connection: Upgrade',
              'sec-websocket-key: {key}',
              'sec-websocket-version: 13',
            ),
          },
        ],
        [
          'upper-case-names',
          'Names in capitals',
          {
            raw: head(
              'GET {path} HTTP/1.1',
              'HOST: {host}',
              'UPGRADE: websocket',
              'CONNECTION: Upgrade',
              'SEC-WEBSOCKET-KEY: {key}',
              'SEC-WEBSOCKET-VERSION: 13',
            ),
          },
        ],
      ],
      { references: names, why: 'Node, browsers and proxies write names in different cases.' },
    ),
    ...accepted(
      [
        ['no-space-after-colon', 'No space after a colon', { raw: inPlaceOfKey('Sec-WebSocket-Key:{key}') }],
        ['tab-after-colon', 'A tab after a colon', { raw: inPlaceOfKey('Sec-WebSocket-Key:\t{key}') }],
        ['many-spaces', 'Spaces around each value', { raw: head(...spaced('  ')) }],
        ['many-tabs', 'Tabs and spaces around each value', { raw: head(...spaced(' \t ')) }, { level: 'should' }],
      ],
      {
        references: optionalWhiteSpace,
        why: 'White space around a value is not part of it.',
      },
    ),
    ...accepted(
      [
        ['unknown', 'An unknown field', { fields: { 'X-Unheard-Of': 'a, b; c="d' } }],
        ['empty-value', 'An unknown field without a value', { fields: { 'X-Empty': '' } }],
        ['repeated', 'An unknown field in three lines', { fields: { 'X-Other': ['a', 'b', 'a'] } }],
        ['name-of-signs', 'A name of all signs that a token can have', { fields: { "!#$%&'*+-.^_`|~": 'a' } }],
        [
          'prototype-names',
          'Fields called __proto__ and constructor',
          { raw: head(...requestLines, '__proto__: a', 'constructor: b') },
        ],
        ['cookie', 'A cookie', { fields: { Cookie: 'a=b; c=d' } }],
      ],
      { references: unknownFields, why: 'Proxies and browsers add fields that the server does not know.' },
    ),
    ...accepted(
      [
        ['not-ascii-value', 'A byte that is not ASCII', { fields: { 'X-Other': 'caf\xe9' } }],
        ['utf8-value', 'A value in UTF-8', { fields: { 'X-Other': '\xe2\x82\xac' } }],
      ],
      {
        level: 'should',
        references: rule(
          'RFC 9110 §5.5',
          'A recipient SHOULD treat other allowed octets in field content (i.e., obs-text) as opaque data.',
        ),
        why: "Cookies and people's names are sent in UTF-8. A server that decodes fields strictly refuses them.",
      },
    ),
    ...accepted(
      [
        [
          'other-order',
          'The fields in reverse',
          { raw: head(requestLines[0] ?? '', ...requestLines.slice(1).reverse()) },
        ],
      ],
      {
        references: grammarViolations,
        why: 'Clients send the fields in different orders.',
      },
    ),
    ...openedAndClosed(
      itsChoice,
      [
        ['4-kb-value', 'A value of 4 kB', { fields: { Cookie: `a=${'b'.repeat(4000)}` } }],
        ['50-fields', 'Fifty unknown fields', { fields: manyFields(50) }],
        ['200-fields', 'Two hundred unknown fields', { fields: manyFields(200) }],
      ],
      {
        level: 'policy',
        references: rule(
          'RFC 9110 §5.4',
          'A server that receives a request header field line, field value, or set of fields larger than it wishes to process MUST respond with an appropriate 4xx (Client Error) status code.',
        ),
        why: 'Cookies and tokens make heads large. A server has some limit, and reports it with a status.',
      },
    ),
    {
      name: '200-kb',
      title: 'A field of 200 kB',
      level: 'policy',
      references: rule(
        'RFC 6585 §5',
        'The 431 status code indicates that the server is unwilling to process the request because its header fields are too large.',
      ),
      why: 'Without a limit, a single client can fill the memory of a server.',
      steps: [
        open(
          followed(
            { raw: `${requestLines.join('\r\n')}\r\nX-Large: ` },
            { bytes: { text: 'a', repeat: 200_000 } },
            { bytes: '\r\n\r\n' },
          ),
        ),
        ...closing(),
      ],
      outcomes: [
        { verdict: 'pass', reason: 'It answered 431.', when: { status: 431 } },
        { verdict: 'info', reason: 'It refused the request, but not with 431.', when: { status: ['4xx', '5xx'] } },
        { verdict: 'info', reason: 'It has a higher limit.', when: { status: [101, '2xx', '3xx'] } },
        { verdict: 'info', reason: 'It ended the connection.', when: { status: 'none', end: 'any' } },
      ],
    },
  ],
)

/** A valid request with white space around each value. */
function spaced(space: string): readonly string[] {
  const [line = '', ...fieldLines] = requestLines
  return [line, ...fieldLines.map((one) => `${one.replace(': ', `:${space}`)}${space}`)]
}

function manyFields(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-Other-${i}`, `${i}`]))
}

/** The end of a connection whose request was incomplete or not a request. */
const endsIt: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It answered with an error.', when: { status: ['4xx', '5xx'] } },
  { verdict: 'pass', reason: 'It ended the connection.', when: { status: 'none', end: 'any' } },
  { verdict: 'fail', reason: 'It opened a WebSocket.', when: { status: 101 } },
]

function cutOff(raw: string): readonly Step[] {
  return [open({ raw, wait: false }), { do: 'end' }, { do: 'await', for: 'end' }]
}

const bytes: readonly Case[] = section(
  'server',
  'bytes',
  {
    references: messageParsing,
    why: 'TCP cuts bytes anywhere, and joins separate writes.',
  },
  [
    ...accepted([
      ['one-by-one', 'The head byte by byte', { chunks: 'bytes' }],
      ['cut-in-first-line', 'The head cut in its first line', { chunks: { sizes: [3, 4096] } }],
      ['random-pieces', 'The head in pieces of 1 to 8 bytes', { chunks: { seed: 1 } }],
    ]),
    {
      name: 'text-after-head',
      title: 'A text in the same write as the head',
      level: 'may',
      needs: ['echo'],
      references: rule(
        'RFC 6455 §4.1',
        "Once the client's opening handshake has been sent, the client MUST wait for a response from the server before sending any further data.",
      ),
      why: 'A client must wait, but some do not. A server that loses these bytes misreads the next frames.',
      steps: [open(followed({}, piece(text('early')))), messages(), ...closing()],
      outcomes: [
        ...echoes({ text: 'early' }),
        { verdict: 'info', reason: 'It refused the request.', when: { status: ['4xx', '5xx'] } },
        { verdict: 'info', reason: 'It ended the connection.', when: { close: 'none', end: 'any' } },
      ],
    },
    {
      name: 'refusal-closes',
      title: 'A refusal with a request in the bytes after the head',
      level: 'policy',
      references: rule(
        'RFC 9110 §7.8',
        "A client cannot begin using an upgraded protocol on the connection until it has completely sent the request message (i.e., the client can't change the protocol it is sending in the middle of a message).",
      ),
      why: 'A page can choose what its browser sends on a WebSocket. If an upgrade is refused, such bytes must not be read as a request.',
      steps: [
        open(
          followed(
            { fields: { 'Sec-WebSocket-Version': '99' } },
            { bytes: head('GET /smuggled HTTP/1.1', 'Host: localhost') },
          ),
        ),
      ],
      outcomes: [
        {
          verdict: 'pass',
          reason: 'It refused the request, and announced that it closes the connection.',
          when: { status: ['4xx', '5xx'], fields: { connection: { token: 'close' } } },
        },
        { verdict: 'pass', reason: 'It ended the connection.', when: { status: 'none', end: 'any' } },
        {
          verdict: 'info',
          reason: 'It refused the request without announcing that it closes the connection.',
          when: { status: ['4xx', '5xx'] },
        },
      ],
    },
    {
      name: 'end-in-first-line',
      title: 'A FIN in the first line',
      level: 'should',
      references: incompleteRequest,
      why: 'Each connection that a server keeps for a client that has gone is lost for others.',
      steps: cutOff('GET {path} HT'),
      outcomes: endsIt,
    },
    {
      name: 'end-in-fields',
      title: 'A FIN before the empty line',
      level: 'should',
      references: incompleteRequest,
      why: 'A server that continues without the rest of the head may miss an important field.',
      steps: cutOff(`${requestLines.join('\r\n')}\r\n`),
      outcomes: endsIt,
    },
    ...(
      [
        ['tls', 'The first bytes of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
        ['frame-without-head', 'A frame instead of a request', '\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\r\n\r\n'],
        ['words', 'Words that are not HTTP', 'HELO example.com\r\n\r\n'],
      ] as const
    ).map(([name, title, raw]) => ({
      name,
      title,
      level: 'should' as const,
      references: notHttp,
      why: 'Port scanners and clients of other protocols send this every day.',
      steps: [open({ raw, wait: false }), { do: 'end' } as const, { do: 'await', for: 'end' } as const],
      outcomes: endsIt,
    })),
    {
      name: 'reopened',
      title: 'A plain request on the open WebSocket',
      references: unmaskedFrame,
      why: 'After the 101 there are only frames. A server that still parses HTTP can be made to answer requests.',
      steps: [
        open(),
        // "GE" is a header that announces 69 bytes. All of them arrive, for servers that check a frame only at its end.
        {
          do: 'send',
          pieces: [{ bytes: head('GET / HTTP/1.1', 'Host: localhost', `User-Agent: ${'a'.repeat(69)}`) }],
        },
        closeFrame(),
      ],
      outcomes: [
        { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { status: 101, close: 1002 } },
        {
          verdict: 'warn',
          reason: 'It closed the connection, but not with 1002.',
          when: { status: 101, close: [1003, 1007, 1008, 1009, 1011] },
        },
        {
          verdict: 'warn',
          reason: 'It ended the connection without a Close.',
          when: { status: 101, close: 'none', end: 'any' },
        },
      ],
    },
  ],
)

/** The cases of the grammar of fields, and of how the bytes arrive. */
export const httpServerFields: readonly Case[] = [...fields, ...bytes]
