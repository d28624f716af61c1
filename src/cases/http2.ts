/**
 * The opening handshake over HTTP/2, with extended CONNECT, for servers and for clients.
 *
 * @module
 */

import type { Case, FieldCondition, Outcome } from '../testing/case.ts'
import {
  type CaseInit,
  closing,
  echoes,
  failsWith,
  messages,
  open,
  ping,
  pong,
  pongs,
  refused,
  section,
  send,
  text,
} from './build.ts'
import { followed, givesUp, openAndClose, openedAndClosed, openings, takes, tried } from './opening.ts'
import { chosenSubprotocol, not101, rule, unknownVersion, unmaskedFrame } from './opening-rules.ts'

const http2 = ['http/2'] as const

const protocolField = rule(
  'RFC 8441 §5',
  'The :protocol pseudo-header field MUST be included in the CONNECT request, and it MUST have a value of "websocket" to initiate a WebSocket connection on an HTTP/2 stream.',
)
const noKey = rule(
  'RFC 8441 §5',
  'Implementations using this extended CONNECT to bootstrap WebSockets do not do the processing of the Sec-WebSocket-Key and Sec-WebSocket-Accept header fields of [RFC6455] as that functionality has been superseded by the :protocol pseudo-header field.',
)
const sameFields = rule(
  'RFC 8441 §5',
  'The Origin [RFC6454], Sec-WebSocket-Version, Sec-WebSocket-Protocol, and Sec-WebSocket-Extensions header fields are used in the CONNECT request and response-header fields as defined in [RFC6455].',
)
const asTcp = rule(
  'RFC 8441 §5',
  'After successfully processing the opening handshake, the peers should proceed with the WebSocket Protocol [RFC6455] using the HTTP/2 stream from the CONNECT transaction as if it were the TCP connection referred to in [RFC6455].',
)
const noUpgrade = rule(
  'RFC 8441 §5',
  '[RFC6455] requires the use of Connection and Upgrade header fields that are not part of HTTP/2. They MUST NOT be included in the CONNECT request defined here.',
)

const opens: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It opened the WebSocket, and answered the Close on it.',
    when: { status: '2xx', close: [1000, 'empty'] },
  },
]
const refuses: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It refused the request.', when: { status: ['4xx', 501] } },
  { verdict: 'warn', reason: 'It refused the request, but with a server error.', when: { status: '5xx' } },
  {
    verdict: 'warn',
    reason: 'It reset the stream without a response, so the client does not learn why.',
    when: { status: 'none', end: 'any' },
  },
  { verdict: 'fail', reason: 'It opened a WebSocket for a request that it must refuse.', when: { status: '2xx' } },
]

/** The cases over HTTP/2 for servers. */
export const http2Server: readonly Case[] = section(
  'server',
  'http2',
  {
    carriers: http2,
    references: protocolField,
    why: 'Browsers open WebSockets over HTTP/2 if the server offers it.',
  },
  [
    ...openedAndClosed(opens, [['opens', 'A request with only the required fields', {}]]),
    {
      name: 'echo',
      title: 'A text comes back',
      needs: ['echo'],
      references: asTcp,
      steps: [open(), send(text('Hello')), messages(), ...closing()],
      outcomes: echoes({ text: 'Hello' }),
    },
    {
      name: 'torn',
      title: 'A text in DATA frames of one byte',
      needs: ['echo'],
      references: asTcp,
      why: 'DATA frames and WebSocket frames are independent of each other.',
      steps: [
        open(),
        { do: 'send', pieces: [{ frame: { opcode: 1, payload: 'Hello' } }], chunks: 'bytes' },
        messages(),
        ...closing(),
      ],
      outcomes: echoes({ text: 'Hello' }),
    },
    {
      name: 'large',
      title: 'A binary message of 256 kB, more than a window of HTTP/2',
      needs: ['echo'],
      references: asTcp,
      why: 'Without window updates, the stream stops after 64 kB.',
      steps: [open(), send({ opcode: 2, payload: { random: 262_144, seed: 1 } }), messages(), ...closing()],
      outcomes: echoes({ binary: { random: 262_144, seed: 1 } }),
    },
    {
      name: 'ping',
      title: 'A ping is answered',
      references: asTcp,
      steps: [open(), send(ping('Hello')), pongs(), ...closing()],
      outcomes: [{ verdict: 'pass', reason: 'It answered the ping.', when: { status: '2xx', pongs: ['Hello'] } }],
    },
    {
      name: 'unmasked',
      title: 'A text that is not masked',
      references: unmaskedFrame,
      why: 'A client masks its frames over every carrier, because a WebSocket does not know its carrier.',
      steps: refused(text('Hello', { mask: false })),
      outcomes: failsWith(1002),
    },
    {
      name: 'end-of-stream',
      title: 'After both Closes the server ends the stream',
      level: 'should',
      references: rule(
        'RFC 8441 §5',
        'Orderly TCP-level closures are represented as END_STREAM flags ([RFC7540], Section 6.1).',
      ),
      why: 'A stream that is not ended occupies one of the slots of its connection.',
      steps: [...openAndClose(), { do: 'await', for: 'end' }],
      outcomes: [
        {
          verdict: 'pass',
          reason: 'It ended the stream.',
          when: { status: '2xx', close: [1000, 'empty'], end: 'any' },
        },
      ],
    },
    ...openedAndClosed(
      opens,
      [
        ['key', 'A key, which has no meaning here', { fields: { 'sec-websocket-key': '{key}' } }],
        ['bad-key', 'An invalid key', { fields: { 'sec-websocket-key': 'x' } }],
      ],
      { references: noKey, why: 'A proxy that translates between versions may leave the field in.' },
    ),
    {
      name: 'no-accept',
      title: 'The response has no Sec-WebSocket-Accept',
      level: 'should',
      references: noKey,
      steps: openAndClose({ fields: { 'sec-websocket-key': '{key}' } }),
      outcomes: [
        {
          verdict: 'pass',
          reason: 'Its response has no such field.',
          when: { status: '2xx', fields: { 'sec-websocket-accept': null } },
        },
        { verdict: 'warn', reason: 'It answered a key.', when: { status: '2xx' } },
      ],
    },
    ...openings(
      refuses,
      [
        ['other-protocol', ':protocol x-unheard-of', { fields: { ':protocol': 'x-unheard-of' } }],
        ['longer-protocol', ':protocol websockets', { fields: { ':protocol': 'websockets' } }],
      ],
      {
        level: 'should',
        references: [
          ...protocolField,
          ...rule(
            'RFC 8441 §4',
            'A new pseudo-header field :protocol MAY be included on request HEADERS indicating the desired protocol to be spoken on the tunnel created by CONNECT.',
          ),
        ],
        why: 'Other protocols use extended CONNECT too. A server that treats them as WebSocket misreads their bytes.',
      },
    ),
    ...openings(
      [
        {
          verdict: 'fail',
          reason: 'It refused the version without a list.',
          when: { status: '4xx', fields: { 'sec-websocket-version': null } },
        },
        ...refuses,
      ],
      [['version-14', 'Version 14', { fields: { 'sec-websocket-version': '14' } }]],
      {
        references: [...sameFields, ...unknownVersion],
      },
    ),
    ...openings(
      refuses,
      [
        ['no-version', 'No version', { fields: { 'sec-websocket-version': null } }],
        ['hexadecimal-version', 'Version 0xd', { fields: { 'sec-websocket-version': '0xd' } }],
      ],
      { references: sameFields },
    ),
    ...openedAndClosed(
      [
        {
          verdict: 'pass',
          reason: 'It chose the subprotocol that it knows.',
          when: { status: '2xx', fields: { 'sec-websocket-protocol': '{subprotocol}' }, close: [1000, 'empty'] },
        },
      ],
      [
        [
          'subprotocol',
          'A subprotocol that the server knows',
          { fields: { 'sec-websocket-protocol': '{subprotocol}' } },
        ],
      ],
      { level: 'should', needs: ['subprotocol'], references: [...sameFields, ...chosenSubprotocol] },
    ),
    ...openedAndClosed(
      [
        {
          verdict: 'pass',
          reason: 'It opened without an extension.',
          when: { status: '2xx', fields: { 'sec-websocket-extensions': null }, close: [1000, 'empty'] },
        },
        { verdict: 'fail', reason: 'It agreed on an extension that does not exist.', when: { status: '2xx' } },
      ],
      [['unknown-extension', 'An unknown extension', { fields: { 'sec-websocket-extensions': 'x-one; a=1' } }]],
      { references: sameFields },
    ),
    ...openings(
      [
        {
          verdict: 'warn',
          reason: 'It ignored a list that it must refuse, and selected nothing from it.',
          when: { status: '2xx', fields: { 'sec-websocket-protocol': null } },
        },
        ...refuses,
      ],
      [
        [
          'malformed-subprotocols',
          'A subprotocol that is not a token',
          { fields: { 'sec-websocket-protocol': 'a b' } },
        ],
      ],
      { references: sameFields },
    ),
  ],
)

function requestCase(
  name: string,
  title: string,
  fields: Readonly<Record<string, FieldCondition>>,
  more: Pick<CaseInit, 'references' | 'why' | 'level'>,
): CaseInit {
  return {
    ...more,
    name,
    title,
    steps: openAndClose(),
    outcomes: [{ verdict: 'pass', reason: 'Its request is correct.', when: { fields } }],
  }
}

/** The cases over HTTP/2 for clients. */
export const http2Client: readonly Case[] = section(
  'client',
  'http2',
  {
    carriers: http2,
    references: protocolField,
    why: 'Only these fields tell the server that the stream is a WebSocket.',
  },
  [
    requestCase(
      'protocol',
      'The request is a CONNECT for websocket',
      { ':method': 'CONNECT', ':protocol': 'websocket' },
      {},
    ),
    requestCase(
      'scheme-and-path',
      'The request has a scheme and a path',
      { ':scheme': { pattern: '^https?$' }, ':path': { pattern: '^/' } },
      {
        references: rule(
          'RFC 8441 §4',
          'On requests that contain the :protocol pseudo-header field, the :scheme and :path pseudo-header fields of the target URI (see Section 5) MUST also be included.',
        ),
      },
    ),
    requestCase(
      'no-upgrade',
      'There is neither Connection nor Upgrade',
      { connection: null, upgrade: null },
      { references: noUpgrade },
    ),
    requestCase(
      'no-key',
      'There is no key',
      { 'sec-websocket-key': null },
      { level: 'should', references: noKey, why: 'It has no meaning over HTTP/2, and only costs bytes.' },
    ),
    requestCase('version', 'The version is 13', { 'sec-websocket-version': '13' }, { references: sameFields }),
    {
      name: 'sound',
      title: 'A valid 200, and nothing else',
      references: asTcp,
      steps: openAndClose(),
      outcomes: takes,
    },
    {
      name: '201',
      title: '201, which is also a success',
      level: 'should',
      references: rule(
        'RFC 9110 §9.3.6',
        'Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to tunnel mode immediately after the response header section; data received after that header section is from the server identified by the request target.',
      ),
      steps: openAndClose({ fields: { ':status': '201' } }),
      outcomes: takes,
    },
    {
      name: 'text-after-head',
      title: 'A text right after the head',
      needs: ['echo'],
      references: asTcp,
      steps: [open(followed({}, { frame: text('at once') })), messages(), ...closing()],
      outcomes: echoes({ text: 'at once' }),
    },
    {
      name: 'masked',
      title: 'The text that comes back is masked',
      needs: ['echo'],
      references: rule(
        'RFC 6455 §5.1',
        'To avoid confusing network intermediaries (such as intercepting proxies) and for security reasons that are further discussed in Section 10.3, a client MUST mask all frames that it sends to the server (see Section 5.3 for further details).',
      ),
      why: 'A client masks its frames over every carrier, because a WebSocket does not know its carrier.',
      steps: [open(), send(text('Hello'), pong('unasked')), messages(), ...closing()],
      outcomes: echoes({ text: 'Hello' }),
    },
    ...tried(
      givesUp,
      [
        [
          'subprotocol-not-offered',
          'A subprotocol that was not offered',
          { fields: { 'sec-websocket-protocol': 'x-unheard-of' } },
        ],
        [
          'extension-not-offered',
          'An extension that was not offered',
          { fields: { 'sec-websocket-extensions': 'x-unheard-of' } },
        ],
      ],
      { references: sameFields },
    ),
    ...tried(
      givesUp,
      [
        ['404', '404', { fields: { ':status': '404' } }],
        ['301', '301 to another URL', { fields: { ':status': '301', location: 'https://127.0.0.1:9/' } }],
        ['500', '500', { fields: { ':status': '500' } }],
      ],
      {
        references: not101,
        why: 'Everything except a success is a plain HTTP response.',
      },
    ),
  ],
)
