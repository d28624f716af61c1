/**
 * The 101 as a client reads it: `Upgrade`, `Connection`, `Sec-WebSocket-Accept`, and the selected subprotocol and extensions.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'
import { section } from './build.ts'
import { eitherWay, givesUp, openedAndClosed, taken, takes, tried } from './opening.ts'
import { combinedLines, emptyElements, extensionGrammar, rule } from './opening-rules.ts'

const upgradeField = rule(
  'RFC 6455 §4.1',
  'If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an ASCII case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_.',
)
const connectionField = rule(
  'RFC 6455 §4.1',
  'If the response lacks a |Connection| header field or the |Connection| header field doesn\'t contain a token that is an ASCII case-insensitive match for the value "Upgrade", the client MUST _Fail the WebSocket Connection_.',
)
const acceptField = rule(
  'RFC 6455 §4.1',
  'If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept| contains a value other than the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key| (as a string, not base64-decoded) with the string "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" but ignoring any leading and trailing whitespace, the client MUST _Fail the WebSocket Connection_.',
)
const acceptOnce = rule(
  'RFC 6455 §11.3.3',
  'The |Sec-WebSocket-Accept| header MUST NOT appear more than once in an HTTP response.',
)
const extensionField = rule(
  'RFC 6455 §4.1',
  "If the response includes a |Sec-WebSocket-Extensions| header field and this header field indicates the use of an extension that was not present in the client's handshake (the server has indicated an extension not requested by the client), the client MUST _Fail the WebSocket Connection_.",
)
const subprotocolField = rule(
  'RFC 6455 §4.1',
  "If the response includes a |Sec-WebSocket-Protocol| header field and this header field indicates the use of a subprotocol that was not present in the client's handshake (the server has indicated a subprotocol not requested by the client), the client MUST _Fail the WebSocket Connection_.",
)
const subprotocolOnce = rule(
  'RFC 6455 §11.3.4',
  'However, the |Sec-WebSocket-Protocol| header field MUST NOT appear more than once in an HTTP response.',
)

const upgrade: readonly Case[] = section(
  'client',
  'upgrade',
  {
    references: upgradeField,
    why: 'Any server can send a 101. Only this field shows that a WebSocket follows.',
  },
  [
    ...tried(givesUp, [
      ['missing', 'No Upgrade', { fields: { Upgrade: null } }],
      ['empty', 'An empty Upgrade', { fields: { Upgrade: '' } }],
      ['other-protocol', 'Upgrade: h2c', { fields: { Upgrade: 'h2c' } }],
      ['longer-name', 'Upgrade: websockets', { fields: { Upgrade: 'websockets' } }],
      ['name-within', 'Upgrade: x-websocket', { fields: { Upgrade: 'x-websocket' } }],
      ['quoted', 'Upgrade: "websocket"', { fields: { Upgrade: '"websocket"' } }],
      ['two-words', 'Upgrade: web socket', { fields: { Upgrade: 'web socket' } }],
      ['two-protocols', 'Upgrade: websocket, h2c', { fields: { Upgrade: 'websocket, h2c' } }],
      ['other-first', 'Upgrade: h2c, websocket', { fields: { Upgrade: 'h2c, websocket' } }],
      ['other-line', 'Two lines: websocket, then h2c', { fields: { Upgrade: ['websocket', 'h2c'] } }],
      ['with-version', 'Upgrade: websocket/13', { fields: { Upgrade: 'websocket/13' } }],
      [
        'kelvin-sign',
        'Upgrade: websoc\u212Aet, with the Kelvin sign in UTF-8',
        { fields: { Upgrade: 'websoc\xe2\x84\xaaet' } },
        { why: 'The comparison ignores the case of ASCII only. To Unicode the Kelvin sign is a capital k.' },
      ],
    ]),
    ...taken([
      ['capitals', 'Upgrade: WEBSOCKET', { fields: { Upgrade: 'WEBSOCKET' } }],
      ['registered-case', 'Upgrade: WebSocket, the registered form', { fields: { Upgrade: 'WebSocket' } }],
    ]),
    ...tried(
      eitherWay('It read the list as its one protocol.'),
      [
        ['twice', 'Two lines of websocket', { fields: { Upgrade: ['websocket', 'websocket'] } }],
        ['empty-element', 'Upgrade: , websocket', { fields: { Upgrade: ', websocket' } }],
      ],
      { level: 'may', why: 'As a list of HTTP it is one protocol. As the value of RFC 6455 it does not match.' },
    ),
  ],
)

const connection: readonly Case[] = section(
  'client',
  'connection',
  {
    references: connectionField,
    why: 'The field is a list to which proxies add options. Without the token, the 101 is not meant for this hop.',
  },
  [
    ...tried(givesUp, [
      ['missing', 'No Connection', { fields: { Connection: null } }],
      ['empty', 'An empty Connection', { fields: { Connection: '' } }],
      ['keep-alive', 'Connection: keep-alive', { fields: { Connection: 'keep-alive' } }],
      ['close', 'Connection: close', { fields: { Connection: 'close' } }],
      ['longer-token', 'Connection: Upgraded', { fields: { Connection: 'Upgraded' } }],
      ['token-within', 'Connection: no-upgrade', { fields: { Connection: 'no-upgrade' } }],
      ['no-comma', 'Connection: keep-alive Upgrade', { fields: { Connection: 'keep-alive Upgrade' } }],
    ]),
    ...taken([
      ['lower-case', 'Connection: upgrade', { fields: { Connection: 'upgrade' } }],
      ['capitals', 'Connection: UPGRADE', { fields: { Connection: 'UPGRADE' } }],
      ['second-of-two', 'Connection: keep-alive, Upgrade', { fields: { Connection: 'keep-alive, Upgrade' } }],
      ['first-of-two', 'Connection: Upgrade, keep-alive', { fields: { Connection: 'Upgrade, keep-alive' } }],
      ['no-space', 'Connection: keep-alive,Upgrade', { fields: { Connection: 'keep-alive,Upgrade' } }],
      ['two-lines', 'Two lines: keep-alive, then Upgrade', { fields: { Connection: ['keep-alive', 'Upgrade'] } }],
    ]),
    ...taken([['empty-element', 'Connection: , Upgrade', { fields: { Connection: ', Upgrade' } }]], {
      references: emptyElements,
    }),
    ...tried(
      eitherWay('It looked only for the token Upgrade.'),
      [['close-too', 'Connection: Upgrade, close', { fields: { Connection: 'Upgrade, close' } }]],
      { level: 'may', why: 'The list has the token, and also announces the end of the connection.' },
    ),
  ],
)

const accept: readonly Case[] = section(
  'client',
  'accept',
  {
    references: acceptField,
    why: 'Only a WebSocket server computes this value. A client that does not compare it can be connected to any server.',
  },
  [
    ...tried(givesUp, [
      ['missing', 'No Sec-WebSocket-Accept', { fields: { 'Sec-WebSocket-Accept': null } }],
      ['empty', 'An empty Sec-WebSocket-Accept', { fields: { 'Sec-WebSocket-Accept': '' } }],
      ['key', 'The key itself as the value', { fields: { 'Sec-WebSocket-Accept': '{key}' } }],
      [
        'other-key',
        'The value for another key',
        { fields: { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' } },
      ],
      ['longer', 'The value with one more letter', { fields: { 'Sec-WebSocket-Accept': '{accept}A' } }],
      ['letter-before', 'A letter before the value', { fields: { 'Sec-WebSocket-Accept': 'A{accept}' } }],
      ['more-padding', 'The value with more padding', { fields: { 'Sec-WebSocket-Accept': '{accept}=' } }],
      ['quoted', 'The value in quotes', { fields: { 'Sec-WebSocket-Accept': '"{accept}"' } }],
      ['parameter', 'A parameter after the value', { fields: { 'Sec-WebSocket-Accept': '{accept};x=1' } }],
      [
        'list',
        'The value and another one in one line',
        { fields: { 'Sec-WebSocket-Accept': '{accept}, s3pPLMBiTxaQ9kYGzzhZRbK+xOo=' } },
      ],
    ]),
    ...tried(
      givesUp,
      [
        ['two-alike', 'The value in two lines', { fields: { 'Sec-WebSocket-Accept': ['{accept}', '{accept}'] } }],
        [
          'right-then-wrong',
          'The value, then a wrong one',
          { fields: { 'Sec-WebSocket-Accept': ['{accept}', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='] } },
        ],
        [
          'wrong-then-right',
          'A wrong value, then the right one',
          { fields: { 'Sec-WebSocket-Accept': ['s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', '{accept}'] } },
        ],
      ],
      {
        references: [...acceptField, ...combinedLines, ...acceptOnce],
        why: 'A recipient that reads the first line and one that reads the last line see different answers.',
      },
    ),
    ...taken([
      ['white-space', 'White space around the value', { fields: { 'Sec-WebSocket-Accept': ' \t{accept}\t ' } }],
    ]),
  ],
)

const subprotocol: readonly Case[] = section(
  'client',
  'subprotocol',
  {
    references: subprotocolField,
    why: 'A client and a server with different subprotocols misread each other from the first message on.',
  },
  [
    ...tried(givesUp, [
      ['not-offered', 'A subprotocol that was not offered', { fields: { 'Sec-WebSocket-Protocol': 'x-unheard-of' } }],
      [
        'prototype-name',
        'The subprotocol constructor, which was not offered',
        { fields: { 'Sec-WebSocket-Protocol': 'constructor' } },
      ],
    ]),
    ...tried(givesUp, [['empty', 'An empty subprotocol', { fields: { 'Sec-WebSocket-Protocol': '' } }]], {
      level: 'should',
      references: rule(
        'RFC 6455 §4.2.2',
        'The empty string is not the same as the null value for these purposes and is not a legal value for this field.',
      ),
    }),
    ...taken(
      [['offered', 'The first offered subprotocol', { fields: { 'Sec-WebSocket-Protocol': '{subprotocol}' } }]],
      {
        needs: ['subprotocol'],
      },
    ),
    ...tried(
      givesUp,
      [
        [
          'list',
          'An offered subprotocol and another one',
          { fields: { 'Sec-WebSocket-Protocol': '{subprotocol}, x-unheard-of' } },
        ],
        [
          'parameter',
          'An offered subprotocol with a parameter',
          { fields: { 'Sec-WebSocket-Protocol': '{subprotocol};v=1' } },
        ],
        [
          'longer',
          'An offered subprotocol with one more letter',
          { fields: { 'Sec-WebSocket-Protocol': '{subprotocol}x' } },
        ],
      ],
      { needs: ['subprotocol'] },
    ),
    ...tried(
      givesUp,
      [
        [
          'other-line',
          'An offered subprotocol, then another one in a second line',
          { fields: { 'Sec-WebSocket-Protocol': ['{subprotocol}', 'x-unheard-of'] } },
        ],
      ],
      { needs: ['subprotocol'], references: [...subprotocolField, ...subprotocolOnce] },
    ),
    ...tried(
      givesUp,
      [
        [
          'two-alike',
          'An offered subprotocol in two lines',
          { fields: { 'Sec-WebSocket-Protocol': ['{subprotocol}', '{subprotocol}'] } },
        ],
      ],
      {
        level: 'should',
        needs: ['subprotocol'],
        references: subprotocolOnce,
        why: 'The server breaks its rule. A client need not check that, because both lines name what it offered.',
      },
    ),
    ...openedAndClosed(
      [
        ...takes.slice(0, 1),
        { verdict: 'info', reason: 'It gave up, as browsers do.', when: { close: 'none', end: 'any' } },
      ],
      [['none', 'No subprotocol, although some were offered', { fields: { 'Sec-WebSocket-Protocol': null } }]],
      {
        level: 'policy',
        needs: ['subprotocol'],
        references: rule(
          'RFC 6455 §4.2.2',
          'The absence of such a field is equivalent to the null value (meaning that if the server does not wish to agree to one of the suggested subprotocols, it MUST NOT send back a |Sec-WebSocket-Protocol| header field in its response).',
        ),
        why: 'RFC 6455 allows the connection. Browsers fail it.',
      },
    ),
  ],
)

const extensions: readonly Case[] = section(
  'client',
  'extensions',
  {
    references: extensionField,
    why: 'An extension changes the meaning of frames. A client that opens without knowing it reads garbage.',
  },
  [
    ...tried(givesUp, [
      ['not-offered', 'An unknown extension', { fields: { 'Sec-WebSocket-Extensions': 'x-unheard-of' } }],
      [
        'not-offered-parameters',
        'An unknown extension with a parameter',
        { fields: { 'Sec-WebSocket-Extensions': 'x-unheard-of; a=1' } },
      ],
      ['prototype-name', 'An extension called constructor', { fields: { 'Sec-WebSocket-Extensions': 'constructor' } }],
      ['two-not-offered', 'Two unknown extensions', { fields: { 'Sec-WebSocket-Extensions': 'x-one, x-two' } }],
      [
        'longer-name',
        'The extension permessage-deflate2',
        { fields: { 'Sec-WebSocket-Extensions': 'permessage-deflate2' } },
      ],
    ]),
    ...tried(
      givesUp,
      [
        ['empty', 'An empty field', { fields: { 'Sec-WebSocket-Extensions': '' } }],
        ['comma', 'Only a comma', { fields: { 'Sec-WebSocket-Extensions': ',' } }],
        ['no-name', 'A parameter without an extension', { fields: { 'Sec-WebSocket-Extensions': '; a=1' } }],
        ['quote-open', 'A quote that does not end', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b' } }],
      ],
      { references: extensionGrammar },
    ),
  ],
)

/** The cases of the fields of a 101, as a client reads them. */
export const handshakeClientResponse: readonly Case[] = [
  ...upgrade,
  ...connection,
  ...accept,
  ...subprotocol,
  ...extensions,
]
