/**
 * The fields of an opening request as a server reads them: `Upgrade`, `Connection`, `Sec-WebSocket-Key` and
 * `Sec-WebSocket-Version`.
 *
 * @module
 */

import type { Case, Outcome, Reference } from '../testing/case.ts'
import { type CaseInit, open, section } from './build.ts'
import {
  accepted,
  either,
  ignored,
  openAndClose,
  openedAndClosed,
  openings,
  opens,
  type Row,
  refused,
} from './opening.ts'
import {
  combinedLines,
  emptyElements,
  grammarViolations,
  keyField,
  notIndicated,
  nullSubprotocol,
  rule,
  unknownVersion,
  unlistedExtensions,
} from './opening-rules.ts'

const upgradeField = rule(
  'RFC 6455 §4.2.1',
  'An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value.',
)
const upgradeList = rule(
  'RFC 9110 §7.8',
  'A client MAY send a list of protocol names in the Upgrade header field of a request to invite the server to switch to one or more of the named protocols, in order of descending preference, before sending the final response.',
)
/** For this reason a list can only be a should. */
const upgradeIgnored = rule(
  'RFC 9110 §7.8',
  'A server MAY ignore a received Upgrade header field if it wishes to continue using the current protocol on that connection.',
)
const connectionField = rule(
  'RFC 6455 §4.2.1',
  'A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive value.',
)
const keyGrammar = rule('RFC 6455 §4.3', 'Sec-WebSocket-Key = base64-value-non-empty')
const notDecoded = rule(
  'RFC 6455 §4.2.2',
  'It is not necessary for the server to base64-decode the |Sec-WebSocket-Key| value.',
)
const keyOnce = rule(
  'RFC 6455 §11.3.1',
  'The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request.',
)
const versionField = rule('RFC 6455 §4.2.1', 'A |Sec-WebSocket-Version| header field, with a value of 13.')
const versionGrammar = rule(
  'RFC 6455 §4.3',
  'version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT) ; Limited to 0-255 range, with no leading zeros',
)
const versionOnce = rule(
  'RFC 6455 §11.3.5',
  'However, the |Sec-WebSocket-Version| header field MUST NOT appear more than once in an HTTP request.',
)

const upgrade: readonly Case[] = section(
  'server',
  'upgrade',
  {
    references: upgradeField,
    why: 'The field names the protocols that the client wants. A server that reads it too narrowly refuses correct clients and proxies.',
  },
  [
    ...accepted([
      ['capitals', 'Upgrade: WEBSOCKET', { fields: { Upgrade: 'WEBSOCKET' } }],
      ['registered-case', 'Upgrade: WebSocket, the registered form', { fields: { Upgrade: 'WebSocket' } }],
    ]),
    ...accepted(
      [
        ['empty-element-before', 'Upgrade: , websocket', { fields: { Upgrade: ', websocket' } }],
        ['empty-element-after', 'Upgrade: websocket,', { fields: { Upgrade: 'websocket,' } }],
      ],
      { references: [...emptyElements, ...upgradeIgnored], level: 'should' },
    ),
    ...accepted(
      [
        ['second-of-two', 'Upgrade: foo/2, websocket', { fields: { Upgrade: 'foo/2, websocket' } }],
        ['first-of-two', 'Upgrade: websocket, foo/2', { fields: { Upgrade: 'websocket, foo/2' } }],
        ['in-second-line', 'Two lines: foo, then websocket', { fields: { Upgrade: ['foo', 'websocket'] } }],
      ],
      { references: [...upgradeList, ...upgradeIgnored], level: 'should' },
    ),
    ...openings(ignored, [
      ['missing', 'No Upgrade', { fields: { Upgrade: null } }],
      ['empty', 'An empty Upgrade', { fields: { Upgrade: '' } }],
      ['other-protocol', 'Upgrade: h2c', { fields: { Upgrade: 'h2c' } }],
      ['longer-name', 'Upgrade: websockets', { fields: { Upgrade: 'websockets' } }],
      ['shorter-name', 'Upgrade: websocke', { fields: { Upgrade: 'websocke' } }],
      ['name-within', 'Upgrade: x-websocket', { fields: { Upgrade: 'x-websocket' } }],
      ['quoted', 'Upgrade: "websocket"', { fields: { Upgrade: '"websocket"' } }],
      ['two-words', 'Upgrade: web socket', { fields: { Upgrade: 'web socket' } }],
      ['words-after', 'Upgrade: websocket foo, which is not a list', { fields: { Upgrade: 'websocket foo' } }],
      ['parameter', 'Upgrade: websocket;q=1, which is not a protocol', { fields: { Upgrade: 'websocket;q=1' } }],
      [
        'kelvin-sign',
        'Upgrade: websoc\u212Aet, with the Kelvin sign in UTF-8',
        { fields: { Upgrade: 'websoc\xe2\x84\xaaet' } },
        { why: 'The comparison ignores the case of ASCII only. To Unicode the Kelvin sign is a capital k.' },
      ],
      [
        'long-s',
        'Upgrade: web\u017Focket, with a long s in UTF-8',
        { fields: { Upgrade: 'web\xc5\xbfocket' } },
        { why: 'The comparison ignores the case of ASCII only. To Unicode S is the capital of a long s.' },
      ],
    ]),
    ...openedAndClosed(
      either('It read websocket/13 as websocket.'),
      [['with-version', 'Upgrade: websocket/13', { fields: { Upgrade: 'websocket/13' } }]],
      { level: 'may', why: 'The name is registered without versions. Servers compare the whole protocol or the name.' },
    ),
  ],
)

const connection: readonly Case[] = section(
  'server',
  'connection',
  {
    references: connectionField,
    why: 'The field is a list. Browsers and proxies add options to it, and write the token in different cases.',
  },
  [
    ...accepted([
      ['lower-case', 'Connection: upgrade', { fields: { Connection: 'upgrade' } }],
      ['capitals', 'Connection: UPGRADE', { fields: { Connection: 'UPGRADE' } }],
      ['second-of-two', 'Connection: keep-alive, Upgrade', { fields: { Connection: 'keep-alive, Upgrade' } }],
      ['first-of-two', 'Connection: Upgrade, keep-alive', { fields: { Connection: 'Upgrade, keep-alive' } }],
      ['no-space', 'Connection: keep-alive,Upgrade', { fields: { Connection: 'keep-alive,Upgrade' } }],
      ['tabs', 'A list with tabs around its comma', { fields: { Connection: 'keep-alive\t,\tUpgrade' } }],
      ['unknown-option', 'Connection: Upgrade, X-Hop', { fields: { Connection: 'Upgrade, X-Hop', 'X-Hop': '1' } }],
    ]),
    ...accepted(
      [['two-lines', 'Two lines: keep-alive, then Upgrade', { fields: { Connection: ['keep-alive', 'Upgrade'] } }]],
      {
        references: combinedLines,
        why: 'Lines with one name mean the same as one list. A server that reads only the first or the last line refuses correct clients.',
      },
    ),
    ...accepted(
      [
        ['empty-element-before', 'Connection: , Upgrade', { fields: { Connection: ', Upgrade' } }],
        ['empty-element-within', 'Connection: keep-alive,,Upgrade', { fields: { Connection: 'keep-alive,,Upgrade' } }],
      ],
      { references: emptyElements },
    ),
    ...openings(ignored, [
      ['missing', 'No Connection', { fields: { Connection: null } }],
      ['empty', 'An empty Connection', { fields: { Connection: '' } }],
      ['keep-alive', 'Connection: keep-alive', { fields: { Connection: 'keep-alive' } }],
      ['longer-token', 'Connection: Upgraded', { fields: { Connection: 'Upgraded' } }],
      ['token-within', 'Connection: no-upgrade', { fields: { Connection: 'no-upgrade' } }],
      ['quoted', 'Connection: "Upgrade"', { fields: { Connection: '"Upgrade"' } }],
      ['no-comma', 'Connection: keep-alive Upgrade', { fields: { Connection: 'keep-alive Upgrade' } }],
      ['parameter', 'Connection: Upgrade;x', { fields: { Connection: 'Upgrade;x' } }],
    ]),
    ...openedAndClosed(
      either('It looked only for the token Upgrade.'),
      [
        ['not-a-token', 'Connection: Upgrade, ???', { fields: { Connection: 'Upgrade, ???' } }],
        ['close', 'Connection: close, Upgrade', { fields: { Connection: 'close, Upgrade' } }],
      ],
      { level: 'may', why: 'The list has the token, and also something that a careful server may refuse.' },
    ),
  ],
)

/** Rows of keys. */
function keys(rows: readonly (readonly [name: string, title: string, key: string])[]): readonly Row[] {
  return rows.map(([name, title, value]) => [name, title, { fields: { 'Sec-WebSocket-Key': value } }])
}

const key: readonly Case[] = section(
  'server',
  'key',
  {
    references: keyField,
    why: 'The key proves that the client speaks WebSocket. A server that accepts any text can be tricked by other requests of a page.',
  },
  [
    ...openings(refused, [['missing', 'No key', { fields: { 'Sec-WebSocket-Key': null } }]]),
    ...openings(
      refused,
      keys([
        ['empty', 'An empty key', ''],
        ['alphabet', 'A character that base64 does not have', 'dGhlIHNhbXBs*SBub25jZQ=='],
        ['url-alphabet', 'The alphabet of base64url', 'dGhlIHNhbXBs-SBub25_ZQ=='],
        ['unpadded', 'No padding', 'dGhlIHNhbXBsZSBub25jZQ'],
        ['one-equals-sign', 'Half the padding', 'dGhlIHNhbXBsZSBub25jZQ='],
        ['three-equals-signs', 'Padding that is too long', 'dGhlIHNhbXBsZSBub25jZQ==='],
        ['padding-within', 'Padding in the middle', 'dGhlIHNhbXBsZSBub2==ZQ=='],
        ['quoted', 'A quoted key', '"dGhlIHNhbXBsZSBub25jZQ=="'],
        ['space-within', 'A space in the key', 'dGhlIHNhbXBs ZSBub25jZQ=='],
        ['text-after', 'A parameter after the key', 'dGhlIHNhbXBsZSBub25jZQ==;x=1'],
      ]),
      { references: [...grammarViolations, ...keyGrammar] },
    ),
    ...openings(
      refused,
      keys([
        ['5-bytes', 'A key of 5 bytes', 'c2hvcnQ='],
        ['15-bytes', 'A key of 15 bytes', 'dGhlIHNhbXBsZSBub25j'],
        ['17-bytes', 'A key of 17 bytes', 'dGhlIHNhbXBsZSBub25jZSE='],
        ['18-bytes', 'A key of 18 bytes, which has 24 characters', 'dGhlIHNhbXBsZSBub25jZSEh'],
        ['32-bytes', 'A key of 32 bytes', 'dGhlIHNhbXBsZSBub25jZXRoZSBzYW1wbGUgbm9uY2U='],
        ['hexadecimal', '16 bytes in hexadecimal', '000102030405060708090a0b0c0d0e0f'],
      ]),
      {
        level: 'should',
        references: [...keyField, ...notDecoded],
        why: 'No WebSocket client sends such a key. A server can see that without decoding: a key has 24 characters, and the last two are equals signs.',
      },
    ),
    ...openings(
      refused,
      [
        ['two-alike', 'The same key in two lines', { fields: { 'Sec-WebSocket-Key': ['{key}', '{key}'] } }],
        ['two-different', 'Two keys', { fields: { 'Sec-WebSocket-Key': ['{key}', 'AQIDBAUGBwgJCgsMDQ4PEA=='] } }],
        ['list', 'Two keys in one line', { fields: { 'Sec-WebSocket-Key': '{key}, AQIDBAUGBwgJCgsMDQ4PEA==' } }],
      ],
      { references: keyOnce, why: 'The client and the proxies in between may disagree on which key counts.' },
    ),
    ...(
      [
        ['example', 'The key of the RFC', 'dGhlIHNhbXBsZSBub25jZQ==', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
        ['zeros', 'A key of zero bytes', 'AAAAAAAAAAAAAAAAAAAAAA==', 'ICX+Yqv66kxgM0FcWaLWlFLwTAI='],
        ['slashes', 'A key full of slashes', '/////////////////////w==', 'XXpj4jYzLM2yUE0C7TIgMwTQh2g='],
        ['plus-signs', 'A key full of plus signs', '++++++++++++++++++++/A==', 'RasXu5Xeki7APtoswABERbuzjww='],
      ] as const
    ).map(([name, title, value, accept]) => ({
      name,
      title,
      steps: openAndClose({ fields: { 'Sec-WebSocket-Key': value } }),
      references: rule(
        'RFC 6455 §4.2.2',
        'The value of this header field is constructed by concatenating /key/, defined above in step 4 in Section 4.2.2, with the string "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", taking the SHA-1 hash of this concatenated value to obtain a 20-byte value and base64-encoding (see Section 4 of [RFC4648]) this 20-byte hash.',
      ),
      why: 'A wrong answer makes every client give up. The key is hashed as it was sent.',
      outcomes: [
        {
          verdict: 'pass',
          reason: `It answered with ${accept}.`,
          when: { status: 101, fields: { 'sec-websocket-accept': accept } },
        },
        { verdict: 'fail', reason: 'Its Sec-WebSocket-Accept is wrong.', when: { status: 101 } },
      ] satisfies Outcome[],
    })),
    ...accepted([['white-space', 'White space around the key', { fields: { 'Sec-WebSocket-Key': ' \t{key} \t' } }]], {
      references: rule(
        'RFC 9112 §5.1',
        'The field line value does not include that leading or trailing whitespace: OWS occurring before the first non-whitespace octet of the field line value, or after the last non-whitespace octet of the field line value, is excluded by parsers when extracting the field line value from a field line.',
      ),
      why: 'A key that is hashed with its white space gives an accept that no client accepts.',
    }),
    ...openedAndClosed(
      either('It hashed the key without decoding it (RFC 6455 §4.2.2).'),
      [
        [
          'loose-tail',
          'A key whose last unused bits are not zero',
          { fields: { 'Sec-WebSocket-Key': 'AQIDBAUGBwgJCgsMDQ4PEC==' } },
        ],
      ],
      {
        level: 'may',
        references: notDecoded,
        why: 'This is the example of RFC 6455 §4.1 itself (erratum 3150). A strict decoder refuses it.',
      },
    ),
  ],
)

const listsVersions: readonly Reference[] = [
  ...unknownVersion,
  ...rule(
    'RFC 9110 §15.5.22',
    'The server MUST send an Upgrade header field in a 426 response to indicate the required protocol(s) (Section 7.8).',
  ),
]
const withVersions = { 'sec-websocket-version': { token: '13' } } as const

/** An unknown version: the server must refuse it, with the list of versions that it knows. */
const offersOther: readonly Outcome[] = [
  {
    verdict: 'fail',
    reason: 'Its 426 lacks Upgrade, which RFC 9110 §15.5.22 requires.',
    when: { status: 426, fields: { upgrade: null } },
  },
  {
    verdict: 'pass',
    reason: 'It refused the version, and listed 13.',
    when: { status: ['4xx', '5xx'], fields: withVersions },
  },
  {
    verdict: 'fail',
    reason: 'It refused the version without a Sec-WebSocket-Version that lists the versions it supports.',
    when: { status: ['4xx', '5xx'] },
  },
  ...refused.slice(-3),
]

const version: readonly Case[] = section(
  'server',
  'version',
  {
    references: versionField,
    why: 'Later versions may use other frames. A server that guesses reads garbage, and a client that gets no list cannot try again.',
  },
  [
    ...openings(
      offersOther,
      ['1', '9', '12', '14', '25', '113', '255'].map((value) => [
        value,
        `Version ${value}`,
        { fields: { 'Sec-WebSocket-Version': value } },
      ]),
      { references: listsVersions },
    ),
    ...openings(
      [
        { verdict: 'pass', reason: 'It supports this draft as well.', when: { status: 101 } },
        ...offersOther.slice(0, -1),
      ],
      ['0', '7', '8'].map((value) => [
        value,
        `Version ${value}, a draft`,
        { fields: { 'Sec-WebSocket-Version': value } },
      ]),
      { references: listsVersions },
    ),
    ...openings(refused, [
      ['missing', 'No version', { fields: { 'Sec-WebSocket-Version': null } }],
      ['empty', 'An empty version', { fields: { 'Sec-WebSocket-Version': '' } }],
    ]),
    ...openings(
      refused,
      [
        ['leading-zero', 'Version 013', { fields: { 'Sec-WebSocket-Version': '013' } }],
        ['plus-sign', 'Version +13', { fields: { 'Sec-WebSocket-Version': '+13' } }],
        ['minus-sign', 'Version -13', { fields: { 'Sec-WebSocket-Version': '-13' } }],
        ['hexadecimal', 'Version 0xd', { fields: { 'Sec-WebSocket-Version': '0xd' } }],
        ['decimal-point', 'Version 13.0', { fields: { 'Sec-WebSocket-Version': '13.0' } }],
        ['exponent', 'Version 1.3e1', { fields: { 'Sec-WebSocket-Version': '1.3e1' } }],
        ['word', 'Version thirteen', { fields: { 'Sec-WebSocket-Version': 'thirteen' } }],
        ['text-after', 'Version 13a', { fields: { 'Sec-WebSocket-Version': '13a' } }],
        ['quoted', 'Version "13"', { fields: { 'Sec-WebSocket-Version': '"13"' } }],
        ['two-words', 'Version 1 3', { fields: { 'Sec-WebSocket-Version': '1 3' } }],
        ['256', 'Version 256', { fields: { 'Sec-WebSocket-Version': '256' } }],
        ['8-bit-wrap', 'Version 269, which is 13 in eight bits', { fields: { 'Sec-WebSocket-Version': '269' } }],
        [
          '32-bit-wrap',
          'Version 4294967309, which is 13 in 32 bits',
          { fields: { 'Sec-WebSocket-Version': '4294967309' } },
        ],
        [
          'no-break-space',
          'Version 13 in no-break spaces',
          { fields: { 'Sec-WebSocket-Version': '\xa013\xa0' } },
          { why: 'Only spaces and tabs are white space in a field. A trim that follows Unicode removes more.' },
        ],
      ],
      { references: versionGrammar, why: 'A general number parser accepts many texts as 13 that are not a version.' },
    ),
    ...openings(
      refused,
      [
        ['two-alike', 'Version 13 in two lines', { fields: { 'Sec-WebSocket-Version': ['13', '13'] } }],
        ['two-different', 'Versions 8 and 13 in two lines', { fields: { 'Sec-WebSocket-Version': ['8', '13'] } }],
        ['list', 'Version 13, 8', { fields: { 'Sec-WebSocket-Version': '13, 8' } }],
      ],
      { references: versionOnce, why: 'Only responses list versions. Recipients disagree on which of several counts.' },
    ),
    ...accepted([
      ['white-space', 'White space around the version', { fields: { 'Sec-WebSocket-Version': ' \t13\t ' } }],
    ]),
  ],
)

const fails: Outcome = { verdict: 'fail', reason: 'Its 101 does not meet the requirement.', when: { status: 101 } }

const response: readonly Case[] = section(
  'server',
  'response',
  { why: 'Clients check each of these fields, and give up at the first error.' },
  [
    {
      name: 'opens',
      title: 'A request with only the required fields',
      references: rule('RFC 6455 §4.2.2', 'A Status-Line with a 101 response code as per RFC 2616 [RFC2616].'),
      steps: openAndClose(),
      outcomes: opens,
    },
    {
      name: 'upgrade-field',
      title: 'The 101 has Upgrade: websocket, and no other protocol',
      references: rule(
        'RFC 6455 §4.2.2',
        'An |Upgrade| header field with value "websocket" as per RFC 2616 [RFC2616].',
      ),
      ...fieldCase({ upgrade: { pattern: '^[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]$' } }),
    },
    {
      name: 'connection-field',
      title: 'The 101 has the token upgrade in Connection',
      references: rule('RFC 6455 §4.2.2', 'A |Connection| header field with value "Upgrade".'),
      ...fieldCase({ connection: { token: 'upgrade' } }),
    },
    {
      name: 'one-of-two-protocols',
      title: 'The 101 names only websocket if the request offers websocket and foo/2',
      references: notIndicated,
      why: 'A server that copies the list of the request into its response claims to speak both, and clients give up.',
      level: 'must',
      steps: openAndClose({ fields: { Upgrade: 'websocket, foo/2' } }),
      outcomes: [
        {
          verdict: 'pass',
          reason: 'It named only websocket.',
          when: { status: 101, fields: { upgrade: { pattern: '^[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]$' } } },
        },
        {
          verdict: 'info',
          reason: 'It refused a request that offers two protocols (see server/upgrade/first-of-two).',
          when: { status: ['2xx', '3xx', '4xx', '5xx'] },
        },
        fails,
      ],
    },
    {
      name: 'no-subprotocol',
      title: 'Without an offer, the 101 has no Sec-WebSocket-Protocol',
      references: nullSubprotocol,
      ...fieldCase({ 'sec-websocket-protocol': null }),
    },
    {
      name: 'no-extensions',
      title: 'Without an offer, the 101 has no Sec-WebSocket-Extensions',
      references: unlistedExtensions,
      ...fieldCase({ 'sec-websocket-extensions': null }),
    },
    {
      name: 'no-content-length',
      title: 'The 101 has no Content-Length',
      references: rule(
        'RFC 9110 §8.6',
        'A server MUST NOT send a Content-Length header field in any response with a status code of 1xx (Informational) or 204 (No Content).',
      ),
      why: 'Some clients and proxies then wait for a body, or read frames as one.',
      ...fieldCase({ 'content-length': null }),
    },
    {
      name: 'no-transfer-encoding',
      title: 'The 101 has no Transfer-Encoding',
      references: rule(
        'RFC 9112 §6.1',
        'A server MUST NOT send a Transfer-Encoding header field in any response with a status code of 1xx (Informational) or 204 (No Content).',
      ),
      why: 'Some clients and proxies then read frames as chunks of a body.',
      ...fieldCase({ 'transfer-encoding': null }),
    },
    {
      name: 'plain-request',
      title: 'A plain GET without an upgrade',
      references: notIndicated,
      why: 'Health checks and browsers send plain requests to the same address. They need an HTTP response.',
      steps: [
        open({
          fields: { Upgrade: null, Connection: null, 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null },
        }),
      ],
      outcomes: ignored,
    },
    {
      name: 'websocket-fields-only',
      title: 'The Sec-WebSocket fields without Upgrade and Connection',
      references: notIndicated,
      why: 'A proxy that does not support upgrades removes both fields. It would not understand a 101.',
      steps: [open({ fields: { Upgrade: null, Connection: null } })],
      outcomes: ignored,
    },
  ],
)

/** A valid opening, judged by fields of the 101. */
function fieldCase(fields: NonNullable<Outcome['when']['fields']>): Pick<CaseInit, 'steps' | 'outcomes'> {
  return {
    steps: openAndClose(),
    outcomes: [{ verdict: 'pass', reason: 'Its 101 is correct.', when: { status: 101, fields } }, fails],
  }
}

/** The cases of the fields of an opening request, and of the 101. */
export const handshakeServer: readonly Case[] = [...upgrade, ...connection, ...key, ...version, ...response]
