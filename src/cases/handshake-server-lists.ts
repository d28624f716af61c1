/**
 * A client's offers as a server reads them: subprotocols, the grammar of extensions, and the origin.
 *
 * @module
 */

import type { Case, Outcome, Reference } from '../testing/case.ts'
import { section } from './build.ts'
import { itsChoice, openedAndClosed, openings, refused } from './opening.ts'
import {
  chosenSubprotocol,
  emptyElements,
  extensionGrammar,
  grammarViolations,
  nullSubprotocol,
  rule,
  subprotocolElements,
  unlistedExtensions,
} from './opening-rules.ts'

const tokens = rule('RFC 6455 §4.3', 'Sec-WebSocket-Protocol-Client = 1#token')

/** None of the offered subprotocols, or exactly one of them. */
function oneOf(...offered: readonly string[]): readonly Outcome[] {
  return [
    {
      verdict: 'pass',
      reason: 'It chose none of the subprotocols.',
      when: { status: 101, fields: { 'sec-websocket-protocol': null }, close: [1000, 'empty'] },
    },
    ...offered.map(
      (one): Outcome => ({
        verdict: 'pass',
        reason: `It chose ${one}, which it was offered.`,
        when: { status: 101, fields: { 'sec-websocket-protocol': one }, close: [1000, 'empty'] },
      }),
    ),
    {
      verdict: 'info',
      reason: 'It refused the request: it may require a subprotocol that it knows.',
      when: { status: '4xx' },
    },
    { verdict: 'fail', reason: 'It chose a subprotocol that it was not offered.', when: { status: 101 } },
  ]
}

type KnownOne = readonly [name: string, title: string, value: string | readonly string[], ...others: readonly string[]]

/** A server may select none of them, but nothing that was not offered (RFC 6455 §4.2.2). */
const knownOnes: readonly KnownOne[] = [
  ['known', 'A subprotocol that the server knows', '{subprotocol}'],
  ['known-second', 'A known subprotocol after an unknown one', 'x-unheard-of, {subprotocol}', 'x-unheard-of'],
  ['known-first', 'A known subprotocol before an unknown one', '{subprotocol}, x-unheard-of', 'x-unheard-of'],
  ['known-second-line', 'A known subprotocol in a second line', ['x-unheard-of', '{subprotocol}'], 'x-unheard-of'],
  ['known-after-empty', 'A known subprotocol after empty elements', ',,{subprotocol}'],
]

const knownRules: Readonly<Record<string, readonly Reference[]>> = {
  'known-second-line': rule(
    'RFC 6455 §11.3.4',
    'The |Sec-WebSocket-Protocol| header field MAY appear multiple times in an HTTP request (which is logically the same as a single |Sec-WebSocket-Protocol| header field that contains all values).',
  ),
  'known-after-empty': emptyElements,
}

function knownOr(others: readonly string[]): readonly Outcome[] {
  return [
    {
      verdict: 'pass',
      reason: 'It chose the subprotocol that it knows.',
      when: { status: 101, fields: { 'sec-websocket-protocol': '{subprotocol}' }, close: [1000, 'empty'] },
    },
    ...others.map(
      (other): Outcome => ({
        verdict: 'info',
        reason: `It chose ${other}, which it was offered as well.`,
        when: { status: 101, fields: { 'sec-websocket-protocol': other } },
      }),
    ),
    {
      verdict: 'warn',
      reason: 'It selected none, which is allowed, but it knows one of them.',
      when: { status: 101, fields: { 'sec-websocket-protocol': null } },
    },
    {
      verdict: 'warn',
      reason: 'It refused the request, although it knows one of its subprotocols.',
      when: { status: '4xx' },
    },
  ]
}

/** The same for lists whose empty element is the most likely reason for a refusal. */
const readsEmptyElements: readonly Outcome[] = oneOf('x-one', 'x-two').map((outcome) =>
  outcome.verdict === 'info'
    ? {
        ...outcome,
        verdict: 'warn',
        reason: 'It refused the request: it cannot read an empty element, or requires a subprotocol that it knows.',
      }
    : outcome,
)

/** A list that breaks its grammar. A server without subprotocols may not read it. */
function malformed(field: 'sec-websocket-protocol' | 'sec-websocket-extensions'): readonly Outcome[] {
  return [
    {
      verdict: 'warn',
      reason: 'It ignored a list that it must refuse, and selected nothing from it.',
      when: { status: 101, fields: { [field]: null } },
    },
    ...refused,
  ]
}

const subprotocol: readonly Case[] = section(
  'server',
  'subprotocol',
  {
    references: nullSubprotocol,
    why: 'A client gives up if the 101 names anything that it did not offer, letter for letter.',
  },
  [
    ...openedAndClosed(oneOf('x-unheard-of'), [
      ['unknown', 'An unknown subprotocol', { fields: { 'Sec-WebSocket-Protocol': 'x-unheard-of' } }],
    ]),
    ...openedAndClosed(oneOf('x-one', 'x-two'), [
      ['two', 'Two subprotocols in one line', { fields: { 'Sec-WebSocket-Protocol': 'x-one, x-two' } }],
      ['two-lines', 'Two lines of subprotocols', { fields: { 'Sec-WebSocket-Protocol': ['x-one', 'x-two'] } }],
      ['tabs', 'Tabs around the comma', { fields: { 'Sec-WebSocket-Protocol': 'x-one\t,\tx-two' } }],
      ['no-space', 'No space after the comma', { fields: { 'Sec-WebSocket-Protocol': 'x-one,x-two' } }],
    ]),
    ...openedAndClosed(
      readsEmptyElements,
      [
        ['empty-element-before', 'An empty element first', { fields: { 'Sec-WebSocket-Protocol': ', x-one, x-two' } }],
        [
          'empty-element-within',
          'An empty element between two',
          { fields: { 'Sec-WebSocket-Protocol': 'x-one,,x-two' } },
        ],
        ['empty-element-after', 'An empty element last', { fields: { 'Sec-WebSocket-Protocol': 'x-one, x-two,' } }],
      ],
      { references: emptyElements },
    ),
    ...openedAndClosed(oneOf("!#$%&'*+-.^_`|~"), [
      [
        'every-sign',
        'A subprotocol of all the signs that a token can have',
        { fields: { 'Sec-WebSocket-Protocol': "!#$%&'*+-.^_`|~" } },
        { references: tokens },
      ],
    ]),
    ...openedAndClosed(
      oneOf('__proto__', 'constructor', 'toString'),
      [
        [
          'prototype-names',
          'Subprotocols called __proto__, constructor and toString',
          { fields: { 'Sec-WebSocket-Protocol': '__proto__, constructor, toString' } },
        ],
      ],
      { why: 'They are tokens like any other. A server that stores its subprotocols in an object finds them there.' },
    ),
    ...openedAndClosed(
      [...oneOf('x-one').slice(0, 2), { verdict: 'info', reason: 'It refused the request.', when: { status: '4xx' } }],
      [['twice', 'The same subprotocol twice', { fields: { 'Sec-WebSocket-Protocol': 'x-one, x-one' } }]],
      {
        level: 'may',
        references: subprotocolElements,
        why: 'The client breaks its rule. A server may refuse it, or use the first.',
      },
    ),
    ...openings(
      malformed('sec-websocket-protocol'),
      [
        ['empty', 'An empty field', { fields: { 'Sec-WebSocket-Protocol': '' } }],
        ['commas', 'Only commas', { fields: { 'Sec-WebSocket-Protocol': ', ,' } }],
        ['two-words', 'Two words without a comma', { fields: { 'Sec-WebSocket-Protocol': 'super chat' } }],
        ['slash', 'A slash in a subprotocol', { fields: { 'Sec-WebSocket-Protocol': 'chat/2' } }],
        ['semicolon', 'A subprotocol with a parameter', { fields: { 'Sec-WebSocket-Protocol': 'chat;v=2' } }],
        ['quoted', 'A quoted subprotocol', { fields: { 'Sec-WebSocket-Protocol': '"chat"' } }],
        ['brackets', 'Brackets in a subprotocol', { fields: { 'Sec-WebSocket-Protocol': 'chat[2]' } }],
        ['at-sign', 'An at sign in a subprotocol', { fields: { 'Sec-WebSocket-Protocol': 'chat@2' } }],
        ['not-ascii', 'A byte in a subprotocol that is not ASCII', { fields: { 'Sec-WebSocket-Protocol': 'ch\xe4t' } }],
        [
          'second-bad',
          'A valid subprotocol, then an invalid one',
          { fields: { 'Sec-WebSocket-Protocol': 'chat, b a d' } },
        ],
      ],
      {
        references: [...grammarViolations, ...tokens],
        why: 'Only a token fits into the 101. A server that copies anything else breaks its own head.',
      },
    ),
    ...knownOnes.flatMap(([name, title, value, ...others]) =>
      openedAndClosed(knownOr(others), [[name, title, { fields: { 'Sec-WebSocket-Protocol': value } }]], {
        needs: ['subprotocol'],
        references: knownRules[name] ?? chosenSubprotocol,
        why: 'Clients that need a subprotocol give up without it.',
      }),
    ),
  ],
)

const extensionList = rule(
  'RFC 6455 §9.1',
  'Note that like other HTTP header fields, this header field MAY be split or combined across multiple lines.',
)

/** None of the offered extensions exists. */
const noneAgreed: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It opened without an extension.',
    when: { status: 101, fields: { 'sec-websocket-extensions': null }, close: [1000, 'empty'] },
  },
  { verdict: 'fail', reason: 'It agreed on an extension that does not exist.', when: { status: 101 } },
]

const extensions: readonly Case[] = section(
  'server',
  'extensions',
  {
    references: unlistedExtensions,
    why: 'Clients offer extensions that only they know. A server ignores them.',
  },
  [
    ...openedAndClosed(noneAgreed, [
      ['unknown', 'An unknown extension', { fields: { 'Sec-WebSocket-Extensions': 'x-one' } }],
      [
        'unknown-parameters',
        'An unknown extension with parameters',
        { fields: { 'Sec-WebSocket-Extensions': 'x-one; a=1; b' } },
      ],
      [
        'repeated-parameter',
        'An unknown extension with a parameter twice',
        { fields: { 'Sec-WebSocket-Extensions': 'x-one; a=1; a=2' } },
      ],
      ['same-twice', 'The same extension twice', { fields: { 'Sec-WebSocket-Extensions': 'x-one, x-one; a=1' } }],
      [
        'every-sign',
        'An extension name of all the signs that a token can have',
        { fields: { 'Sec-WebSocket-Extensions': "!#$%&'*+-.^_`|~" } },
      ],
      [
        'prototype-names',
        'An extension called __proto__ with a parameter called constructor',
        { fields: { 'Sec-WebSocket-Extensions': '__proto__; constructor=1, toString' } },
        { why: 'They are tokens like any other. A server that stores its extensions in an object finds them there.' },
      ],
    ]),
    ...openedAndClosed(
      noneAgreed,
      [
        ['two', 'Two extensions in one line', { fields: { 'Sec-WebSocket-Extensions': 'x-one, x-two; a=1' } }],
        ['two-lines', 'Two lines of extensions', { fields: { 'Sec-WebSocket-Extensions': ['x-one', 'x-two; a=1'] } }],
      ],
      { references: extensionList },
    ),
    ...openedAndClosed(
      noneAgreed,
      [
        ['empty-element-before', 'An empty element first', { fields: { 'Sec-WebSocket-Extensions': ', x-one' } }],
        [
          'empty-element-within',
          'An empty element between two',
          { fields: { 'Sec-WebSocket-Extensions': 'x-one,, x-two' } },
        ],
        ['empty-element-after', 'An empty element last', { fields: { 'Sec-WebSocket-Extensions': 'x-one,' } }],
      ],
      { references: emptyElements },
    ),
    ...openedAndClosed(
      noneAgreed,
      [
        ['quoted-value', 'A quoted value', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b"' } }],
        [
          'escaped-value',
          'A quoted value with a backslash',
          { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b\\c"' } },
        ],
      ],
      {
        references: rule('RFC 6455 §9.1', 'extension-param = token [ "=" (token | quoted-string) ]'),
        why: 'A quoted value means the same as the value without quotes.',
      },
    ),
    ...openedAndClosed(
      noneAgreed,
      [
        [
          'space-before-semicolon',
          'A space before the semicolon',
          { fields: { 'Sec-WebSocket-Extensions': 'x-one ; a=1' } },
        ],
        ['no-space', 'No space after the semicolon', { fields: { 'Sec-WebSocket-Extensions': 'x-one;a=1,x-two' } }],
        ['tabs', 'Tabs for spaces', { fields: { 'Sec-WebSocket-Extensions': 'x-one\t;\ta=1\t,\tx-two' } }],
        [
          'space-around-equals',
          'Spaces around the equals sign',
          { fields: { 'Sec-WebSocket-Extensions': 'x-one; a = 1' } },
        ],
      ],
      {
        level: 'should',
        references: rule(
          'RFC 6455 §9.1',
          'Note that this section is using ABNF syntax/rules from [RFC2616], including the "implied *LWS rule".',
        ),
        why: 'White space is allowed between any two tokens of the grammar.',
      },
    ),
    ...openings(
      malformed('sec-websocket-extensions'),
      [
        ['empty', 'An empty field', { fields: { 'Sec-WebSocket-Extensions': '' } }],
        ['comma', 'Only a comma', { fields: { 'Sec-WebSocket-Extensions': ',' } }],
        ['no-name', 'A parameter without an extension', { fields: { 'Sec-WebSocket-Extensions': '; a=1' } }],
        ['equals-sign-only', 'A parameter without a name', { fields: { 'Sec-WebSocket-Extensions': 'x-one; =1' } }],
        [
          'no-value',
          'A parameter that ends after its equals sign',
          { fields: { 'Sec-WebSocket-Extensions': 'x-one; a=' } },
        ],
        ['semicolon-after', 'A semicolon at the end', { fields: { 'Sec-WebSocket-Extensions': 'x-one;' } }],
        ['two-semicolons', 'Two semicolons', { fields: { 'Sec-WebSocket-Extensions': 'x-one;; a=1' } }],
        ['two-names', 'Two names without a comma', { fields: { 'Sec-WebSocket-Extensions': 'x-one x-two' } }],
        ['two-values', 'Two values', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a=b c' } }],
        ['slash', 'A slash in the name of an extension', { fields: { 'Sec-WebSocket-Extensions': 'x-one/2' } }],
        ['quoted-name', 'A quoted name of an extension', { fields: { 'Sec-WebSocket-Extensions': '"x-one"' } }],
        ['quoted-space', 'A quoted value with a space', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b c"' } }],
        ['quoted-comma', 'A quoted value with a comma', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b,c"' } }],
        ['quoted-empty', 'An empty quoted value', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a=""' } }],
        ['quote-open', 'A quote that does not end', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b' } }],
        ['quote-text-after', 'Text after a quoted value', { fields: { 'Sec-WebSocket-Extensions': 'x-one; a="b"c' } }],
        ['not-ascii', 'A byte that is not ASCII', { fields: { 'Sec-WebSocket-Extensions': 'x-\xf6ne' } }],
      ],
      {
        references: extensionGrammar,
        why: 'Recipients that repair a broken list disagree on what it offers.',
      },
    ),
  ],
)

const origin: readonly Case[] = section(
  'server',
  'origin',
  {
    level: 'policy',
    references: rule(
      'RFC 6455 §4.2.2',
      'The server MAY use this information as part of a determination of whether to accept the incoming connection.',
    ),
    why: 'Any page can open a WebSocket to any server. Only the server can refuse pages of other origins.',
  },
  openedAndClosed(itsChoice, [
    ['same', 'The origin of the server itself', { fields: { Origin: 'http://{host}' } }],
    ['other', 'Another origin', { fields: { Origin: 'https://elsewhere.example' } }],
    ['null', 'Origin: null, of sandboxed pages and local files', { fields: { Origin: 'null' } }],
    ['malformed', 'An origin that no browser writes', { fields: { Origin: 'elsewhere.example/path' } }],
    [
      'two',
      "Two lines, the server's own origin first",
      { fields: { Origin: ['http://{host}', 'https://elsewhere.example'] } },
    ],
  ]),
)

/** The cases of a client's offers, as a server reads them. */
export const handshakeServerLists: readonly Case[] = [...subprotocol, ...extensions, ...origin]
